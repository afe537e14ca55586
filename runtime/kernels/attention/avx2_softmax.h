// SPDX-License-Identifier: Apache-2.0
// Softmax of the attention kernels of 256-bit registers: a row of scores to weights in their place,
// and what averages are scaled with. For attention/attention_avx2.cpp and
// attention/attention_avx_vnni.cpp alone; everything has internal linkage, so that no other object
// can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/avx2_exp2.h"

namespace vitro {
namespace {

inline __m256i exponent_of(__m256i distance, __m256 score_scale) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(distance), score_scale));
}

struct TwoHighest {
  int32_t first, second;
};

// Lanes' two highest.
struct HighestLanes {
  __m256i first, second;

  // Implicit constructors would not be functions of this ISA.
  VITRO_INLINE HighestLanes() : first(_mm256_set1_epi32(INT32_MIN)), second(first) {}

  VITRO_INLINE void add(__m256i v) {
    second = _mm256_max_epi32(second, _mm256_min_epi32(first, v));
    first = _mm256_max_epi32(first, v);
  }
  VITRO_INLINE void add(const HighestLanes& other) {
    second = _mm256_max_epi32(_mm256_min_epi32(first, other.first),
                              _mm256_max_epi32(second, other.second));
    first = _mm256_max_epi32(first, other.first);
  }
};

inline TwoHighest two_highest(const int32_t* scores, size_t count) {
  HighestLanes lanes, others;
  size_t j = 0;
  for (; j + 16 <= count; j += 16) {
    lanes.add(load(scores + j));
    others.add(load(scores + j + 8));
  }
  for (; j < count; j += 8)
    lanes.add(_mm256_blendv_epi8(_mm256_set1_epi32(INT32_MIN), load(scores + j),
                                 _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count - j)),
                                                    _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))));
  lanes.add(others);
  const __m256i first = lanes.first, second = lanes.second;
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

// Sixteen words as packing leaves them: of tokens 0-3, 8-11, 4-7, 12-15.
inline __m256i packed_order(const void* words) {
  return _mm256_permute4x64_epi64(load(words), 0xd8);
}

// A row's weighing, and what it has come to: words lie in the order of packing. Some vectors are
// taken abreast, since one alone would wait for each of its results.
struct Weigher {
  __m256i second;
  __m256i remainders, next_remainders, sums;
  // Of the leader, in its word: which sixteen tokens, from 1 on. Vectors find it without a
  // movemask, which takes the slot of a product, and a branch, which nobody could predict.
  __m256i leader;

  void start(int32_t second_score) {
    second = _mm256_set1_epi32(second_score);
    remainders = packed_order(kFirstRemainders);
    next_remainders = packed_order(kFirstRemainders + 16);
    sums = leader = _mm256_setzero_si256();
  }

  VITRO_INLINE __m256i exponents(const int32_t* score, __m256 scale) const {
    const auto of = [&](size_t j) __attribute__((always_inline)) {
      return exponent_of(_mm256_sub_epi32(second, load(score + j)), scale);
    };
    return _mm256_packs_epi32(of(0), of(8));
  }

  // The leader alone is below zero, if it leads: it weighs nothing.
  VITRO_INLINE void find_leader(__m256i exponents, __m256i sixteen) {
    leader = _mm256_or_si256(
        leader, _mm256_and_si256(_mm256_cmpgt_epi16(_mm256_setzero_si256(), exponents), sixteen));
  }

  VITRO_INLINE __m256i weights(__m256i exp2) {
    const __m256i u = _mm256_add_epi16(exp2, remainders);
    remainders = next_remainders;
    next_remainders = _mm256_and_si256(u, _mm256_set1_epi16(63));
    return _mm256_srli_epi16(u, 6);
  }

  // The leader's token where it leads, else any.
  uint32_t token() const {
    alignas(32) uint16_t of_word[16];
    store(of_word, leader);
    const uint32_t there = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpgt_epi16(leader, _mm256_setzero_si256())));
    const uint32_t word = static_cast<uint32_t>(__builtin_ctz(there | 1u << 31)) / 2;
    const uint32_t token = (of_word[word] - 1u) * 16 + (word % 4 | word / 4 % 2 * 8 | word / 8 * 4);
    return token & -static_cast<uint32_t>(there != 0);
  }
};

// Of a row: its two highest scores, the sum of its weights, and the leader's token where it leads,
// else any.
struct WeighedRow {
  TwoHighest highest;
  int32_t sum;
  uint32_t leader;
};

