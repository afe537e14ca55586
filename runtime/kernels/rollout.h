// SPDX-License-Identifier: Apache-2.0
// One head of attention rollout (core/arithmetic.md): q k^T is linear's, whose floats are these
// integers. Not for per-ISA objects: it has inline functions.
#pragma once

#include <string.h>

#include "runtime/kernels/law.h"

namespace vitro {

struct RolloutArgs {
  LinearKernel linear;  // of any ISA
  AddSoftmaxKernel add_softmax;
  const int8_t* q;  // tokens rows, q_stride apart
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

// What a token's value counts for: no product is subnormal, and none overflows.
inline float rollout_share(float v) { return v < 0x1p-40f ? 0.0f : (v > 1.0f ? 1.0f : v); }

}  // namespace law

inline void rollout_head(const RolloutArgs& a) {
  const size_t padded = (a.tokens + 15) / 16 * 16;
  int8_t* const q = static_cast<int8_t*>(a.workspace);
  float* const scale = reinterpret_cast<float*>(q + kRolloutRows * ((a.head_dim + 15) / 16 * 16));
  float *const bias = scale + padded, *const score = scale + 3 * padded;
  int32_t* const weight_sum = reinterpret_cast<int32_t*>(bias + padded);
  memset(bias, 0, 2 * padded * sizeof *bias);  // and the sums
  for (size_t j = 0; j < padded; ++j) scale[j] = 1.0f;
  for (size_t j = 0; j < a.tokens; ++j) {
    const int8_t* key = a.keys + law::keys_offset(a.tokens, a.head_dim, j, 0);
    int32_t sum = 0;
    for (size_t d = 0; d < a.head_dim; d += 4, key += 64) sum += key[0] + key[1] + key[2] + key[3];
    weight_sum[j] = sum;
  }
  memset(a.dst, 0, a.tokens * sizeof *a.dst);
  RowParams params[kRolloutRows];
  for (RowParams& p : params) p = {1.0f, 0};
  LinearArgs args{};
  args.src = q, args.src_rows = params;
  args.k = a.head_dim, args.n = a.tokens;
  args.weights = a.keys;
  args.scale = scale, args.bias = bias;
  args.weight_sum = weight_sum;
  args.output = LinearOutput::f32;
  args.dst = score, args.dst_stride = padded;
  const float all = 1.0f;  // of the first token
  const float* const v = a.v ? a.v : &all;
  const size_t rows = a.v ? a.tokens : 1;
  for (size_t first = 0; first < rows; first += kRolloutRows) {
    args.m = rows - first < kRolloutRows ? rows - first : kRolloutRows;
    for (size_t r = 0; r < args.m; ++r)
      memcpy(q + r * a.head_dim, a.q + (first + r) * a.q_stride, a.head_dim);
    a.linear(args);
    for (size_t r = 0; r < args.m; ++r) {
      const float share = law::rollout_share(v[first + r]);
      if (share > 0) a.add_softmax({score + r * padded, a.tokens, a.score_scale, share, a.dst});
    }
  }
}

}  // namespace vitro
