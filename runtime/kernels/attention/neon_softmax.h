// SPDX-License-Identifier: Apache-2.0
// Softmax of the NEON ISAs' attentions: a row of scores to weights of 8 bits in their place, and
// what averages are scaled with. For attention/attention_neon*.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/attention/neon_leader.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_exp2.h"

namespace vitro {
namespace {

#if defined(__aarch64__)

inline float32x4_t divide(float32x4_t a, float32x4_t b) { return vdivq_f32(a, b); }

#else

inline float32x4_t divide(float32x4_t a, float32x4_t b) {
  float lanes[4], by[4];
  vst1q_f32(lanes, a);
  vst1q_f32(by, b);
  for (size_t i = 0; i < 4; ++i) lanes[i] /= by[i];
  return vld1q_f32(lanes);
}

#endif

// The upper bytes of 16 words. Cores with SDOT take one instruction on any pipe, others longer for
// it than for two that narrow.
#if defined(VITRO_WITH_DOTPROD)
inline uint8x16_t upper_bytes(uint16x8_t low, uint16x8_t high) {
  return vuzp2q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high));
}
#else
inline uint8x16_t upper_bytes(uint16x8_t low, uint16x8_t high) {
  return vcombine_u8(vshrn_n_u16(low, 8), vshrn_n_u16(high, 8));
}
#endif

// Adds four bytes to each lane.
#if defined(VITRO_WITH_DOTPROD)
inline int32x4_t add_bytes(int32x4_t sums, int8x16_t bytes) {
  return vdotq_s32(sums, bytes, vdupq_n_s8(1));
}
#else
inline int32x4_t add_bytes(int32x4_t sums, int8x16_t bytes) {
  return vpadalq_s16(sums, vpaddlq_s8(bytes));
}
#endif

// As round_s16 does.
#if defined(VITRO_WITH_DOTPROD)
// Cores with SDOT have one pipe of two for conversions; the bits of what is too large for the sum
// are still on the right side, and saturate.
VITRO_INLINE int16x8_t round_distances(float32x4_t low, float32x4_t high) {
  const float32x4_t rounder = vdupq_n_f32(kRounder);
  const int32x4_t bits = vdupq_n_s32(kRounderBits);
  return vqmovn_high_s32(
      vqmovn_s32(vqsubq_s32(vreinterpretq_s32_f32(vaddq_f32(low, rounder)), bits)),
      vqsubq_s32(vreinterpretq_s32_f32(vaddq_f32(high, rounder)), bits));
}
#else
VITRO_INLINE int16x8_t round_distances(float32x4_t low, float32x4_t high) {
  return round_s16(low, high);
}
#endif

// Scores as they are stored: integers.
struct IntegerScores {
  static constexpr int32_t kNone = -(1 << 30);  // below all; no distance to it leaves int32
  static constexpr bool kNoneWeighsNothing = false;

  static float distance(int32_t of, int32_t score) { return static_cast<float>(of - score); }

  // What stands for the leader's score: it is above the second's, and weighs nothing.
  static int32_t of_leader(int32_t first, float, float) { return first; }

  // The law's x of 16 tokens, before it makes 30719 of what is negative or more.
  VITRO_INLINE static void exponents(const int32_t* scores, int32x4_t second, float32x4_t scale,
                                     int16x8_t (&x)[2]) {
    float32x4_t y[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      y[i] = vcvtq_f32_s32(vsubq_s32(second, vld1q_s32(scores + i * 4)));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) y[i] = vmulq_f32(y[i], scale);
    x[0] = round_distances(y[0], y[1]);
    x[1] = round_distances(y[2], y[3]);
  }
};

#if defined(VITRO_WITH_DOTPROD)
// Scores below 2^22 as the bits of the float kRounder + score: the law's differences are exact in
// float.
struct ShiftedScores {
  // The bits of -2^80: as an integer below all, and by any scale further than what weighs
  // something.
  static constexpr int32_t kNone = static_cast<int32_t>(0xe7800000);
  static constexpr bool kNoneWeighsNothing = true;

  // Queries and keys are int8, so a score of them alone has at most 2^14 for each channel.
  static bool hold(const AttentionArgs& args) { return args.head_dim < 256 && !args.terms; }

  static float distance(int32_t of, int32_t score) {
    float bits[2];
    memcpy(&bits[0], &of, 4);
    memcpy(&bits[1], &score, 4);
    return bits[0] - bits[1];
  }

