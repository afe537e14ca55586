// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for NEON, AArch64 and ARMv7: sixteen columns at a time, all in 16
// bits.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::neon {

namespace {

// Eight numbers of a row; copies of `fill` beyond its end.
int16x8_t load8(const int16_t* x, size_t left, int16_t fill) {
  if (left >= 8) return vld1q_s16(x);
  int16_t lanes[8] = {fill, fill, fill, fill, fill, fill, fill, fill};
  memcpy(lanes, x, left * 2);
  return vld1q_s16(lanes);
}

int32_t reduce_min(int16x8_t v) {
  int16x4_t s = vpmin_s16(vget_low_s16(v), vget_high_s16(v));
  s = vpmin_s16(s, s);
  return vget_lane_s16(vpmin_s16(s, s), 0);
}

int32_t reduce_max(int16x8_t v) {
  int16x4_t s = vpmax_s16(vget_low_s16(v), vget_high_s16(v));
  s = vpmax_s16(s, s);
  return vget_lane_s16(vpmax_s16(s, s), 0);
}

// Of eight products: their high halves, with something added.
#if defined(__aarch64__)
constexpr bool kManyRegisters = true;
int16x8_t high_halves(uint16x8_t a, uint16x8_t b, int32x4_t sum) {
  const int32x4_t low = vreinterpretq_s32_u32(vmull_u16(vget_low_u16(a), vget_low_u16(b)));
  const int32x4_t high = vreinterpretq_s32_u32(vmull_high_u16(a, b));
  return vaddhn_high_s32(vaddhn_s32(low, sum), high, sum);
}
#else
constexpr bool kManyRegisters = false;
int16x8_t high_halves(uint16x8_t a, uint16x8_t b, int32x4_t sum) {
  const int32x4_t low = vreinterpretq_s32_u32(vmull_u16(vget_low_u16(a), vget_low_u16(b)));
  const int32x4_t high = vreinterpretq_s32_u32(vmull_u16(vget_high_u16(a), vget_high_u16(b)));
  return vcombine_s16(vaddhn_s32(low, sum), vaddhn_s32(high, sum));
}
#endif

// The law's offset and its -128 are added to the products. There min(65535, ...) is missing, which
// is only reached with the smallest multiplier, 255, where it keeps the last step from being
// reached: a smaller maximum does the same.
struct Quantiser {
  uint16x8_t lo, multiplier;
  int32x4_t sum;
  int16x8_t shift;
  int8x16_t highest;

  explicit Quantiser(const RowQuantiser& row)
      : lo(vdupq_n_u16(static_cast<uint16_t>(row.lo))),
        multiplier(vdupq_n_u16(static_cast<uint16_t>(row.multiplier))),
        sum(vdupq_n_s32(row.offset * row.multiplier - (128 << 16))),
        shift(vdupq_n_s16(static_cast<int16_t>(row.shift))),
        highest(vdupq_n_s8(static_cast<int8_t>(126 + (row.multiplier > 255)))) {}

  // Step by step, for cores that run in order.
  template <size_t Count>
  VITRO_INLINE void apply(int16x8_t (&x)[Count]) const {
    uint16x8_t u[Count];
    for (size_t v = 0; v < Count; ++v) u[v] = vsubq_u16(vreinterpretq_u16_s16(x[v]), lo);
    for (size_t v = 0; v < Count; ++v) u[v] = vshlq_u16(u[v], shift);
    for (size_t v = 0; v < Count; ++v) x[v] = high_halves(u[v], multiplier, sum);
  }
};

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  constexpr size_t kVectors = kManyRegisters ? 4 : 2;
  const Quantiser quantiser(row);
  size_t c = 0;
  for (; c + kVectors * 8 <= dim; c += kVectors * 8) {
    int16x8_t h[kVectors];
    for (size_t v = 0; v < kVectors; ++v) h[v] = vld1q_s16(x + c + v * 8);
    quantiser.apply(h);
    for (size_t v = 0; v < kVectors; v += 2) {
      const int8x16_t q = vcombine_s8(vqmovn_s16(h[v]), vqmovn_s16(h[v + 1]));
      vst1q_s8(dst + c + v * 8, vminq_s8(q, quantiser.highest));
    }
  }
  for (; c < dim; c += 8) {
    int16x8_t h[1] = {load8(x + c, dim - c, 0)};
    quantiser.apply(h);
    const int8x8_t q = vmin_s8(vqmovn_s16(h[0]), vget_low_s8(quantiser.highest));
    memcpy(dst + c, &q, dim - c < 8 ? dim - c : 8);
  }
}

// Of eight lanes each.
struct LaneExtremes {
  int16x8_t lowest, highest;

  VITRO_INLINE void add(int16x8_t x) {
    lowest = vminq_s16(lowest, x);
    highest = vmaxq_s16(highest, x);
  }
  Extremes reduce(const LaneExtremes& other) const {
    return {reduce_min(vminq_s16(lowest, other.lowest)),
            reduce_max(vmaxq_s16(highest, other.highest))};
  }
};

struct LaneSums {
  int32x4_t sums = vdupq_n_s32(0);
  uint64x2_t squares = vdupq_n_u64(0);

  // Two squares fit 32 bits without a sign.
  VITRO_INLINE void add(int16x8_t x) {
    sums = vpadalq_s16(sums, x);
    const int32x4_t two =
        vmlal_s16(vmull_s16(vget_low_s16(x), vget_low_s16(x)), vget_high_s16(x), vget_high_s16(x));
    squares = vpadalq_u32(squares, vreinterpretq_u32_s32(two));
  }
};

RowStatistics statistics(const int16_t* x, size_t dim) {
  LaneSums sums0, sums1;
  LaneExtremes extremes0{vdupq_n_s16(x[0]), vdupq_n_s16(x[0])}, extremes1 = extremes0;
  size_t c = 0;
  for (; c + 16 <= dim; c += 16) {
    const int16x8_t x0 = vld1q_s16(x + c), x1 = vld1q_s16(x + c + 8);
    sums0.add(x0);
    sums1.add(x1);
    extremes0.add(x0);
    extremes1.add(x1);
  }
  for (; c < dim; c += 8) {
    sums0.add(load8(x + c, dim - c, 0));
    extremes0.add(load8(x + c, dim - c, x[0]));
  }
  const int64x2_t sum = vpaddlq_s32(vaddq_s32(sums0.sums, sums1.sums));
  const uint64x2_t squares = vaddq_u64(sums0.squares, sums1.squares);
  return {static_cast<int32_t>(vgetq_lane_s64(sum, 0) + vgetq_lane_s64(sum, 1)),
          extremes0.reduce(extremes1),
          static_cast<int64_t>(vgetq_lane_u64(squares, 0) + vgetq_lane_u64(squares, 1))};
}

Extremes extremes(const int16_t* x, size_t dim) {
  LaneExtremes extremes0{vdupq_n_s16(0), vdupq_n_s16(0)}, extremes1 = extremes0;
  size_t c = 0;
  for (; c + 32 <= dim; c += 32) {
    extremes0.add(vld1q_s16(x + c));
    extremes1.add(vld1q_s16(x + c + 8));
    extremes0.add(vld1q_s16(x + c + 16));
    extremes1.add(vld1q_s16(x + c + 24));
  }
  for (; c < dim; c += 8) extremes0.add(load8(x + c, dim - c, 0));
  return extremes0.reduce(extremes1);
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise, 4>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise, 4>(args); }

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
