// SPDX-License-Identifier: Apache-2.0
// Softmax of the attention kernel of 512-bit registers: a few rows of scores to weights of 8 bits
// in their place, and what averages are scaled with. For attention/attention_avx512_vnni.cpp alone;
// everything has internal linkage, so that no other object can pick it up.
#pragma once

#include <immintrin.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/avx512_vnni_tile.h"

namespace vitro {
namespace {

inline __m512i horner(__m512i e, __m512i w, int16_t c) {
  return _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(c));
}

// The law's exp2_weight of 32 words.
VITRO_INLINE __m512i exp2_weight(__m512i x) {
  const __m512i w = _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(2047)), 4);
  const __m512i e = horner(horner(_mm512_set1_epi16(kExp2[0]), w, kExp2[1]), w, kExp2[2]);
  return _mm512_srlv_epi16(e, _mm512_srli_epi16(x, 11));
}

inline __m512i exponent_of(__m512i distance, __m512 score_scale) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(distance), score_scale));
}

// Two highest, lane by lane.
struct TwoHighest {
  __m512i first, second;

  VITRO_INLINE void start() { first = second = _mm512_set1_epi32(INT32_MIN); }

  VITRO_INLINE void add(__m512i v) {
    second = _mm512_max_epi32(second, _mm512_min_epi32(first, v));
    first = _mm512_max_epi32(first, v);
  }

  VITRO_INLINE void add(const TwoHighest& v) {
    add(v.first);
    second = _mm512_max_epi32(second, v.second);
  }

  template <Signs signs>
  VITRO_INLINE void add(const TileRow<signs, kTilePanels>& scores) {
    add(scores.acc0);
    add(scores.acc1);
    add(scores.acc2);
    add(scores.acc3);
  }

  // Of tokens from j on; those from `tokens` on do not count.
  VITRO_INLINE void add(const int32_t* score, size_t j, size_t tokens) {
    for (; j + 16 <= tokens; j += 16) add(_mm512_load_si512(score + j));
    if (j < tokens)
      add(_mm512_mask_loadu_epi32(_mm512_set1_epi32(INT32_MIN), lanes_left(j, tokens), score + j));
  }
};

// Which half of two vectors' lanes is held against the other.
struct Words {
  static VITRO_INLINE __m512i low(__m512i a, __m512i b) { return _mm512_unpacklo_epi32(a, b); }
  static VITRO_INLINE __m512i high(__m512i a, __m512i b) { return _mm512_unpackhi_epi32(a, b); }
};
struct Pairs {
  static VITRO_INLINE __m512i low(__m512i a, __m512i b) { return _mm512_unpacklo_epi64(a, b); }
  static VITRO_INLINE __m512i high(__m512i a, __m512i b) { return _mm512_unpackhi_epi64(a, b); }
};
struct Quarters {
  static VITRO_INLINE __m512i low(__m512i a, __m512i b) { return _mm512_shuffle_i32x4(a, b, 0x88); }
  static VITRO_INLINE __m512i high(__m512i a, __m512i b) {
    return _mm512_shuffle_i32x4(a, b, 0xdd);
  }
};

template <class Halves>
VITRO_INLINE TwoHighest halve(const TwoHighest& a, const TwoHighest& b) {
  TwoHighest both = {Halves::low(a.first, b.first), Halves::low(a.second, b.second)};
  both.add(TwoHighest{Halves::high(a.first, b.first), Halves::high(a.second, b.second)});
  return both;
}

// Row i's two highest in lane i: rows together, since one alone would wait for each of its steps.
VITRO_INLINE TwoHighest by_row(const TwoHighest (&rows)[kTileRows]) {
  const TwoHighest first = halve<Words>(rows[0], rows[1]), middle = halve<Words>(rows[2], rows[3]),
                   last = halve<Words>(rows[4], rows[5]);
  const TwoHighest lanes = halve<Quarters>(halve<Pairs>(first, middle), halve<Pairs>(last, last));
  return halve<Quarters>(lanes, lanes);
}

struct WeighedRow {
  __m512i sums;    // 16 parts of the sum of the weights
  uint32_t token;  // the leader's, where it leads; else any
};

// What a row's weighing has come to.
struct Weighed {
  __m512i remainders, sums;  // sums: 16 parts of the sum of the weights
  uint32_t leader;           // place of its word among those of all vectors, where it leads

  void start() {
    remainders = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7),
                                          _mm512_load_si512(kFirstRemainders));
    sums = _mm512_setzero_si512();
    leader = 0;
  }

  // The leader, where it leads; else any token.
  uint32_t token() const {
    const uint32_t word = leader % 32;
    return leader - word + (word % 4 | word / 8 * 4 | word / 4 % 2 * 16);
  }
};

// 32 tokens' weights in the order that packing leaves: four of the first sixteen, four of the
// others, and so on. The leader, if it leads, is below zero; like an exponent beyond the law's
// 30719, its weight is shifted by 15 or more, to 0.
struct Weigher {
  __m512i second;
  __m512 scale;
  __m512i remainders, sums;
  uint32_t leader;

  VITRO_INLINE Weigher(int32_t highest, float score_scale, const Weighed& before)
      : second(_mm512_set1_epi32(highest)),
        scale(_mm512_set1_ps(score_scale)),
        remainders(before.remainders),
        sums(before.sums),
        leader(before.leader) {}

