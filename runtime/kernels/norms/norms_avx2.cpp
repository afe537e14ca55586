// SPDX-License-Identifier: Apache-2.0
// norm and head_norm for AVX2: 16 columns at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/norms/avx2_sums.h"
#include "runtime/kernels/norms/norm_rows.h"

namespace vitro::avx2 {

namespace {

// Rounds half to even and saturates once narrowed: what is too low for an int32 becomes its least,
// and only what is too high must be kept from becoming that as well.
VITRO_INLINE __m256i rounded(__m256 y, float highest) {
  return _mm256_cvtps_epi32(_mm256_min_ps(y, _mm256_set1_ps(highest)));
}

struct Row {
  __m256i dim, sum;
  __m256 inverse_deviation;

  VITRO_INLINE __m256i eight(__m128i x, const float* gamma, const float* beta) const {
    const __m256i centred =
        _mm256_sub_epi32(_mm256_mullo_epi32(_mm256_cvtepi16_epi32(x), dim), sum);
    const __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(centred), inverse_deviation);
    return rounded(
        _mm256_add_ps(_mm256_mul_ps(real, _mm256_loadu_ps(gamma)), _mm256_loadu_ps(beta)),
        32767.0f);
  }
  VITRO_INLINE __m256i sixteen(__m256i x, const float* gamma, const float* beta) const {
    return narrow16(eight(_mm256_castsi256_si128(x), gamma, beta),
                    eight(_mm256_extracti128_si256(x, 1), gamma + 8, beta + 8));
  }
};

void normalise(const NormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const size_t dim = args.dim;
  const int16_t* const x = args.src + m * dim;
  int16_t* const dst = args.dst + m * dim;
  const Row row{_mm256_set1_epi32(static_cast<int32_t>(dim)), _mm256_set1_epi32(sum),
                _mm256_set1_ps(inverse_deviation)};
  size_t c = 0;
  for (; c + kLanes <= dim; c += kLanes)
    store(dst + c, row.sixteen(load(x + c), args.gamma + c, args.beta + c));
  if (c == dim) return;
  const size_t count = dim - c;
  float gamma[kLanes] = {}, beta[kLanes] = {};
  memcpy(gamma, args.gamma + c, count * sizeof *gamma);
  memcpy(beta, args.beta + c, count * sizeof *beta);
  const __m256i y = row.sixteen(load_rest(x + c, count), gamma, beta);
  memcpy(dst + c, &y, count * sizeof *dst);
}

VITRO_INLINE __m256i eight_of_head(__m128i x, __m256 inverse, const float* gain) {
  const __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(x)), inverse);
  return rounded(_mm256_mul_ps(real, _mm256_loadu_ps(gain)), 127.0f);
}

VITRO_INLINE __m128i sixteen_of_head(__m256i x, __m256 inverse, const float* gain) {
  const __m256i words = narrow16(eight_of_head(_mm256_castsi256_si128(x), inverse, gain),
                                 eight_of_head(_mm256_extracti128_si256(x, 1), inverse, gain + 8));
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
}

void scale_head(const int16_t* x, size_t dim, float inverse_length, const float* gain,
                int8_t* dst) {
  const __m256 inverse = _mm256_set1_ps(inverse_length);
  size_t c = 0;
  for (; c + kLanes <= dim; c += kLanes)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + c),
                     sixteen_of_head(load(x + c), inverse, gain + c));
  if (c == dim) return;
  float gains[kLanes] = {};
  memcpy(gains, gain + c, (dim - c) * sizeof *gain);
  const __m128i y = sixteen_of_head(load_rest(x + c, dim - c), inverse, gains);
  memcpy(dst + c, &y, dim - c);
}

}  // namespace

void norm(const NormArgs& args) { norm_rows<sums, normalise>(args); }

void head_norm(const HeadNormArgs& args) { norm_heads<sums, scale_head>(args); }

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
