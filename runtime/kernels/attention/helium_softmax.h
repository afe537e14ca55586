// SPDX-License-Identifier: Apache-2.0
// Softmax of Helium's attention: a row of scores to weights of 8 bits, and what averages are scaled
// with. For attention/attention_helium.cpp alone; everything has internal linkage, so that no other
// object can pick it up.
#pragma once

#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/helium_math.h"

namespace vitro {
namespace {

int32x4_t product(int32x4_t score, int32_t zero, float factor) {
  return rhe(vmulq_n_f32(vcvtq_f32_s32(vsubq_n_s32(score, zero)), factor));
}

// rhe(float(score - zero) * factor), saturated to int16.
uint16x8_t exponents_of(int32x4x2_t scores, int32_t zero, float factor) {
  return vreinterpretq_u16_s16(
      narrow(product(scores.val[0], zero, factor), product(scores.val[1], zero, factor)));
}

// The law's exp2_weight.
uint16x8_t exp2_weight(uint16x8_t x) {
  const int16x8_t w = vreinterpretq_s16_u16(vshrq_n_u16(vshlq_n_u16(x, 5), 1));
  const int16x8_t e = horner(vaddq_n_s16(vqrdmulhq_n_s16(w, kExp2[0]), kExp2[1]), w, kExp2[2]);
  return vreinterpretq_u16_s16(vshlq_s16(e, vnegq_s16(vreinterpretq_s16_u16(vshrq_n_u16(x, 11)))));
}

struct TwoHighest {
  int32_t first, second;
};

TwoHighest two_highest(const int32_t* scores, size_t tokens) {
  const int32x4_t lowest = vdupq_n_s32(INT32_MIN);
  const size_t last = (tokens - 1) / 4 * 4;
  int32x4_t first = vpselq_s32(vld1q_s32(scores + last), lowest,
                               vctp32q(static_cast<uint32_t>(tokens - last))),
            second = lowest;
  for (size_t j = 0; j < last; j += 4) {
    const int32x4_t s = vld1q_s32(scores + j);
    second = vmaxq_s32(second, vminq_s32(first, s));
    first = vmaxq_s32(first, s);
  }
  // Lanes 0 and 2 of both with lanes 1 and 3, then with one another. By maxima alone: a condition
  // may become a branch, which some pictures take and others do not.
  const int32x4_t other = vrev64q_s32(first);
  second = vmaxq_s32(vmaxq_s32(second, vrev64q_s32(second)), vminq_s32(first, other));
  first = vmaxq_s32(first, other);
  const int32_t a = vgetq_lane_s32(first, 0), b = vgetq_lane_s32(first, 2);
  const int32_t highest = a > b ? a : b;
  const int32_t next = vmaxvq_s32(a > b ? b : a, second);
  return {highest, tokens == 1 ? highest : next};
}

// A row's averages: others * (its sums - excess) + leader * the leader's values.
struct WeighedRow {
  float others, leader;
  int32_t excess;
  size_t token;  // the leader's where it leads, else any
};

// A row's scores to its weights. Scores and weights beyond the last token, up to a multiple of 8,
// are written to; weights there are 0.
__attribute__((noinline)) WeighedRow weigh(int32_t* scores, size_t tokens, float score_scale,
                                           uint8_t* weights) {
  const TwoHighest highest = two_highest(scores, tokens);
  for (size_t j = tokens; j % 8 != 0; ++j) scores[j] = highest.second;
  uint32_t sum = 0;
  uint16x8_t leads =
      vdupq_n_u16(0);  // 1 + the first token of the leader's eight, in the leader's lane
  for (size_t first = 0; first < 32; first += 8) {
    uint16x8_t remainders = vld1q_u16(kFirstRemainders + first);
    for (size_t j = first; j < tokens; j += 32) {
      const int32x4x2_t s = vld2q_s32(
          scores +
          j);  // the scores' distances would be the negative ones of these, as the factor is
      const uint16x8_t x = exponents_of(s, highest.second, -score_scale);
      leads = vmlaq_n_u16(leads, vshrq_n_u16(x, 15), static_cast<uint16_t>(j + 1));
      const uint16x8_t u =
          vaddq_u16(exp2_weight(vminq_u16(x, vdupq_n_u16(kLargestExponent))), remainders);
      remainders = vandq_u16(u, vdupq_n_u16(63));
      const uint16x8_t b = vshrq_n_u16(u, 6);
      sum = vaddvaq_u16(sum, b);
      vstrbq_u16(weights + j, b);
    }
  }
  for (size_t j = tokens; j % 8 != 0; ++j) {
    sum -= weights[j];
    weights[j] = 0;
  }
  const uint32_t eight = vmaxvq_u16(0, leads),
                 lane = vaddvq_p_u16(vidupq_n_u16(0, 1), vcmpneq_n_u16(leads, 0));

  const int32x4_t top = vdupq_n_s32(highest.first);
  const uint16x8_t lead = vminq_u16(exponents_of({top, top}, highest.second, score_scale),
                                    vdupq_n_u16(kLargestExponent));
  const mve_pred16_t alone = vcmpeqq_n_u16(lead, 0);
  const float others =
      static_cast<float>(vgetq_lane_u16(vpselq_u16(vdupq_n_u16(1), exp2_weight(lead), alone), 0));
  const float leader =
      vgetq_lane_f32(vpselq_f32(vdupq_n_f32(0.0f), vdupq_n_f32(kLeader), alone), 0);
  const float norm = kAttentionUnits / (static_cast<float>(sum) * others + leader);
  return {others * norm, leader * norm, static_cast<int32_t>(sum) * 128,
          eight - (eight > 0) + lane};
}

}  // namespace
}  // namespace vitro
