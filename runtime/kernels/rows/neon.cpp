// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for NEON, AArch64 and ARMv7: eight columns at a time, all in 16
// bits.
#include <arm_neon.h>

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

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  const uint16x8_t lo = vdupq_n_u16(row.lo), offset = vdupq_n_u16(row.offset);
  const uint16x4_t multiplier = vdup_n_u16(row.multiplier);
  const int16x8_t shift = vdupq_n_s16(static_cast<int16_t>(row.shift));
  for (size_t c = 0; c < dim; c += 8) {
    const uint16x8_t v = vreinterpretq_u16_s16(load8(x + c, dim - c, 0));
    const uint16x8_t d = vqaddq_u16(vshlq_u16(vsubq_u16(v, lo), shift), offset);
    const uint16x4_t low = vshrn_n_u32(vmull_u16(vget_low_u16(d), multiplier), 16),
                     high = vshrn_n_u32(vmull_u16(vget_high_u16(d), multiplier), 16);
    const uint8x8_t q = veor_u8(vqmovn_u16(vcombine_u16(low, high)), vdup_n_u8(0x80));
    if (dim - c >= 8)
      vst1_u8(reinterpret_cast<uint8_t*>(dst + c), q);
    else
      memcpy(dst + c, &q, dim - c);
  }
}

RowStatistics statistics(const int16_t* x, size_t dim) {
  int32x4_t sums = vdupq_n_s32(0);
  uint64x2_t squares = vdupq_n_u64(0);
  int16x8_t lowest = vdupq_n_s16(x[0]), highest = lowest;
  for (size_t c = 0; c < dim; c += 8) {
    const int16x8_t v = load8(x + c, dim - c, 0), present = load8(x + c, dim - c, x[0]);
    sums = vpadalq_s16(sums, v);
    squares =
        vpadalq_u32(squares, vreinterpretq_u32_s32(vmull_s16(vget_low_s16(v), vget_low_s16(v))));
    squares =
        vpadalq_u32(squares, vreinterpretq_u32_s32(vmull_s16(vget_high_s16(v), vget_high_s16(v))));
    lowest = vminq_s16(lowest, present);
    highest = vmaxq_s16(highest, present);
  }
  const int64x2_t sum = vpaddlq_s32(sums);
  return {static_cast<int32_t>(vgetq_lane_s64(sum, 0) + vgetq_lane_s64(sum, 1)),
          {reduce_min(lowest), reduce_max(highest)},
          static_cast<int64_t>(vgetq_lane_u64(squares, 0) + vgetq_lane_u64(squares, 1))};
}

Extremes extremes(const int16_t* x, size_t dim) {
  int16x8_t lowest = vdupq_n_s16(0), highest = vdupq_n_s16(0);
  for (size_t c = 0; c < dim; c += 8) {
    const int16x8_t v = load8(x + c, dim - c, 0);
    lowest = vminq_s16(lowest, v);
    highest = vmaxq_s16(highest, v);
  }
  return {reduce_min(lowest), reduce_max(highest)};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise, 4>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise, 4>(args); }

}  // namespace vitro::neon
