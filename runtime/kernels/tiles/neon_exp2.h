// SPDX-License-Identifier: Apache-2.0
// The weights of softmaxes for the NEON ISAs. For attention/neon_softmax.h and
// rollout/rollout_neon.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

#if defined(__aarch64__)
inline int32_t reduce_add(int32x4_t v) { return vaddvq_s32(v); }
#else
inline int32_t reduce_add(int32x4_t v) {
  const int32x2_t s = vadd_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpadd_s32(s, s), 0);
}
#endif

alignas(16) constexpr int16_t kExp2Lanes[2][8] = {VITRO_LANES(kExp2[1]), VITRO_LANES(kExp2[2])};

struct Words {
  uint16x8_t low, high;
};

// The law's exp2 of 16 words times 2^Up, step by step, for cores that run in order. Below 2^Up
// there is what the law's shift drops. What is above 30719, or negative and so even larger without
// its sign, is shifted by 15 - Up to 31 - Up: less than 2^Up is left of e < 2^14.
template <int16_t Up>
VITRO_INLINE Words scaled_exp2(int16x8_t exponent0, int16x8_t exponent1) {
  const uint16x8_t x0 = vreinterpretq_u16_s16(exponent0), x1 = vreinterpretq_u16_s16(exponent1),
                   low15 = vdupq_n_u16(0x7fff);
  const uint16x8_t f0 = vshlq_n_u16(x0, 4), f1 = vshlq_n_u16(x1, 4), i0 = vshrq_n_u16(x0, 11),
                   i1 = vshrq_n_u16(x1, 11);
  const int16x8_t w0 = vreinterpretq_s16_u16(vandq_u16(f0, low15)),
                  w1 = vreinterpretq_s16_u16(vandq_u16(f1, low15));
  int16x8_t e0 = vdupq_n_s16(kExp2[0]), e1 = e0;
  e0 = horner<0>(e0, w0, kExp2Lanes);
  e1 = horner<0>(e1, w1, kExp2Lanes);
  e0 = horner<1>(e0, w0, kExp2Lanes);
  e1 = horner<1>(e1, w1, kExp2Lanes);
  const int16x8_t up = vdupq_n_s16(Up), by0 = vsubq_s16(up, vreinterpretq_s16_u16(i0)),
                  by1 = vsubq_s16(up, vreinterpretq_s16_u16(i1));
  return {vreinterpretq_u16_s16(vshlq_s16(e0, by0)), vreinterpretq_u16_s16(vshlq_s16(e1, by1))};
}

}  // namespace
}  // namespace vitro
