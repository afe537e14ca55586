// SPDX-License-Identifier: Apache-2.0
// How a row of int16 becomes int8: the law's quantise_row, once for each row. For the rows kernels
// of every ISA: internal linkage.
#pragma once

#if defined(__FAST_MATH__)
#error "the arithmetic law needs IEEE semantics: do not build with -ffast-math"
#endif

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"

namespace vitro {
namespace {

// Half to even, |x| < 2^22: the sum has no fraction bits left, so the addition itself rounds, and
// the bits count units.
inline int32_t rhe(float x) {
  const float shifted = x + kRounder;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits - kRounderBits;
}

// Without a branch, whatever the compiler: how many instructions a picture takes does not depend on
// it.
inline int32_t at_least_zero(int32_t x) { return x - (x & (x >> 31)); }
inline int32_t clamped(int32_t x, int32_t highest) {
  return highest - at_least_zero(highest - at_least_zero(x));
}

inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// q = min(255, (min(65535, ((x - lo) << shift) + offset) * multiplier) >> 16) - 128, all unsigned
// 16-bit but for the product.
struct RowQuantiser {
  int32_t lo, offset, multiplier, shift;
};

struct Extremes {
  int32_t lowest, highest;
};

struct RowStatistics {
  int32_t sum;
  Extremes extremes;
  int64_t squares;
};

// Rows measured before the first of them is quantised: that hides the latency of the
// horizontal reductions, and with vectors of float the compiler divides for many rows at once.
constexpr size_t kRowsAhead = 16;

struct RowsAhead {
  Extremes extremes[kRowsAhead] = {};
  float zero[kRowsAhead] = {};  // where it lies, as a distance from the lowest
  float unit[kRowsAhead] = {};  // real value of one step of x
  RowQuantiser quantiser[kRowsAhead];
  RowParams params[kRowsAhead];

  // Of `count` rows; of rows beyond them, up to a multiple of Lanes, whatever comes of zeros.
  template <size_t Lanes>
  __attribute__((noinline)) void make_quantisers(size_t count) {
    for (size_t first = 0; first < count; first += Lanes)
      for (size_t i = first; i < first + Lanes; ++i) make_quantiser(i);
  }

  VITRO_INLINE void make_quantiser(size_t i) {
    int32_t range = extremes[i].highest - extremes[i].lowest;
    range += range == 0;
    const int32_t log2 = static_cast<int32_t>(bits_of(static_cast<float>(range)) >> 23) - 127;
    const int32_t shift = at_least_zero(14 - log2);  // to 15 bits: room for the offset
    const int32_t m =
        static_cast<int32_t>(16711680.0f / static_cast<float>(range << shift));  // 255 * 2^16
    const float scaled = static_cast<float>(m << shift);
    const float position = (zero[i] * scaled) * (1.0f / 65536.0f);
    const int32_t z = clamped(rhe(position), 255);
    const int32_t offset = clamped(
        rhe((0.5f - (position - static_cast<float>(z))) * (65536.0f / static_cast<float>(m))),
        65535);
    quantiser[i] = {extremes[i].lowest, offset, m, shift};
    params[i] = {(65536.0f / scaled) * unit[i], z - 128};
  }
};

// The kernels, given an ISA's passes over a row: statistics(x, dim), extremes(x, dim) that count 0
// in, and quantise(row, x, dim, dst).
template <size_t Lanes, auto quantise>
inline void quantise_ahead(RowsAhead& rows, const int16_t* src, size_t count, size_t dim,
                           int8_t* dst, RowParams* params) {
  rows.make_quantisers<Lanes>(count);
  for (size_t i = 0; i < count; ++i) {
    quantise(rows.quantiser[i], src + i * dim, dim, dst + i * dim);
    params[i] = rows.params[i];
  }
}

template <auto statistics, auto quantise, size_t Lanes = 1>
inline void layer_norm_rows(const LayerNormArgs& args) {
  const float dim = static_cast<float>(args.dim);
  RowsAhead rows;
  int32_t offset_sum[kRowsAhead] = {}, high[kRowsAhead] = {},
          low[kRowsAhead] = {};  // of the variance times dim^2, bits 24 on and below
  for (size_t m = 0; m < args.m; m += kRowsAhead) {
    const size_t count = args.m - m < kRowsAhead ? args.m - m : kRowsAhead;
    for (size_t i = 0; i < count; ++i) {
      const RowStatistics s = statistics(args.src + (m + i) * args.dim, args.dim);
      const int64_t v = s.squares * static_cast<int64_t>(args.dim) - int64_t{s.sum} * s.sum;
      rows.extremes[i] = s.extremes;
      offset_sum[i] = s.sum - s.extremes.lowest * static_cast<int32_t>(args.dim);
      high[i] = static_cast<int32_t>(v >> 24);
      low[i] = static_cast<int32_t>(v & 0xffffff);
    }
    for (size_t first = 0; first < count; first += Lanes)
      for (size_t i = first; i < first + Lanes; ++i) {
        rows.zero[i] = static_cast<float>(offset_sum[i]) / dim;
        rows.unit[i] = dim * (1.0f / square_root((static_cast<float>(high[i]) * 16777216.0f +
                                                  static_cast<float>(low[i])) +
                                                 args.epsilon));
      }
    quantise_ahead<Lanes, quantise>(rows, args.src + m * args.dim, count, args.dim,
                                    args.dst + m * args.dim, args.dst_rows + m);
  }
}

template <auto extremes, auto quantise, size_t Lanes = 1>
inline void quantise_each_row(const QuantiseRowsArgs& args) {
  RowsAhead rows;
  for (float& unit : rows.unit) unit = args.unit;
  for (size_t m = 0; m < args.m; m += kRowsAhead) {
    const size_t count = args.m - m < kRowsAhead ? args.m - m : kRowsAhead;
    for (size_t i = 0; i < count; ++i) {
      rows.extremes[i] = extremes(args.src + (m + i) * args.dim, args.dim);
      rows.zero[i] = static_cast<float>(-rows.extremes[i].lowest);
    }
    quantise_ahead<Lanes, quantise>(rows, args.src + m * args.dim, count, args.dim,
                                    args.dst + m * args.dim, args.dst_rows + m);
  }
}

}  // namespace
}  // namespace vitro
