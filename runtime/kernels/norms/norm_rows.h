// SPDX-License-Identifier: Apache-2.0
// What the kernels of every ISA that normalise share: from sums of squares to the law's reciprocal
// roots. Internal linkage.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/law_flags.h"

namespace vitro {
namespace {

// Heads measured before the first of them is scaled: that hides the latency of the horizontal sums,
// and with vectors of float the compiler divides for many heads at once.
constexpr size_t kHeadsAhead = 16;

struct NormSums {
  int32_t sum;
  int64_t squares;
};

// 1 / sqrt(v + epsilon) of a v of at most 54 bits, given as bits 24 on and those below.
VITRO_INLINE float inverse_root(int32_t high, int32_t low, float epsilon) {
  return 1.0f /
         square_root((static_cast<float>(high) * 16777216.0f + static_cast<float>(low)) + epsilon);
}

// The kernels, given an ISA's passes over a row: sums(x, dim), normalise(args, row, sum, inverse
// deviation), and scale_head(x, dim, inverse length, gain, dst).

template <auto sums, auto normalise, typename Args>
inline void norm_rows(const Args& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const NormSums s = sums(args.src + m * args.dim, args.dim);
    const int64_t v = s.squares * static_cast<int64_t>(args.dim) - int64_t{s.sum} * s.sum;
    normalise(args, m, s.sum,
              inverse_root(static_cast<int32_t>(v >> 24), static_cast<int32_t>(v & 0xffffff),
                           args.epsilon));
  }
}

template <auto sums, auto scale_head>
inline void norm_heads(const HeadNormArgs& args) {
  const size_t dim = args.head_dim;
  for (size_t first = 0; first < args.heads; first += kHeadsAhead) {
    const size_t count = args.heads - first < kHeadsAhead ? args.heads - first : kHeadsAhead;
    int32_t high[kHeadsAhead] = {}, low[kHeadsAhead] = {};
    float inverse[kHeadsAhead];
    for (size_t i = 0; i < count; ++i) {
      const int64_t v = sums(args.src + (first + i) * dim, dim).squares;
      high[i] = static_cast<int32_t>(v >> 24);
      low[i] = static_cast<int32_t>(v & 0xffffff);
    }
    for (size_t i = 0; i < kHeadsAhead; ++i)
      inverse[i] = inverse_root(high[i], low[i], args.epsilon);
    for (size_t i = 0; i < count; ++i) {
      const size_t at = (first + i) * dim;
      scale_head(args.src + at, dim, inverse[i], args.gain + at, args.dst + at);
    }
  }
}

}  // namespace
}  // namespace vitro