  // Member by member: a copy of all of it would wait for the last that was written.
  VITRO_INLINE void to(Weighed& after) const {
    after.remainders = remainders;
    after.sums = sums;
    after.leader = leader;
  }

  VITRO_INLINE __m512i add(__m512i score0, __m512i score1, size_t j) {
    const __m512i x = _mm512_packs_epi32(exponent_of(_mm512_sub_epi32(second, score0), scale),
                                         exponent_of(_mm512_sub_epi32(second, score1), scale));
    // At most one vector has the leader; branch-free, because it is unpredictable.
    const uint32_t below = _mm512_movepi16_mask(x);
    const uint32_t word =
        static_cast<uint32_t>(j) + static_cast<uint32_t>(__builtin_ctz(below | 1u << 31));
    leader |= word & -static_cast<uint32_t>(below != 0);
    const __m512i u = _mm512_add_epi16(exp2_weight(x), remainders);
    remainders = _mm512_and_si512(u, _mm512_set1_epi16(63));
    return _mm512_srli_epi16(u, 6);
  }

  static VITRO_INLINE __m512i sorted(__m512i weights0, __m512i weights1) {
    return _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
        _mm512_packus_epi16(weights0, weights1));
  }

  VITRO_INLINE void put(int32_t* score, size_t j, __m512i weights) {
    sums = _mm512_dpbusd_epi32(sums, weights, _mm512_set1_epi8(1));
    _mm512_store_si512(reinterpret_cast<uint8_t*>(score) + j, weights);
  }

  // 64 scores from token j on to weights.
  VITRO_INLINE void weigh(int32_t* score, size_t j) {
    const __m512i first = add(_mm512_load_si512(score + j), _mm512_load_si512(score + j + 16), j);
    const __m512i other =
        add(_mm512_load_si512(score + j + 32), _mm512_load_si512(score + j + 48), j + 32);
    put(score, j, sorted(first, other));
  }

  // The fewer than 64 that are left: others count as no leader, and get weight 0.
  VITRO_INLINE void weigh_rest(int32_t* score, size_t j, size_t count) {
    const uint64_t there = (uint64_t{1} << count) - 1;
    const auto load = [&](size_t at) __attribute__((always_inline)) {
      return _mm512_mask_loadu_epi32(second, static_cast<__mmask16>(there >> at), score + j + at);
    };
    const __m512i first = add(load(0), load(16), j);
    const __m512i other = count > 32 ? add(load(32), load(48), j + 32) : _mm512_setzero_si512();
    put(score, j, _mm512_maskz_mov_epi8(there, sorted(first, other)));
  }
};

// Scores of a few rows to their weights, in their place, 64 tokens of all rows before the next 64.
class Weighing {
 public:
  Weighing(int32_t* scores, size_t padded, size_t rows, size_t tokens, const int32_t* second,
           float score_scale)
      : scores_(scores),
        second_(second),
        padded_(padded),
        rows_(rows),
        tokens_(tokens),
        scale_(score_scale) {
    for (size_t i = 0; i < rows; ++i) to_[i].start();
  }

  bool left() const { return token_ < tokens_; }

  // 64 tokens of the next row.
  VITRO_INLINE void part() {
    int32_t* const score = scores_ + row_ * padded_;
    Weigher weigher(second_[row_], scale_, to_[row_]);
    if (token_ + 64 <= tokens_)
      weigher.weigh(score, token_);
    else
      weigher.weigh_rest(score, token_, tokens_ - token_);
    weigher.to(to_[row_]);
    if (++row_ == rows_) {
      row_ = 0;
      token_ += 64;
    }
  }

  // The sums of the rows' weights, and their leaders.
  void finish(int32_t* sums, uint32_t* leaders) const {
    for (size_t i = 0; i < rows_; ++i) {
      sums[i] = _mm512_reduce_add_epi32(to_[i].sums);
      leaders[i] = to_[i].token();
    }
  }

 private:
  int32_t* scores_;
  const int32_t* second_;
  size_t padded_, rows_, tokens_, row_ = 0, token_ = 0;
  float scale_;
  Weighed to_[kTileRows];
};

// What the averages of up to 16 rows are scaled with: others * sum + leader * the leader's value.
struct Factors {
  alignas(64) float others[16], leader[16];

  void make(const int32_t* first, const int32_t* second, const int32_t* sum, float score_scale) {
    const __m512i distance = _mm512_sub_epi32(_mm512_load_si512(first), _mm512_load_si512(second));
    const __m512i lead = _mm512_cvtps_epi32(
        _mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(distance), _mm512_set1_ps(score_scale)),
                      _mm512_set1_ps(kLargestExponent)));
    const __mmask16 leads = _mm512_cmpneq_epi32_mask(lead, _mm512_setzero_si512());
    const __m512i weight = _mm512_and_si512(exp2_weight(lead), _mm512_set1_epi32(0xffff));
    const __m512 a = _mm512_mask_cvtepi32_ps(_mm512_set1_ps(1.0f), leads, weight),
                 b = _mm512_maskz_mov_ps(leads, _mm512_set1_ps(kLeader));
    const __m512 norm = _mm512_div_ps(
        _mm512_set1_ps(kAttentionUnits),
        _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sum)), a), b));
    _mm512_store_ps(others, _mm512_mul_ps(a, norm));
    _mm512_store_ps(leader, _mm512_mul_ps(b, norm));
  }
};

}  // namespace
}  // namespace vitro