// Scores of up to Tile::kRows rows to their weights, in their place as Tile::Weight; step by step
// for all rows, which hides the latency of each. Tokens beyond the last, up to a multiple of 16,
// get weight 0. Tile::put(weights, first, other, sums) stores the weights of 32 tokens, or of 16
// where there are no others, and adds them to sums.
template <class Tile>
class Weighing {
 public:
  VITRO_INLINE Weighing(int32_t* scores, size_t padded, size_t rows, size_t tokens, float scale)
      : scores_(scores), padded_(padded), rows_(rows), tokens_(tokens) {
#pragma GCC unroll 1
    for (size_t i = 0; i < rows; ++i) {
      highest_[i] = two_highest(scores + i * padded, tokens);
      if (tokens == 1) highest_[i].second = highest_[i].first;
    }
#pragma GCC unroll 1
    for (size_t i = 0; i < rows; ++i) rows_of_[i].start(highest_[i].second);
    scale_ = _mm256_set1_ps(scale);
  }

  VITRO_INLINE void all() {
    size_t j = 0;
    for (; j + 64 <= tokens_; j += 64)
#pragma GCC unroll 1
      for (size_t i = 0; i < rows_; ++i) four(i, j);
    for (; j < tokens_; j += 16) {
      size_t i = 0;
      for (; i + 3 <= rows_; i += 3) rest<3>(i, j);
#pragma GCC unroll 1
      for (; i < rows_; ++i) rest<1>(i, j);
    }
  }

  VITRO_INLINE void finish(WeighedRow* weighed) const {
#pragma GCC unroll 1
    for (size_t i = 0; i < rows_; ++i)
      weighed[i] = {highest_[i], reduce_add(rows_of_[i].sums), rows_of_[i].token()};
  }

 private:
  typename Tile::Weight* weights(size_t i) {
    return reinterpret_cast<typename Tile::Weight*>(scores_ + i * padded_);
  }
  static __m256i sixteen(size_t j) { return _mm256_set1_epi16(static_cast<int16_t>(j / 16 + 1)); }

  // 64 tokens of row i, from j on.
  VITRO_INLINE void four(size_t i, size_t j) {
    Weigher row = rows_of_[i];
    const int32_t* const score = scores_ + i * padded_ + j;
    __m256i x[4];
    for (size_t v = 0; v < 4; ++v) x[v] = row.exponents(score + v * 16, scale_);
    for (size_t v = 0; v < 4; ++v) row.find_leader(x[v], sixteen(j + v * 16));
    exp2_weights(x);
    for (size_t v = 0; v < 4; ++v) x[v] = row.weights(x[v]);
    row.sums = Tile::put(weights(i) + j, x[0], x[1], row.sums);
    row.sums = Tile::put(weights(i) + j + 32, x[2], x[3], row.sums);
    // Member by member: a copy of all of it would wait for the last that was written.
    rows_of_[i].remainders = row.remainders;
    rows_of_[i].next_remainders = row.next_remainders;
    rows_of_[i].sums = row.sums;
    rows_of_[i].leader = row.leader;
  }

  // Up to 16 tokens of Count rows from i on, from j on.
  template <size_t Count>
  __attribute__((noinline)) void rest(size_t i, size_t j) {
    const size_t left = tokens_ - j < 16 ? tokens_ - j : 16;
    const __m256i present =
        _mm256_cmpgt_epi16(_mm256_set1_epi16(static_cast<int16_t>(left)),
                           _mm256_setr_epi16(0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15));
    Weigher* const row = rows_of_ + i;
    __m256i x[Count];
    for (size_t v = 0; v < Count; ++v)
      x[v] = _mm256_and_si256(row[v].exponents(scores_ + (i + v) * padded_ + j, scale_), present);
    for (size_t v = 0; v < Count; ++v) row[v].find_leader(x[v], sixteen(j));
    exp2_weights(x);
    for (size_t v = 0; v < Count; ++v)
      row[v].sums = Tile::put(weights(i + v) + j, _mm256_and_si256(row[v].weights(x[v]), present),
                              row[v].sums);
  }

  int32_t* scores_;
  size_t padded_, rows_, tokens_;
  __m256 scale_;
  TwoHighest highest_[Tile::kRows];
  Weigher rows_of_[Tile::kRows];
};

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
    __m256i x[] = {_mm256_cvtps_epi32(_mm256_min_ps(exponent, _mm256_set1_ps(kLargestExponent)))};
    const __m256 alone = _mm256_castsi256_ps(_mm256_cmpeq_epi32(x[0], _mm256_setzero_si256()));
    exp2_weights(x);
    const __m256 weight = _mm256_cvtepi32_ps(_mm256_and_si256(x[0], _mm256_set1_epi32(0xffff)));
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
