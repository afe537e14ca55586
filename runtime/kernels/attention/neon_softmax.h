// What the NEON ISAs' attentions share: a row's scores to its weights, and a sum of values to its average.
// For attention/neon*.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/neon_math.h"

namespace vitro {
namespace {

int16x4_t exponent_of(int32x4_t distance, float32x4_t score_scale) {
  return vmovn_s32(round_even(vminq_f32(vmulq_f32(vcvtq_f32_s32(distance), score_scale), vdupq_n_f32(30719.0f))));
}

// p of eight tokens from their distances to the maximum. weight_shift counts from the right, so it is not positive.
int16x8_t weights_of(int32x4_t distance0, int32x4_t distance1, float32x4_t score_scale, int16x8_t weight_shift) {
  const int16x8_t x = vcombine_s16(exponent_of(distance0, score_scale), exponent_of(distance1, score_scale));
  const int16x8_t w = vshlq_n_s16(vandq_s16(x, vdupq_n_s16(2047)), 4);
  int16x8_t e = vdupq_n_s16(-1296);
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  const int16x8_t power = vshlq_s16(vdupq_n_s16(1), vsubq_s16(vdupq_n_s16(14), vshrq_n_s16(x, 11)));
  return vshlq_s16(vqrdmulhq_s16(e, power), weight_shift);
}

int32_t reduce_add(int32x4_t v) {
  const int32x2_t s = vadd_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpadd_s32(s, s), 0);
}

int32_t reduce_max(int32x4_t v) {
  const int32x2_t s = vmax_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmax_s32(s, s), 0);
}

// A row's scores to its weights; returns what its sums are multiplied by. Tokens beyond the last, up to a multiple of 16, get weight 0.
// Weights keeps them as its multiplication wants them: put(j, eight), and take(j) clears one and returns what it was.
template <class Weights>
float weigh(int32_t* scores, size_t tokens, float score_scale, unsigned weight_shift, const Weights& weights) {
  const size_t padded = (tokens + 15) / 16 * 16;
  for (size_t j = tokens; j < padded; ++j) scores[j] = scores[0];
  int32x4_t highest = vld1q_s32(scores);
  for (size_t j = 4; j < padded; j += 4) highest = vmaxq_s32(highest, vld1q_s32(scores + j));
  highest = vdupq_n_s32(reduce_max(highest));

  const float32x4_t scale = vdupq_n_f32(score_scale);
  const int16x8_t shift = vdupq_n_s16(static_cast<int16_t>(-static_cast<int>(weight_shift)));
  int32x4_t sums = vdupq_n_s32(0);
  for (size_t j = 0; j < padded; j += 8) {
    const int16x8_t p = weights_of(vsubq_s32(highest, vld1q_s32(scores + j)), vsubq_s32(highest, vld1q_s32(scores + j + 4)), scale, shift);
    sums = vpadalq_s16(sums, p);
    weights.put(j, p);
  }
  int32_t sum = reduce_add(sums);
  for (size_t j = tokens; j < padded; ++j) sum -= weights.take(j);
  return 258.0f / static_cast<float>(sum);
}

int16x4_t average_of(int32x4_t sum, float scale) {
  const float32x4_t y = vmulq_f32(vcvtq_f32_s32(sum), vdupq_n_f32(scale));
  return vmovn_s32(round_even(vminq_f32(vmaxq_f32(y, vdupq_n_f32(-32767.0f)), vdupq_n_f32(32767.0f))));
}

}  // namespace
}  // namespace vitro
