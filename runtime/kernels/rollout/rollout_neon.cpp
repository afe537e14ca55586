// SPDX-License-Identifier: Apache-2.0
// Rollout's softmax for NEON, AArch64 and ARMv7: 16 tokens at a time, each step for all of them,
// for cores that run in order.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_exp2.h"

namespace vitro::neon {

namespace {

constexpr size_t kAtOnce = 16;

template <typename Step>
VITRO_INLINE void for_all(Step step) {
#pragma GCC unroll 4
  for (size_t v = 0; v < 4; ++v) step(v);
}

// Loops over fewer than 16 tokens are volatile and not unrolled: what compilers make of them else
// is longer than the loops over all tokens.

// The tokens beyond the last like the first: they change no maximum, and what they weigh is known.
VITRO_INLINE void fill_rest(float* scores, size_t tokens, size_t padded) {
  volatile float* const all = scores;
  const float first = scores[0];
#pragma GCC unroll 1
  for (size_t j = tokens; j < padded; ++j) all[j] = first;
}

VITRO_INLINE float32x4_t highest_of(const float* scores, size_t padded) {
  float32x4_t high = vld1q_f32(scores);
  for (size_t j = 0; j < padded; j += 8)
    high = vmaxq_f32(high, vmaxq_f32(vld1q_f32(scores + j), vld1q_f32(scores + j + 4)));
#if defined(__aarch64__)
  return vdupq_n_f32(vmaxvq_f32(high));
#else
  float32x2_t two = vmax_f32(vget_low_f32(high), vget_high_f32(high));
  two = vpmax_f32(two, two);
  return vcombine_f32(two, two);
#endif
}

// Scores to their weights, int16 in their place; all weights' sum. Differences are exact.
VITRO_INLINE int32_t weigh(float* scores, size_t padded, float score_scale) {
  const float32x4_t highest = highest_of(scores, padded);
  uint16_t* const weights = reinterpret_cast<uint16_t*>(scores);
  uint32x4_t sums = vdupq_n_u32(0);
  for (size_t j = 0; j < padded; j += kAtOnce) {
    float32x4_t y[4];
    for_all([&](size_t v) __attribute__((always_inline)) {
      y[v] = vsubq_f32(highest, vld1q_f32(scores + j + v * 4));
    });
    for_all([&](size_t v)
                __attribute__((always_inline)) { y[v] = vmulq_n_f32(y[v], score_scale); });
    const Words w = scaled_exp2<0>(round_s16(y[0], y[1]), round_s16(y[2], y[3]));
    sums = vpadalq_u16(vpadalq_u16(sums, w.low), w.high);
    store_pair(weights + j, w.low, w.high);
  }
  return reduce_add(vreinterpretq_s32_u32(sums));
}

VITRO_INLINE void add16(const uint16_t* weights, float factor, float* dst) {
  const uint16x8_t w0 = vld1q_u16(weights), w1 = vld1q_u16(weights + 8);
  float32x4_t y[4] = {
      vcvtq_f32_u32(vmovl_u16(vget_low_u16(w0))), vcvtq_f32_u32(vmovl_u16(vget_high_u16(w0))),
      vcvtq_f32_u32(vmovl_u16(vget_low_u16(w1))), vcvtq_f32_u32(vmovl_u16(vget_high_u16(w1)))};
  for_all([&](size_t v) __attribute__((always_inline)) { y[v] = vmulq_n_f32(y[v], factor); });
  for_all([&](size_t v)
              __attribute__((always_inline)) { y[v] = vaddq_f32(vld1q_f32(dst + v * 4), y[v]); });
  for_all([&](size_t v) __attribute__((always_inline)) { vst1q_f32(dst + v * 4, y[v]); });
}

}  // namespace

void add_softmax(const AddSoftmaxArgs& args) {
  const size_t tokens = args.tokens, padded = (tokens + kAtOnce - 1) / kAtOnce * kAtOnce;
  float* const dst = args.dst;
  fill_rest(args.scores, tokens, padded);
  const int32_t sum = weigh(args.scores, padded, args.score_scale);
  const uint16_t* const weights = reinterpret_cast<const uint16_t*>(args.scores);
  const int32_t beyond = static_cast<int32_t>(padded - tokens) * weights[0];
  const float factor = args.share / static_cast<float>(sum - beyond);
  size_t j = 0;
  for (; j + kAtOnce <= tokens; j += kAtOnce) add16(weights + j, factor, dst + j);
  volatile float* const rest = dst;
#pragma GCC unroll 1
  for (; j < tokens; ++j) rest[j] = rest[j] + factor * static_cast<float>(weights[j]);
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
