// SPDX-License-Identifier: Apache-2.0
// norm and head_norm for NEON, AArch64 and ARMv7: 8 columns at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/norms/neon_sums.h"
#include "runtime/kernels/norms/norm_rows.h"

namespace vitro::neon {

namespace {

struct Row {
  int32x4_t dim, sum;
  float inverse_deviation;

  VITRO_INLINE float32x4_t four(int16x4_t x, const float* gamma, const float* beta) const {
    const int32x4_t centred = vsubq_s32(vmulq_s32(vmovl_s16(x), dim), sum);
    const float32x4_t real = vmulq_n_f32(vcvtq_f32_s32(centred), inverse_deviation);
    return vaddq_f32(vmulq_f32(real, vld1q_f32(gamma)), vld1q_f32(beta));
  }
  VITRO_INLINE int16x8_t eight(int16x8_t x, const float* gamma, const float* beta) const {
    return round_s16(four(vget_low_s16(x), gamma, beta),
                     four(vget_high_s16(x), gamma + 4, beta + 4));
  }
};

void normalise(const NormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const size_t dim = args.dim;
  const int16_t* const x = args.src + m * dim;
  int16_t* const dst = args.dst + m * dim;
  const Row row{vdupq_n_s32(static_cast<int32_t>(dim)), vdupq_n_s32(sum), inverse_deviation};
  size_t c = 0;
  for (; c + kLanes <= dim; c += kLanes)
    vst1q_s16(dst + c, row.eight(vld1q_s16(x + c), args.gamma + c, args.beta + c));
  if (c == dim) return;
  const size_t count = dim - c;
  float gamma[kLanes] = {}, beta[kLanes] = {};
  memcpy(gamma, args.gamma + c, count * sizeof *gamma);
  memcpy(beta, args.beta + c, count * sizeof *beta);
  const int16x8_t y = row.eight(load_rest(x + c, count), gamma, beta);
  memcpy(dst + c, &y, count * sizeof *dst);
}

VITRO_INLINE float32x4_t four_of_head(int16x4_t x, float inverse, const float* gain) {
  return vmulq_f32(vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(x)), inverse), vld1q_f32(gain));
}

VITRO_INLINE int8x8_t eight_of_head(int16x8_t x, float inverse, const float* gain) {
  const int16x8_t words = round_s16(four_of_head(vget_low_s16(x), inverse, gain),
                                    four_of_head(vget_high_s16(x), inverse, gain + 4));
  return vmax_s8(vqmovn_s16(words), vdup_n_s8(-127));
}

void scale_head(const int16_t* x, size_t dim, float inverse_length, const float* gain,
                int8_t* dst) {
  size_t c = 0;
  for (; c + kLanes <= dim; c += kLanes)
    vst1_s8(dst + c, eight_of_head(vld1q_s16(x + c), inverse_length, gain + c));
  if (c == dim) return;
  float gains[kLanes] = {};
  memcpy(gains, gain + c, (dim - c) * sizeof *gain);
  const int8x8_t y = eight_of_head(load_rest(x + c, dim - c), inverse_length, gains);
  memcpy(dst + c, &y, dim - c);
}

}  // namespace

void norm(const NormArgs& args) { norm_rows<sums, normalise>(args); }

void head_norm(const HeadNormArgs& args) { norm_heads<sums, scale_head>(args); }

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
