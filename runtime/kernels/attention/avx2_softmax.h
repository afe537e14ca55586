// Softmax and averages of the attention kernels of 256-bit registers.
// For attention/avx2.cpp and attention/avx_vnni.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/avx2_math.h"
#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

// 1 << (14 - i) for i in 0..14: two tables of bytes, since AVX2 shifts no int16 by an amount of its own.
__m256i power_of(__m256i i) {
  const __m256i low = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, -128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, -128, 64, 32, 16, 8, 4, 2, 1, 0);
  const __m256i high = _mm256_setr_epi8(64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  return _mm256_or_si256(_mm256_shuffle_epi8(low, i), _mm256_slli_epi16(_mm256_shuffle_epi8(high, i), 8));
}

__m256i exponent_of(__m256i distance, __m256 score_scale) { return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(distance), score_scale)); }

// p of 16 tokens from their distances to the maximum.
__m256i weights_of(__m256i distance0, __m256i distance1, __m256 score_scale, __m128i weight_shift) {
  // What is too large for int32 became INT32_MIN, which packing makes 0x8000: above the limit as well.
  const __m256i x = _mm256_min_epu16(narrow16(exponent_of(distance0, score_scale), exponent_of(distance1, score_scale)), _mm256_set1_epi16(30719));
  const __m256i w = _mm256_slli_epi16(_mm256_and_si256(x, _mm256_set1_epi16(2047)), 4);
  __m256i e = _mm256_set1_epi16(-1296);
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  return _mm256_srl_epi16(_mm256_mulhrs_epi16(e, power_of(_mm256_srli_epi16(x, 11))), weight_shift);
}

int32_t reduce_add(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

int32_t reduce_max(__m256i v) {
  __m128i s = _mm_max_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_max_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

// A row's scores to its weights, as `Weights` puts them away; returns what its sums are multiplied by. Tokens beyond the last, up to a multiple of 16, get
// weight 0.
template <class Weights>
float weigh(int32_t* scores, size_t tokens, float score_scale, unsigned weight_shift, const Weights& weights) {
  const size_t padded = (tokens + 15) / 16 * 16;
  for (size_t j = tokens; j < padded; ++j) scores[j] = scores[0];
  __m256i highest = load(scores);
  for (size_t j = 8; j < padded; j += 8) highest = _mm256_max_epi32(highest, load(scores + j));
  highest = _mm256_set1_epi32(reduce_max(highest));

  const __m256 scale = _mm256_set1_ps(score_scale);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(weight_shift));
  __m256i sums = _mm256_setzero_si256();
  for (size_t j = 0; j < padded; j += 16) {
    const __m256i p = weights_of(_mm256_sub_epi32(highest, load(scores + j)), _mm256_sub_epi32(highest, load(scores + j + 8)), scale, shift);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(p, _mm256_set1_epi16(1)));
    weights.put(j, p);
  }
  int32_t sum = reduce_add(sums);
  for (size_t j = tokens; j < padded; ++j) sum -= weights.take(j);
  return 258.0f / static_cast<float>(sum);
}

__m256i average_of(const int32_t* acc, __m256 scale) {
  const __m256 y = _mm256_mul_ps(_mm256_cvtepi32_ps(load(acc)), scale);
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(y, _mm256_set1_ps(-32767.0f)), _mm256_set1_ps(32767.0f)));
}

// Up to 16 columns.
void store_average(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  const __m256 scales = _mm256_set1_ps(scale);
  const __m256i out = narrow16(average_of(acc, scales), average_of(acc + 8, scales));
  if (columns >= 16) return store(dst, out);
  int16_t lanes[16];
  store(lanes, out);
  memcpy(dst, lanes, columns * 2);
}

}  // namespace
}  // namespace vitro
