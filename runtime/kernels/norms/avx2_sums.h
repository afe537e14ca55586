// SPDX-License-Identifier: Apache-2.0
// The sums of a row that a norm needs, for AVX2. For norms/norms_avx2.cpp and
// statics/statics_avx2.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro {
namespace {

constexpr size_t kLanes = 16;

// Zeros beyond the end of a row.
VITRO_INLINE __m256i load_rest(const int16_t* x, size_t count) {
  int16_t values[kLanes] = {};
  memcpy(values, x, count * sizeof *x);
  return load(values);
}

inline NormSums sums(const int16_t* x, size_t dim) {
  __m256i sum = _mm256_setzero_si256(), squares = sum;
  const auto add = [&](__m256i v) __attribute__((always_inline)) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(v, _mm256_set1_epi16(1)));
    const __m256i pairs = _mm256_madd_epi16(v, v);  // up to 2^31: unsigned
    squares = _mm256_add_epi64(
        squares, _mm256_add_epi64(_mm256_and_si256(pairs, _mm256_set1_epi64x(0xffffffff)),
                                  _mm256_srli_epi64(pairs, 32)));
  };
  size_t c = 0;
  for (; c + kLanes <= dim; c += kLanes) add(load(x + c));
  if (c < dim) add(load_rest(x + c, dim - c));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  const __m128i two =
      _mm_add_epi64(_mm256_castsi256_si128(squares), _mm256_extracti128_si256(squares, 1));
  return {_mm_cvtsi128_si32(four) + _mm_extract_epi32(four, 1),
          _mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1)};
}

}  // namespace
}  // namespace vitro