  // What stands for the leader's score: no distance is negative.
  static int32_t of_leader(int32_t first, float lead, float scale) {
    return lead * scale > 0.5f ? kNone : first;
  }

  // The law's x of 16 tokens: what a sum with kRounder has in its lower half.
  VITRO_INLINE static void exponents(const int32_t* scores, int32x4_t second, float32x4_t scale,
                                     int16x8_t (&x)[2]) {
    float32x4_t y[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      y[i] = vsubq_f32(vreinterpretq_f32_s32(second),
                       vreinterpretq_f32_s32(vld1q_s32(scores + i * 4)));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) y[i] = vmulq_f32(y[i], scale);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      y[i] = vminq_f32(y[i], vdupq_n_f32(static_cast<float>(kLargestExponent)));
    x[0] = round_small(y[0], y[1]);
    x[1] = round_small(y[2], y[3]);
  }
};
#endif

// Of a row: how far it leads, the sum of its weights, and the leader's token where it leads, else
// any.
struct WeighedRow {
  float lead;
  uint32_t sum, leader;
};

// A weight with what it leaves to the next lies in 16 bits as 4 * u: its byte is the upper one, and
// between six bits that are left and the two lowest, which mean nothing, no sum carries.
constexpr uint16_t kRemainderBits = 63 << 2;

// What is left of a token's weight for the next.
#if defined(VITRO_WITH_DOTPROD)
// Above these bits always lies -128, which is then missing from each weight. Cores without SDOT
// take two steps to select bits.
constexpr uint16_t kAboveRemainder = 0x8000;
VITRO_INLINE uint16x8_t remainder_of(uint16x8_t u, uint16x8_t before) {
  return vbslq_u16(vdupq_n_u16(kRemainderBits), u, before);
}
VITRO_INLINE int8x16_t less_128(uint8x16_t b) { return vreinterpretq_s8_u8(b); }
#else
constexpr uint16_t kAboveRemainder = 0;
VITRO_INLINE uint16x8_t remainder_of(uint16x8_t u, uint16x8_t) {
  return vandq_u16(u, vdupq_n_u16(kRemainderBits));
}
VITRO_INLINE int8x16_t less_128(uint8x16_t b) {
  return vreinterpretq_s8_u8(veorq_u8(b, vdupq_n_u8(128)));
}
#endif

struct Remainders {
  uint16_t of[32] = {};
  constexpr Remainders() {
    for (size_t i = 0; i < 32; ++i)
      of[i] = static_cast<uint16_t>(kFirstRemainders[i] << 2 | kAboveRemainder);
  }
};
alignas(16) constexpr Remainders kRemainders;

template <typename Scores>
struct Weigher {
  int32x4_t second;
  float32x4_t scale;
  int32x4_t sums = vdupq_n_s32(0);  // of weight - 128

  // 16 tokens: weight - 128.
  VITRO_INLINE int8x16_t weigh(const int32_t* scores, uint16x8_t& remainders0,
                               uint16x8_t& remainders1) {
    int16x8_t x[2];
    Scores::exponents(scores, second, scale, x);
    const Words e = scaled_exp2<2>(x[0], x[1]);
    const uint16x8_t u0 = vaddq_u16(e.low, remainders0), u1 = vaddq_u16(e.high, remainders1);
    remainders0 = remainder_of(u0, remainders0);
    remainders1 = remainder_of(u1, remainders1);
    const int8x16_t b = less_128(upper_bytes(u0, u1));
    sums = add_bytes(sums, b);
    return b;
  }
};

