// SPDX-License-Identifier: Apache-2.0
// Softmax of the NEON ISAs' attentions: a row of scores to weights of 8 bits in their place, and
// what averages are scaled with. For attention/attention_neon*.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_exp2.h"

namespace vitro {
namespace {

#if defined(__aarch64__)

inline uint8x16_t narrow_by_6(uint16x8_t low, uint16x8_t high) {
  return vshrn_high_n_u16(vshrn_n_u16(low, 6), high, 6);
}
inline float32x4_t divide(float32x4_t a, float32x4_t b) { return vdivq_f32(a, b); }
inline uint16_t reduce_max(uint16x8_t v) { return vmaxvq_u16(v); }

#else

inline uint8x16_t narrow_by_6(uint16x8_t low, uint16x8_t high) {
  return vcombine_u8(vshrn_n_u16(low, 6), vshrn_n_u16(high, 6));
}

inline float32x4_t divide(float32x4_t a, float32x4_t b) {
  float lanes[4], by[4];
  vst1q_f32(lanes, a);
  vst1q_f32(by, b);
  for (size_t i = 0; i < 4; ++i) lanes[i] /= by[i];
  return vld1q_f32(lanes);
}

inline uint16_t reduce_max(uint16x8_t v) {
  uint16x4_t m = vmax_u16(vget_low_u16(v), vget_high_u16(v));
  m = vpmax_u16(m, m);
  return vget_lane_u16(vpmax_u16(m, m), 0);
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

// x of eight tokens, saturated to int16; negative where the law's is, before it makes that 30719.
inline int16x8_t exponent_of(int32x4_t distance0, int32x4_t distance1, float32x4_t score_scale) {
  return round_s16(vmulq_f32(vcvtq_f32_s32(distance0), score_scale),
                   vmulq_f32(vcvtq_f32_s32(distance1), score_scale));
}

struct TwoHighest {
  int32_t first, second;
};

// Of two vectors' lanes, each for itself: two chains, for cores that run in order.
struct HighestLanes {
  int32x4_t first0 = vdupq_n_s32(INT32_MIN), first1 = first0, second0 = first0, second1 = first0;

  VITRO_INLINE void add(int32x4_t v0, int32x4_t v1) {
    const int32x4_t less0 = vminq_s32(first0, v0), less1 = vminq_s32(first1, v1);
    first0 = vmaxq_s32(first0, v0);
    first1 = vmaxq_s32(first1, v1);
    second0 = vmaxq_s32(second0, less0);
    second1 = vmaxq_s32(second1, less1);
  }

  TwoHighest reduce() const {
    const int32x4_t first = vmaxq_s32(first0, first1),
                    second = vmaxq_s32(vminq_s32(first0, first1), vmaxq_s32(second0, second1));
    const int32x2_t low = vget_low_s32(first), high = vget_high_s32(first), f = vmax_s32(low, high);
    const int32x2_t s =
        vmax_s32(vmin_s32(low, high), vmax_s32(vget_low_s32(second), vget_high_s32(second)));
    return {vget_lane_s32(vpmax_s32(f, f), 0),
            vget_lane_s32(vmax_s32(vpmin_s32(f, f), vpmax_s32(s, s)), 0)};
  }
};

// Scores as they are stored: integers.
struct IntegerScores {
  static constexpr int32_t kNone = -(1 << 30);  // below all; no distance to it leaves int32

  // of - score, as floats.
  VITRO_INLINE static float32x4_t distance(int32x4_t of, int32x4_t score) {
    return vcvtq_f32_s32(vsubq_s32(of, score));
  }
};

// Scores below 2^22 as the bits of the float kRounder + score: the law's differences are exact in
// float.
struct ShiftedScores {
  static constexpr int32_t kNone = kRounderBits - (1 << 22);

  // Queries and keys are int8, so a score of them alone has at most 2^14 for each channel.
  static bool hold(const AttentionArgs& args) { return args.head_dim < 256 && !args.terms; }

  VITRO_INLINE static float32x4_t distance(int32x4_t of, int32x4_t score) {
    return vsubq_f32(vreinterpretq_f32_s32(of), vreinterpretq_f32_s32(score));
  }
};

constexpr int32_t kNoScore = INT32_MIN;
alignas(16) constexpr int32_t kLimits[32] = {
    INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
    INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
    kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,
    kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore,  kNoScore};
alignas(16) constexpr uint8_t kPlaces[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Scores beyond the last, up to a multiple of 16, become `none`. That is the second of a single
// token, too: whether it leads by so much, or weighs as much as any where the scale is tiny, its
// average is its value.
inline TwoHighest two_highest(int32_t* scores, size_t tokens, int32_t none) {
  const size_t last = (tokens - 1) / 16 * 16;
  HighestLanes lanes;
  for (size_t j = 0; j < last; j += 16) {
    const int32x4_t v0 = vld1q_s32(scores + j), v1 = vld1q_s32(scores + j + 4),
                    v2 = vld1q_s32(scores + j + 8), v3 = vld1q_s32(scores + j + 12);
    lanes.add(v0, v1);
    lanes.add(v2, v3);
  }
  const int32_t* const limits = kLimits + 16 - (tokens - last);
#pragma GCC unroll 2
  for (size_t i = 0; i < 16; i += 8) {
    const int32x4_t lowest = vdupq_n_s32(none),
                    v0 = vmaxq_s32(vminq_s32(vld1q_s32(scores + last + i), vld1q_s32(limits + i)),
                                   lowest),
                    v1 = vmaxq_s32(
                        vminq_s32(vld1q_s32(scores + last + i + 4), vld1q_s32(limits + i + 4)),
                        lowest);
    vst1q_s32(scores + last + i, v0);
    vst1q_s32(scores + last + i + 4, v1);
    lanes.add(v0, v1);
  }
  return lanes.reduce();
}

// Of a row: how far it leads, the sum of its weights, and the leader's token where it leads, else
// any.
struct WeighedRow {
  int32_t lead;
  uint32_t sum, leader;
};

// What is left of a token's weight for the next: its six lowest bits.
#if defined(VITRO_WITH_DOTPROD)
// Above these bits always lies -128, which is then missing from each weight. Cores without SDOT
// take two steps to select bits.
constexpr uint16_t kAboveRemainder = 0x10000 - (128 << 6);
VITRO_INLINE uint16x8_t remainder_of(uint16x8_t u, uint16x8_t before) {
  return vbslq_u16(vdupq_n_u16(63), u, before);
}
VITRO_INLINE int8x16_t less_128(uint8x16_t b) { return vreinterpretq_s8_u8(b); }
#else
constexpr uint16_t kAboveRemainder = 0;
VITRO_INLINE uint16x8_t remainder_of(uint16x8_t u, uint16x8_t) {
  return vandq_u16(u, vdupq_n_u16(63));
}
VITRO_INLINE int8x16_t less_128(uint8x16_t b) {
  return vreinterpretq_s8_u8(veorq_u8(b, vdupq_n_u8(128)));
}
#endif

struct Remainders {
  uint16_t of[32] = {};
  constexpr Remainders() {
    for (size_t i = 0; i < 32; ++i)
      of[i] = static_cast<uint16_t>(kFirstRemainders[i] | kAboveRemainder);
  }
};
alignas(16) constexpr Remainders kRemainders;

template <typename Scores>
struct Weigher {
  int32x4_t second;
  float32x4_t scale;
  int32x4_t sums = vdupq_n_s32(0);    // of weight - 128
  int16x8_t lowest = vdupq_n_s16(0),  // of eight lanes' x: negative from the leader on, if it leads
      since = lowest;                 // less one for each eight tokens from there on

  // 16 tokens: weight - 128. The leader, if it leads, is below zero and weighs nothing.
  VITRO_INLINE int8x16_t weigh(const int32_t* scores, uint16x8_t& remainders0,
                               uint16x8_t& remainders1) {
    float32x4_t y[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) y[i] = Scores::distance(second, vld1q_s32(scores + i * 4));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) y[i] = vmulq_f32(y[i], scale);
    const int16x8_t x0 = round_distances(y[0], y[1]), x1 = round_distances(y[2], y[3]);
    lowest = vminq_s16(lowest, x0);
    since = vsraq_n_s16(since, lowest, 15);
    lowest = vminq_s16(lowest, x1);
    since = vsraq_n_s16(since, lowest, 15);
    const Words e = exp2_weight(x0, x1);
    const uint16x8_t u0 = vaddq_u16(e.low, remainders0), u1 = vaddq_u16(e.high, remainders1);
    remainders0 = remainder_of(u0, remainders0);
    remainders1 = remainder_of(u1, remainders1);
    const int8x16_t b = less_128(narrow_by_6(u0, u1));
    sums = add_bytes(sums, b);
    return b;
  }

  uint32_t leader(size_t weighed) const {
    const uint16x8_t end =
        vaddq_u16(vdupq_n_u16(static_cast<uint16_t>(weighed)), vmovl_u8(vld1_u8(kPlaces)));
    const uint16x8_t token = vaddq_u16(end, vreinterpretq_u16_s16(vshlq_n_s16(since, 3)));
    return reduce_max(vandq_u16(token, vreinterpretq_u16_s16(vshrq_n_s16(lowest, 15))));
  }
};

// A row's scores to its weights - 128, in their place. Tokens beyond the last, up to a multiple of
// 16, get weight 0.
template <typename Scores>
inline WeighedRow weigh(int32_t* scores, size_t tokens, float score_scale) {
  const size_t last = (tokens - 1) / 16 * 16, padded = last + 16;
  const TwoHighest highest = two_highest(scores, tokens, Scores::kNone);
  const int32_t lead = highest.first - highest.second;
  Weigher<Scores> weigher{vdupq_n_s32(highest.second), vdupq_n_f32(score_scale)};
  int8_t* const weights = reinterpret_cast<int8_t*>(scores);
  // Of the 16 tokens that come next, and of those behind them.
  uint16x8_t next0 = vld1q_u16(kRemainders.of), next1 = vld1q_u16(kRemainders.of + 8),
             behind0 = vld1q_u16(kRemainders.of + 16), behind1 = vld1q_u16(kRemainders.of + 24);
  const int8x16_t none = vdupq_n_s8(-128);
  int8x16_t before = none;  // the last 16
  size_t j = padded % 32;
  if (j != 0) {
    before = weigher.weigh(scores, next0, next1);
    vst1q_s8(weights, before);
    const uint16x8_t weighed0 = next0, weighed1 = next1;
    next0 = behind0, next1 = behind1;
    behind0 = weighed0, behind1 = weighed1;
  }
  for (; j < padded; j += 32) {
    const int8x16_t b = weigher.weigh(scores + j, next0, next1);
    before = weigher.weigh(scores + j + 16, behind0, behind1);
    store_pair(weights + j, b, before);
  }

  const uint8x16_t beyond =
      vcgeq_u8(vld1q_u8(kPlaces), vdupq_n_u8(static_cast<uint8_t>(tokens - last)));
  vst1q_s8(weights + last, vbslq_s8(beyond, none, before));
  const uint8x16_t nothing = vandq_u8(beyond, vreinterpretq_u8_s8(veorq_s8(before, none)));
  const int32x4_t sums =
      vsubq_s32(weigher.sums, vreinterpretq_s32_u32(vpaddlq_u16(vpaddlq_u8(nothing))));
  const uint32_t sum =
      static_cast<uint32_t>(reduce_add(sums)) + static_cast<uint32_t>(padded) * 128;
  return {lead, sum, weigher.leader(padded)};
}

// What the averages of up to eight rows are scaled with: others * sum + leader * the leader's
// value.
struct Factors {
  float others[8], leader[8];

  Factors(const WeighedRow* rows, size_t count, float score_scale) {
    int32_t lead[8] = {};
    uint32_t sum[8] = {};
    for (size_t i = 0; i < count; ++i) {
      lead[i] = rows[i].lead;
      sum[i] = rows[i].sum;
    }
    const int16x8_t x = exponent_of(vld1q_s32(lead), vld1q_s32(lead + 4), vdupq_n_f32(score_scale));
    const uint16x8_t weight = exp2_weight(x, x).low;
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
