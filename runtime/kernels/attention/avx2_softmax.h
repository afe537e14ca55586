// SPDX-License-Identifier: Apache-2.0
// Softmax of the attention kernels of 256-bit registers: a row of scores to weights in their place,
// and what averages are scaled with. For attention/attention_avx2.cpp and
// attention/attention_avx_vnni.cpp alone; everything has internal linkage, so that no other object
// can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro {
namespace {

// 1 << (15 - i) for i in 0..14: two tables of bytes, since AVX2 shifts no int16 by an amount of its
// own.
inline __m256i power_of(__m256i i) {
  const __m256i low = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, -128, 64, 32, 16, 8, 4, 2, 1, 0, 0,
                                       0, 0, 0, 0, 0, 0, -128, 64, 32, 16, 8, 4, 2, 1);
  const __m256i high = _mm256_setr_epi8(-128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, -128,
                                        64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  return _mm256_or_si256(_mm256_shuffle_epi8(low, i),
                         _mm256_slli_epi16(_mm256_shuffle_epi8(high, i), 8));
}

// The law's exp2_weight of 16 words.
VITRO_INLINE __m256i exp2_weight(__m256i x) {
  const __m256i w = _mm256_slli_epi16(_mm256_and_si256(x, _mm256_set1_epi16(2047)), 4);
  const __m256i e = horner(horner(_mm256_set1_epi16(kExp2[0]), w, kExp2[1]), w, kExp2[2]);
  return _mm256_mulhi_epu16(_mm256_add_epi16(e, e), power_of(_mm256_srli_epi16(x, 11)));
}

inline __m256i exponent_of(__m256i distance, __m256 score_scale) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(distance), score_scale));
}

inline int32_t reduce_add(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

struct TwoHighest {
  int32_t first, second;
};

inline TwoHighest two_highest(const int32_t* scores, size_t count) {
  const __m256i lowest = _mm256_set1_epi32(INT32_MIN);
  __m256i first = lowest, second = lowest;
  const auto next = [&](__m256i v) __attribute__((always_inline)) {
    second = _mm256_max_epi32(second, _mm256_min_epi32(first, v));
    first = _mm256_max_epi32(first, v);
  };
  size_t j = 0;
  for (; j + 8 <= count; j += 8) next(load(scores + j));
  if (j < count)
    next(_mm256_blendv_epi8(lowest, load(scores + j),
                            _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count - j)),
                                               _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))));
  __m128i f = _mm256_castsi256_si128(first), s = _mm256_castsi256_si128(second);
  const auto merge = [&](__m128i other_first, __m128i other_second) __attribute__((always_inline)) {
    s = _mm_max_epi32(_mm_min_epi32(f, other_first), _mm_max_epi32(s, other_second));
    f = _mm_max_epi32(f, other_first);
  };
  merge(_mm256_extracti128_si256(first, 1), _mm256_extracti128_si256(second, 1));
  merge(_mm_shuffle_epi32(f, 0x4e), _mm_shuffle_epi32(s, 0x4e));
  merge(_mm_shuffle_epi32(f, 0xb1), _mm_shuffle_epi32(s, 0xb1));
  return {_mm_cvtsi128_si32(f), _mm_cvtsi128_si32(s)};
}

// Of a row: its two highest scores, the sum of its weights, and the leader's token where it leads,
// else any.
struct WeighedRow {
  TwoHighest highest;
  int32_t sum;
  uint32_t leader;
};

// A row's scores to its weights, in their place as Tile::Weight. Tokens beyond the last, up to a
// multiple of 16, get weight 0. Tile::put(weights, 16 words) stores them.
template <class Tile>
VITRO_INLINE WeighedRow weigh(int32_t* scores, size_t tokens, float score_scale) {
  TwoHighest highest = two_highest(scores, tokens);
  if (tokens == 1) highest.second = highest.first;
  const __m256i second = _mm256_set1_epi32(highest.second);
  const __m256 scale = _mm256_set1_ps(score_scale);
  auto* const weights = reinterpret_cast<typename Tile::Weight*>(scores);
  __m256i sums = _mm256_setzero_si256(), remainders = load(kFirstRemainders),
          next_remainders = load(kFirstRemainders + 16);
  uint32_t leader = 0;
  const auto weigh16 = [&](size_t j, __m256i present) __attribute__((always_inline)) {
    const __m256i distance0 = _mm256_sub_epi32(second, load(scores + j)),
                  distance1 = _mm256_sub_epi32(second, load(scores + j + 8));
    const __m256i x = narrow16(exponent_of(distance0, scale), exponent_of(distance1, scale));
    const uint32_t below =
        static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(x, present))) &
        0xaaaaaaaa;  // the leader alone, if it leads: it weighs nothing
    const uint32_t word =
        static_cast<uint32_t>(j) + static_cast<uint32_t>(__builtin_ctz(below | 1u << 31)) / 2;
    leader |=
        word & -static_cast<uint32_t>(below != 0);  // without a branch, which nobody could predict
    const __m256i u = _mm256_add_epi16(
        exp2_weight(_mm256_min_epu16(x, _mm256_set1_epi16(kLargestExponent))), remainders);
    remainders = next_remainders;
    next_remainders = _mm256_and_si256(u, _mm256_set1_epi16(63));
    const __m256i b = _mm256_and_si256(_mm256_srli_epi16(u, 6), present);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(b, _mm256_set1_epi16(1)));
    Tile::put(weights + j, b);
  };
  size_t j = 0;
  for (; j + 16 <= tokens; j += 16) weigh16(j, _mm256_set1_epi16(-1));
  if (j < tokens)
    weigh16(j, _mm256_cmpgt_epi16(
                   _mm256_set1_epi16(static_cast<int16_t>(tokens - j)),
                   _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
  return {highest, reduce_add(sums), leader};
}

// What the averages of up to eight rows are scaled with: others * sum + leader * the leader's
// value.
struct Factors {
  alignas(32) float others[8], leader[8];

  Factors(const WeighedRow* rows, size_t count, float score_scale) {
    alignas(32) int32_t lead[8] = {}, sum[8] = {};
    for (size_t i = 0; i < count; ++i) {
      lead[i] = rows[i].highest.first - rows[i].highest.second;
      sum[i] = rows[i].sum;
    }
    const __m256 exponent =
        _mm256_mul_ps(_mm256_cvtepi32_ps(load(lead)), _mm256_set1_ps(score_scale));
    const __m256i x = _mm256_cvtps_epi32(_mm256_min_ps(exponent, _mm256_set1_ps(kLargestExponent)));
    const __m256 alone = _mm256_castsi256_ps(_mm256_cmpeq_epi32(x, _mm256_setzero_si256()));
    const __m256 weight =
        _mm256_cvtepi32_ps(_mm256_and_si256(exp2_weight(x), _mm256_set1_epi32(0xffff)));
    const __m256 a = _mm256_blendv_ps(weight, _mm256_set1_ps(1.0f), alone),
                 b = _mm256_andnot_ps(alone, _mm256_set1_ps(kLeader));
    const __m256 norm =
        _mm256_div_ps(_mm256_set1_ps(kAttentionUnits),
                      _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(load(sum)), a), b));
    _mm256_store_ps(others, _mm256_mul_ps(a, norm));
    _mm256_store_ps(leader, _mm256_mul_ps(b, norm));
  }
};

}  // namespace
}  // namespace vitro
