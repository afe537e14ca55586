// quantise_rows for AVX2: the extremes in int16, the quantisation in float.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/kernels.h"

namespace vitro::avx2 {

namespace {

// Eight numbers of a row; zeros beyond its end.
__m128i load8(const int16_t* x, size_t left) {
  if (left >= 8) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
  __m128i v = _mm_setzero_si128();
  memcpy(&v, x, left * 2);
  return v;
}

// The smallest of eight. vphminposuw knows only unsigned numbers.
int32_t reduce_min(__m128i v) {
  const __m128i sign = _mm_set1_epi16(INT16_MIN);
  return static_cast<int16_t>(_mm_cvtsi128_si32(_mm_xor_si128(_mm_minpos_epu16(_mm_xor_si128(v, sign)), sign)));
}

int32_t reduce_max(__m128i v) { return -1 - reduce_min(_mm_xor_si128(v, _mm_set1_epi16(-1))); }

void store8(int8_t* dst, size_t left, __m256i q) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
  const __m128i bytes = _mm_packs_epi16(words, words);
  if (left >= 8) return _mm_storel_epi64(reinterpret_cast<__m128i*>(dst), bytes);
  memcpy(dst, &bytes, left);
}

}  // namespace

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    __m128i lowest = _mm_setzero_si128(), highest = _mm_setzero_si128();
    for (size_t c = 0; c < args.dim; c += 8) {
      const __m128i v = load8(x + c, args.dim - c);
      lowest = _mm_min_epi16(lowest, v);
      highest = _mm_max_epi16(highest, v);
    }
    const float lo = static_cast<float>(reduce_min(lowest));
    float range = static_cast<float>(reduce_max(highest)) - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    int32_t zero_point = _mm_cvtss_si32(_mm_set_ss(-128.0f - lo * multiplier));
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    int8_t* dst = args.dst + m * args.dim;
    for (size_t c = 0; c < args.dim; c += 8) {
      const __m256 h = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(load8(x + c, args.dim - c)));
      const __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(h, _mm256_set1_ps(multiplier)));
      store8(dst + c, args.dim - c, _mm256_add_epi32(q, _mm256_set1_epi32(zero_point)));
    }
    args.dst_rows[m] = {range * args.scale, zero_point};
  }
}

}  // namespace vitro::avx2
