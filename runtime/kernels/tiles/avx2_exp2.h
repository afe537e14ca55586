// SPDX-License-Identifier: Apache-2.0
// The weights of softmaxes for 256-bit registers. For attention/avx2_softmax.h and
// rollout/rollout_avx2.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
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

// The law's exp2_weight of words, those beyond kLargestExponent as that, on all vectors abreast.
template <size_t Count>
VITRO_INLINE void exp2_weights(__m256i (&x)[Count]) {
  __m256i w[Count], e[Count];
  for (size_t v = 0; v < Count; ++v) {
    x[v] = _mm256_min_epu16(x[v], _mm256_set1_epi16(kLargestExponent));
    w[v] = _mm256_slli_epi16(_mm256_and_si256(x[v], _mm256_set1_epi16(2047)), 4);
    e[v] = horner(_mm256_set1_epi16(kExp2[0]), w[v], kExp2[1]);
  }
  for (size_t v = 0; v < Count; ++v) {
    e[v] = horner(e[v], w[v], kExp2[2]);
    x[v] = _mm256_mulhi_epu16(_mm256_add_epi16(e[v], e[v]), power_of(_mm256_srli_epi16(x[v], 11)));
  }
}

inline int32_t reduce_add(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

}  // namespace
}  // namespace vitro
