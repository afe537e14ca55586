// layer_norm for NEON, AArch64 and ARMv7: three passes over a row that lies in L1, eight columns at a time.
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

struct Floats {
  float32x4_t low, high;
};

Floats load8(const float* x, size_t left) {
  float lanes[8] = {};
  if (left < 8) x = static_cast<const float*>(memcpy(lanes, x, left * 4));
  return {vld1q_f32(x), vld1q_f32(x + 4)};
}

struct Statistics {
  int32_t sum;
  int64_t squares;
};

Statistics statistics(const int16_t* x, size_t dim) {
  int32x4_t sums = vdupq_n_s32(0);
  uint64x2_t squares = vdupq_n_u64(0);
  for (size_t c = 0; c < dim; c += 8) {
    const int16x8_t v = load8(x + c, dim - c);
    sums = vpadalq_s16(sums, v);
    squares = vpadalq_u32(squares, vreinterpretq_u32_s32(vmull_s16(vget_low_s16(v), vget_low_s16(v))));
    squares = vpadalq_u32(squares, vreinterpretq_u32_s32(vmull_s16(vget_high_s16(v), vget_high_s16(v))));
  }
  const int64x2_t sum = vpaddlq_s32(sums);
  return {static_cast<int32_t>(vgetq_lane_s64(sum, 0) + vgetq_lane_s64(sum, 1)),
          static_cast<int64_t>(vgetq_lane_u64(squares, 0) + vgetq_lane_u64(squares, 1))};
}

// u of eight columns; zeros beyond the end.
Floats centred(const LayerNormArgs& args, const int16_t* x, size_t c, int32x4_t sum) {
  const int16x8_t v = load8(x + c, args.dim - c);
  const Floats gain = load8(args.gain + c, args.dim - c);
  const int32x4_t dim = vdupq_n_s32(static_cast<int32_t>(args.dim));
  const int32x4_t low = vsubq_s32(vmulq_s32(vmovl_s16(vget_low_s16(v)), dim), sum);
  const int32x4_t high = vsubq_s32(vmulq_s32(vmovl_s16(vget_high_s16(v)), dim), sum);
  return {vmulq_f32(vcvtq_f32_s32(low), gain.low), vmulq_f32(vcvtq_f32_s32(high), gain.high)};
}

float reduce_min(float32x4_t v) {
  const float32x2_t s = vmin_f32(vget_low_f32(v), vget_high_f32(v));
  return vget_lane_f32(vpmin_f32(s, s), 0);
}

float reduce_max(float32x4_t v) {
  const float32x2_t s = vmax_f32(vget_low_f32(v), vget_high_f32(v));
  return vget_lane_f32(vpmax_f32(s, s), 0);
}

int16x4_t quantised(float32x4_t u, float32x4_t multiplier, int32x4_t zero_point) {
  return vqmovn_s32(vaddq_s32(round_even(vmulq_f32(u, multiplier)), zero_point));
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Statistics s = statistics(x, args.dim);
    const int64_t v = s.squares * static_cast<int64_t>(args.dim) - int64_t{s.sum} * s.sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f + static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float r = 1.0f / __builtin_sqrtf(variance + args.epsilon);

    const int32x4_t sum = vdupq_n_s32(s.sum);
    float32x4_t lowest = vdupq_n_f32(0), highest = vdupq_n_f32(0);
    for (size_t c = 0; c < args.dim; c += 8) {
      const Floats u = centred(args, x, c, sum);
      lowest = vminq_f32(lowest, vminq_f32(u.low, u.high));
      highest = vmaxq_f32(highest, vmaxq_f32(u.low, u.high));
    }
    const float lo = reduce_min(lowest);
    float range = reduce_max(highest) - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    int32_t zero_point = round_even(-128.0f - lo * multiplier);
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    const float32x4_t multipliers = vdupq_n_f32(multiplier);
    const int32x4_t zero_points = vdupq_n_s32(zero_point);
    for (size_t c = 0; c < args.dim; c += 8) {
      const Floats u = centred(args, x, c, sum);
      const int8x8_t q = vqmovn_s16(vcombine_s16(quantised(u.low, multipliers, zero_points), quantised(u.high, multipliers, zero_points)));
      int8_t* dst = args.dst + m * args.dim + c;
      if (args.dim - c >= 8)
        vst1_s8(dst, q);
      else
        memcpy(dst, &q, args.dim - c);
    }
    args.dst_rows[m] = {(range * (1.0f / 255.0f)) * r, zero_point};
  }
}

}  // namespace vitro::neon