// A row's scores to its weights - 128, in their place; the sum of the weights. Tokens beyond the
// last, up to a multiple of 16, get weight 0.
template <typename Scores>
inline uint32_t weigh(int32_t* scores, size_t tokens, int32_t second, float score_scale) {
  const size_t last = (tokens - 1) / 16 * 16, padded = last + 16;
  Weigher<Scores> weigher{vdupq_n_s32(second), vdupq_n_f32(score_scale)};
  int8_t* const weights = reinterpret_cast<int8_t*>(scores);
  // Of the 16 tokens that come next, and of those behind them.
  uint16x8_t next0 = vld1q_u16(kRemainders.of), next1 = vld1q_u16(kRemainders.of + 8),
             behind0 = vld1q_u16(kRemainders.of + 16), behind1 = vld1q_u16(kRemainders.of + 24);
  size_t j = padded % 32;
  if (j != 0) {
    vst1q_s8(weights, weigher.weigh(scores, next0, next1));
    const uint16x8_t weighed0 = next0, weighed1 = next1;
    next0 = behind0, next1 = behind1;
    behind0 = weighed0, behind1 = weighed1;
  }
  for (; j < padded; j += 32) {
    const int8x16_t b = weigher.weigh(scores + j, next0, next1);
    store_pair(weights + j, b, weigher.weigh(scores + j + 16, behind0, behind1));
  }

  int32x4_t sums = weigher.sums;
  if constexpr (!Scores::kNoneWeighsNothing) {
    const uint8x16_t beyond =
        vcgeq_u8(vld1q_u8(kPlaces), vdupq_n_u8(static_cast<uint8_t>(tokens - last)));
    const int8x16_t some = vld1q_s8(weights + last), none = vdupq_n_s8(-128);
    vst1q_s8(weights + last, vbslq_s8(beyond, none, some));
    const uint8x16_t nothing = vandq_u8(beyond, vreinterpretq_u8_s8(veorq_s8(some, none)));
    sums = vsubq_s32(sums, vreinterpretq_s32_u32(vpaddlq_u16(vpaddlq_u8(nothing))));
  }
  return static_cast<uint32_t>(reduce_add(sums)) + static_cast<uint32_t>(padded) * 128;
}

// All rows' scores, `padded` for each, to their weights; step by step, for what one row waits for
// others can fill. `places` is memory.
template <typename Scores, size_t Rows>
inline void weigh_rows(int32_t* scores, size_t tokens, size_t rows, float score_scale,
                       WeighedRow (&weighed)[Rows], int32_t (&places)[Rows][16]) {
  const size_t padded = (tokens + 15) / 16 * 16;
  Leader leaders[Rows];
  int32_t seconds[Rows];
  find_leaders(scores, tokens, rows, Scores::kNone, places, leaders);
#pragma GCC unroll 1
  for (size_t i = 0; i < rows; ++i) {
    int32_t* const row = scores + i * padded;
    const uint32_t token = token_of(leaders[i], row, padded);
    row[token] = INT32_MIN;
    seconds[i] = find_second(row, padded, leaders[i], places[i]);
    const float lead = Scores::distance(leaders[i].score, seconds[i]);
    row[token] = Scores::of_leader(leaders[i].score, lead, score_scale);
    weighed[i] = {lead, 0, token};
  }
#pragma GCC unroll 1
  for (size_t i = 0; i < rows; ++i)
    weighed[i].sum = weigh<Scores>(scores + i * padded, tokens, seconds[i], score_scale);
}

// What the averages of up to eight rows are scaled with: others * sum + leader * the leader's
// value.
struct Factors {
  float others[8], leader[8];

  Factors(const WeighedRow* rows, size_t count, float score_scale) {
    float lead[8] = {};
    uint32_t sum[8] = {};
    for (size_t i = 0; i < count; ++i) {
      lead[i] = rows[i].lead;
      sum[i] = rows[i].sum;
    }
    const float32x4_t scale = vdupq_n_f32(score_scale);
    const int16x8_t x =
        round_s16(vmulq_f32(vld1q_f32(lead), scale), vmulq_f32(vld1q_f32(lead + 4), scale));
    const uint16x8_t weight = scaled_exp2<0>(x, x).low;
    four(0, vld1q_u32(sum), vget_low_u16(weight), vget_low_s16(x));
    four(4, vld1q_u32(sum + 4), vget_high_u16(weight), vget_high_s16(x));
  }

  VITRO_INLINE void four(size_t i, uint32x4_t sum, uint16x4_t weight, int16x4_t x) {
    const uint32x4_t alone = vceqq_s32(vmovl_s16(x), vdupq_n_s32(0));
    const float32x4_t a = vbslq_f32(alone, vdupq_n_f32(1.0f), vcvtq_f32_u32(vmovl_u16(weight)));
    const float32x4_t b = vbslq_f32(alone, vdupq_n_f32(0.0f), vdupq_n_f32(kLeader));
    const float32x4_t norm =
        divide(vdupq_n_f32(kAttentionUnits), vaddq_f32(vmulq_f32(vcvtq_f32_u32(sum), a), b));
    vst1q_f32(others + i, vmulq_f32(a, norm));
    vst1q_f32(leader + i, vmulq_f32(b, norm));
  }
};

}  // namespace
}  // namespace vitro
