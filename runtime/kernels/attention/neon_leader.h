// SPDX-License-Identifier: Apache-2.0
// The two highest scores of a row, and the token that has the highest, for the NEON ISAs'
// attentions. For attention/neon_softmax.h alone; everything has internal linkage, so that no other
// object can pick it up.
//
// The highest of each of 16 places takes one instruction for four tokens, where the two highest
// would take three. One place has the leader; without it, that place alone is looked through again.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

#if defined(__aarch64__)

constexpr bool kFour = true;  // loops look at four times 16 tokens at once
inline int32_t reduce_max(int32x4_t v) { return vmaxvq_s32(v); }
inline uint8_t reduce_max(uint8x16_t v) { return vmaxvq_u8(v); }

#else

constexpr bool kFour = false;  // for fewer bytes of code
inline int32_t reduce_max(int32x4_t v) {
  const int32x2_t m = vmax_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmax_s32(m, m), 0);
}

inline uint8_t reduce_max(uint8x16_t v) {
  uint8x8_t m = vmax_u8(vget_low_u8(v), vget_high_u8(v));
  m = vpmax_u8(m, m);
  m = vpmax_u8(m, m);
  return vget_lane_u8(vpmax_u8(m, m), 0);
}

#endif

constexpr int32_t kNoScore = INT32_MIN;
alignas(16) constexpr int32_t kLimits[32] = {
    INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
    INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
    kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,
    kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore};
alignas(16) constexpr uint8_t kPlaces[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The highest score of a row, and one of the 16 places that have it.
struct Leader {
  int32_t score;
  uint32_t place;
};

// The highest of four vectors.
VITRO_INLINE int32x4_t highest_of(const int32x4_t (&lanes)[4]) {
  return vmaxq_s32(vmaxq_s32(lanes[0], lanes[1]), vmaxq_s32(lanes[2], lanes[3]));
}

// places[16]: the highest score of each place. Scores beyond the last, up to a multiple of 16,
// become `none`.
inline void highest_of_places(int32_t* scores, size_t tokens, int32_t none, int32_t* places) {
  const size_t last = (tokens - 1) / 16 * 16;
  const int32_t* const limits = kLimits + 16 - (tokens - last);
  int32x4_t lanes[4];
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) {
    lanes[i] = vmaxq_s32(vminq_s32(vld1q_s32(scores + last + i * 4), vld1q_s32(limits + i * 4)),
                         vdupq_n_s32(none));
    vst1q_s32(scores + last + i * 4, lanes[i]);
  }
#if defined(__aarch64__)
#pragma GCC unroll 2
#endif
  for (size_t j = 0; j < last; j += 16) {
    int32x4_t v[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) v[i] = vld1q_s32(scores + j + i * 4);
    // All are loaded before one is compared, for cores that run in order; GCC takes turns.
    __asm__("" : "+w"(v[0]), "+w"(v[1]), "+w"(v[2]), "+w"(v[3]));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) lanes[i] = vmaxq_s32(lanes[i], v[i]);
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) vst1q_s32(places + i * 4, lanes[i]);
}

inline Leader find_leader(const int32_t* places) {
  const int32x4_t lanes[4] = {vld1q_s32(places), vld1q_s32(places + 4), vld1q_s32(places + 8),
                              vld1q_s32(places + 12)};
  const int32_t score = reduce_max(highest_of(lanes));
  uint16x4_t is[4];
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) is[i] = vmovn_u32(vceqq_s32(lanes[i], vdupq_n_s32(score)));
  const uint8x16_t equal =
      vcombine_u8(vmovn_u16(vcombine_u16(is[0], is[1])), vmovn_u16(vcombine_u16(is[2], is[3])));
  return {score, reduce_max(vandq_u8(equal, vld1q_u8(kPlaces)))};
}

// Of all rows, `padded` apart. Once for all that call it, and step by step: what a row waits for,
// others can fill.
__attribute__((noinline)) void find_leaders(int32_t* scores, size_t tokens, size_t rows,
                                            int32_t none, int32_t (*places)[16], Leader* leaders) {
  const size_t padded = (tokens + 15) / 16 * 16;
  for (size_t i = 0; i < rows; ++i) highest_of_places(scores + i * padded, tokens, none, places[i]);
#pragma GCC unroll 1
  for (size_t i = 0; i < rows; ++i) leaders[i] = find_leader(places[i]);
}

// A token that has the highest score: of its place, the last. In core registers, whose pipes have
// time.
VITRO_INLINE uint32_t token_of(const Leader& leader, const int32_t* scores, size_t padded) {
  const int32_t* const end = scores + padded;
  const int32_t *one = scores + leader.place, *highest = one;
  for (; kFour && one + 48 < end; one += 64) {
    int32_t v[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) v[i] = one[i * 16];
    __asm__("" : "+r"(v[0]), "+r"(v[1]), "+r"(v[2]), "+r"(v[3]));  // as above
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) highest = v[i] == leader.score ? one + i * 16 : highest;
  }
#pragma GCC unroll 1
  for (; one < end; one += 16) highest = *one == leader.score ? one : highest;
  return static_cast<uint32_t>(highest - scores);
}

// The second highest score, where the leader's is no longer in its place.
inline int32_t find_second(const int32_t* scores, size_t padded, const Leader& leader,
                           int32_t* places) {
  const size_t column = leader.place / 4 * 4;
  const int32_t *one = scores + column, *const end = scores + padded;
  int32x4_t highest[2] = {vdupq_n_s32(INT32_MIN), vdupq_n_s32(INT32_MIN)};
  for (; kFour && one + 48 < end; one += 64) {
    int32x4_t v[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) v[i] = vld1q_s32(one + i * 16);
    __asm__("" : "+w"(v[0]), "+w"(v[1]), "+w"(v[2]), "+w"(v[3]));  // as above
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) highest[i % 2] = vmaxq_s32(highest[i % 2], v[i]);
  }
#pragma GCC unroll 1
  for (; one < end; one += 16) highest[0] = vmaxq_s32(highest[0], vld1q_s32(one));
  vst1q_s32(places + column, vmaxq_s32(highest[0], highest[1]));
  const int32x4_t lanes[4] = {vld1q_s32(places), vld1q_s32(places + 4), vld1q_s32(places + 8),
                              vld1q_s32(places + 12)};
  return reduce_max(highest_of(lanes));
}

}  // namespace
}  // namespace vitro
