// How a row of int16 becomes int8: the law's quantise_row, once for each row. For the rows kernels of every ISA: internal linkage.
#pragma once

#if defined(__FAST_MATH__)
#error "the arithmetic law needs IEEE semantics: do not build with -ffast-math"
#endif

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

// Half to even, |x| < 2^22: the sum has no fraction bits left, so the addition itself rounds, and the bits count units.
inline int32_t round_half_even(float x) {
  const float shifted = x + 12582912.0f;  // 1.5 * 2^23
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits - 0x4b400000;
}

// Without a branch, whatever the compiler: how many instructions a picture takes does not depend on it.
inline int32_t at_least_zero(int32_t x) { return x - (x & (x >> 31)); }
inline int32_t clamped(int32_t x, int32_t highest) { return highest - at_least_zero(highest - at_least_zero(x)); }

// q = min(255, (min(65535, ((x - lo) << shift) + offset) * multiplier) >> 16) - 128, all unsigned 16-bit but for the product.
struct RowQuantiser {
  uint16_t lo;
  uint16_t offset, multiplier;
  uint32_t shift;
  int32_t zero_point;
  float step;  // of x, for one step of q

  // lo <= zero <= hi: the row's extremes, and where its real zero lies, as a distance from lo.
  RowQuantiser(int32_t lowest, int32_t highest, float zero) {
    uint32_t range = static_cast<uint32_t>(highest - lowest);
    range += range == 0;
    shift = static_cast<uint32_t>(at_least_zero(__builtin_clz(range) - 17));  // to 15 bits: room for the offset
    const uint32_t m = static_cast<uint32_t>(16711680.0f / static_cast<float>(range << shift));  // 255 * 2^16
    const float scaled = static_cast<float>(m << shift);
    const float position = (zero * scaled) * (1.0f / 65536.0f);
    const int32_t z = clamped(round_half_even(position), 255);
    const int32_t o = clamped(round_half_even((0.5f - (position - static_cast<float>(z))) * (65536.0f / static_cast<float>(m))), 65535);
    lo = static_cast<uint16_t>(lowest);
    offset = static_cast<uint16_t>(o);
    multiplier = static_cast<uint16_t>(m);
    zero_point = z - 128;
    step = 65536.0f / scaled;
  }
};

struct Extremes {
  int32_t lowest, highest;
};

struct RowStatistics {
  int32_t sum;
  Extremes extremes;
  int64_t squares;
};

// What layer_norm makes of a row's statistics.
struct NormalisedRow {
  RowQuantiser quantiser;
  float scale;

  NormalisedRow(const RowStatistics& s, size_t dim, float epsilon)
      : quantiser(s.extremes.lowest, s.extremes.highest,
                   static_cast<float>(s.sum - s.extremes.lowest * static_cast<int32_t>(dim)) / static_cast<float>(dim)) {
    const int64_t v = s.squares * static_cast<int64_t>(dim) - int64_t{s.sum} * s.sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f + static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float r = 1.0f / __builtin_sqrtf(variance + epsilon);
    scale = quantiser.step * (static_cast<float>(dim) * r);
  }
};

// Rows measured before the first of them is quantised: what waits for one row's lanes to meet, divisions and a root, is done meanwhile for the next.
constexpr size_t kRowsAhead = 12;

// The kernels, given an ISA's passes over a row: statistics(x, dim), extremes(x, dim) that count 0 in, and quantise(row, x, dim, dst).
template <auto statistics, auto quantise>
inline void layer_norm_rows(const LayerNormArgs& args) {
  RowStatistics measured[kRowsAhead];
  for (size_t m = 0; m < args.m; m += kRowsAhead) {
    const size_t end = args.m - m < kRowsAhead ? args.m : m + kRowsAhead;
    for (size_t i = m; i < end; ++i) measured[i - m] = statistics(args.src + i * args.dim, args.dim);
    for (size_t i = m; i < end; ++i) {
      const NormalisedRow row(measured[i - m], args.dim, args.epsilon);
      quantise(row.quantiser, args.src + i * args.dim, args.dim, args.dst + i * args.dim);
      args.dst_rows[i] = {row.scale, row.quantiser.zero_point};
    }
  }
}

template <auto extremes, auto quantise>
inline void quantise_each_row(const QuantiseRowsArgs& args) {
  Extremes measured[kRowsAhead];
  for (size_t m = 0; m < args.m; m += kRowsAhead) {
    const size_t end = args.m - m < kRowsAhead ? args.m : m + kRowsAhead;
    for (size_t i = m; i < end; ++i) measured[i - m] = extremes(args.src + i * args.dim, args.dim);
    for (size_t i = m; i < end; ++i) {
      const RowQuantiser row(measured[i - m].lowest, measured[i - m].highest, static_cast<float>(-measured[i - m].lowest));
      quantise(row, args.src + i * args.dim, args.dim, args.dst + i * args.dim);
      args.dst_rows[i] = {row.step * args.unit, row.zero_point};
    }
  }
}

}  // namespace
}  // namespace vitro
