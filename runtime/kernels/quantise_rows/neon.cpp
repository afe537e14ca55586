// quantise_rows for NEON, AArch64 and ARMv7: the extremes in int16, the quantisation in float.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/neon_tile.h"

namespace vitro::neon {

namespace {

// Eight numbers of a row; zeros beyond its end.
int16x8_t load8(const int16_t* x, size_t left) {
  if (left >= 8) return vld1q_s16(x);
  int16_t lanes[8] = {};
  memcpy(lanes, x, left * 2);
  return vld1q_s16(lanes);
}

int16_t reduce_min(int16x8_t v) {
  int16x4_t s = vpmin_s16(vget_low_s16(v), vget_high_s16(v));
  s = vpmin_s16(s, s);
  return vget_lane_s16(vpmin_s16(s, s), 0);
}

int16_t reduce_max(int16x8_t v) {
  int16x4_t s = vpmax_s16(vget_low_s16(v), vget_high_s16(v));
  s = vpmax_s16(s, s);
  return vget_lane_s16(vpmax_s16(s, s), 0);
}

int16x4_t quantised(int16x4_t x, float32x4_t multiplier, int32x4_t zero_point) {
  return vqmovn_s32(vaddq_s32(round_even(vmulq_f32(vcvtq_f32_s32(vmovl_s16(x)), multiplier)), zero_point));
}

}  // namespace

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    int16x8_t lowest = vdupq_n_s16(0), highest = vdupq_n_s16(0);
    for (size_t c = 0; c < args.dim; c += 8) {
      const int16x8_t v = load8(x + c, args.dim - c);
      lowest = vminq_s16(lowest, v);
      highest = vmaxq_s16(highest, v);
    }
    const float lo = static_cast<float>(reduce_min(lowest));
    float range = static_cast<float>(reduce_max(highest)) - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    int32_t zero_point = round_even(-128.0f - lo * multiplier);
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    const float32x4_t multipliers = vdupq_n_f32(multiplier);
    const int32x4_t zero_points = vdupq_n_s32(zero_point);
    for (size_t c = 0; c < args.dim; c += 8) {
      const int16x8_t v = load8(x + c, args.dim - c);
      const int8x8_t q = vqmovn_s16(vcombine_s16(quantised(vget_low_s16(v), multipliers, zero_points), quantised(vget_high_s16(v), multipliers, zero_points)));
      int8_t* dst = args.dst + m * args.dim + c;
      if (args.dim - c >= 8)
        vst1_s8(dst, q);
      else
        memcpy(dst, &q, args.dim - c);
    }
    args.dst_rows[m] = {range * args.scale, zero_point};
  }
}

}  // namespace vitro::neon
