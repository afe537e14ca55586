// SPDX-License-Identifier: Apache-2.0
// One head of attention rollout (core/arithmetic.md). It has no kernel of its own: q k^T, nearly
// all of its work, is linear's, whose floats are these integers. Not for per-ISA objects: it has
// inline functions.
#pragma once

#include <string.h>

#include "runtime/kernels/law.h"

namespace vitro {

struct RolloutArgs {
  LinearKernel linear;  // of any ISA
  const int8_t* q;      // tokens rows, q_stride apart
  size_t q_stride;
  const int8_t* keys;  // of the head, packed
  size_t tokens, head_dim;
  float score_scale;  // at most kScoreScaleLimit / head_dim
  const float* v;     // [tokens], or null: 1 for the first, 0 for the others
  float* dst;         // [tokens]
  void* workspace;    // rollout_workspace_bytes(tokens, head_dim), 64-aligned
};

// Queries whose scores are computed at once.
constexpr size_t kRolloutRows = 12;

// The queries; a scale, a bias and a sum of weights for each token; the scores.
constexpr uint64_t rollout_workspace_bytes(uint64_t tokens, uint64_t head_dim) {
  return kRolloutRows * ((head_dim + 15) / 16 * 16) +
         (3 + kRolloutRows) * sizeof(float) * ((tokens + 15) / 16 * 16);
}

namespace law {

// Adds `share` times the softmax of a row of scores, which become weights, to dst.
inline void add_softmax(float* score, size_t tokens, float score_scale, float share, float* dst) {
  float highest = score[0];
  for (size_t j = 1; j < tokens; ++j) highest = score[j] > highest ? score[j] : highest;
  int32_t sum = 0;
  for (size_t j = 0; j < tokens; ++j) {
    const int32_t distance = static_cast<int32_t>(highest) - static_cast<int32_t>(score[j]);
    const float x = static_cast<float>(distance) * score_scale;
    const int32_t w = exp2_weight(rhe(clamp(x, 0.0f, float{kLargestExponent})));
    score[j] = static_cast<float>(w);
    sum += w;
  }
  const float factor = share / static_cast<float>(sum);
  for (size_t j = 0; j < tokens; ++j) dst[j] += factor * score[j];
}

// What a token's value counts for: no product is subnormal, and none overflows.
inline float rollout_share(float v) { return v < 0x1p-40f ? 0.0f : (v > 1.0f ? 1.0f : v); }

}  // namespace law

inline void rollout_head(const RolloutArgs& a) {
  const size_t padded = (a.tokens + 15) / 16 * 16;
  int8_t* const q = static_cast<int8_t*>(a.workspace);
  float* const scale = reinterpret_cast<float*>(q + kRolloutRows * ((a.head_dim + 15) / 16 * 16));
  float *const bias = scale + padded, *const score = scale + 3 * padded;
  int32_t* const weight_sum = reinterpret_cast<int32_t*>(bias + padded);
  for (size_t j = 0; j < padded; ++j) scale[j] = 1.0f, bias[j] = 0.0f, weight_sum[j] = 0;
  for (size_t j = 0; j < a.tokens; ++j) {
    for (size_t d = 0; d < a.head_dim; ++d)
      weight_sum[j] += a.keys[law::keys_offset(a.tokens, a.head_dim, j, d)];
    a.dst[j] = 0.0f;
  }
  RowParams params[kRolloutRows];
  for (RowParams& p : params) p = {1.0f, 0};
  const size_t rows = a.v ? a.tokens : 1;
  for (size_t first = 0; first < rows; first += kRolloutRows) {
    const size_t m = rows - first < kRolloutRows ? rows - first : kRolloutRows;
    for (size_t r = 0; r < m; ++r)
      memcpy(q + r * a.head_dim, a.q + (first + r) * a.q_stride, a.head_dim);
    LinearArgs args{};
    args.src = q, args.src_rows = params;
    args.m = m, args.k = a.head_dim, args.n = a.tokens;
    args.weights = a.keys;
    args.scale = scale, args.bias = bias;
    args.weight_sum = weight_sum;
    args.output = LinearOutput::f32;
    args.dst = score, args.dst_stride = padded;
    a.linear(args);
    for (size_t r = 0; r < m; ++r) {
      const float share = a.v ? law::rollout_share(a.v[first + r]) : 1.0f;
      if (share > 0) law::add_softmax(score + r * padded, a.tokens, a.score_scale, share, a.dst);
    }
  }
}

}  // namespace vitro
