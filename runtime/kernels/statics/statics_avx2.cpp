// SPDX-License-Identifier: Apache-2.0
// static_norm, static_quantise and static_add for AVX2: 16 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/inline.h"
#include "runtime/kernels/norms/avx2_sums.h"
#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro::avx2 {

namespace {

// Products stay below 2^22, so rounding them overflows nowhere and what saturates may follow.
VITRO_INLINE __m256i rounded(__m256i x, __m256 scale) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(x), scale));
}

VITRO_INLINE __m128i bytes_of(__m256i low, __m256i high, __m256i zero_point) {
  const __m256i words = _mm256_adds_epi16(narrow16(low, high), zero_point);
  return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

struct Quantiser {
  __m256 scale;
  __m256i zero_point;

  Quantiser(float by, int32_t zero)
      : scale(_mm256_set1_ps(by)), zero_point(_mm256_set1_epi16(static_cast<int16_t>(zero))) {}

  VITRO_INLINE __m128i sixteen(__m256i x) const {
    return bytes_of(rounded(_mm256_cvtepi16_epi32(_mm256_castsi256_si128(x)), scale),
                    rounded(_mm256_cvtepi16_epi32(_mm256_extracti128_si256(x, 1)), scale),
                    zero_point);
  }
};

struct Normaliser {
  __m256i dim, sum;
  Quantiser to_bytes;

  VITRO_INLINE __m256i eight(__m128i x) const {
    return rounded(_mm256_sub_epi32(_mm256_mullo_epi32(_mm256_cvtepi16_epi32(x), dim), sum),
                   to_bytes.scale);
  }
  VITRO_INLINE __m128i sixteen(__m256i x) const {
    return bytes_of(eight(_mm256_castsi256_si128(x)), eight(_mm256_extracti128_si256(x, 1)),
                    to_bytes.zero_point);
  }
};

// All values of a row, sixteen at a time.
template <typename Step>
VITRO_INLINE void each(const int16_t* x, size_t count, int8_t* dst, const Step& step) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i), step.sixteen(load(x + i)));
  if (i == count) return;
  const __m128i rest = step.sixteen(load_rest(x + i, count - i));
  memcpy(dst + i, &rest, count - i);
}

void normalise(const StaticNormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const Normaliser row{_mm256_set1_epi32(static_cast<int32_t>(args.dim)), _mm256_set1_epi32(sum),
                       Quantiser(inverse_deviation * args.scale, args.zero_point)};
  each(args.src + m * args.dim, args.dim, args.dst + m * args.dim, row);
}

VITRO_INLINE __m256i sum8(__m128i q, __m128i addend, __m256 scale) {
  return _mm256_add_epi32(rounded(_mm256_cvtepi8_epi32(q), scale), _mm256_cvtepi16_epi32(addend));
}

VITRO_INLINE __m256i sum16(__m128i q, __m256i addend, __m256 scale) {
  return narrow16(sum8(q, _mm256_castsi256_si128(addend), scale),
                  sum8(_mm_srli_si128(q, 8), _mm256_extracti128_si256(addend, 1), scale));
}

}  // namespace

void static_norm(const StaticNormArgs& args) { norm_rows<sums, normalise>(args); }

void static_quantise(const StaticQuantiseArgs& args) {
  each(args.src, args.count, args.dst, Quantiser(args.scale, args.zero_point));
}

void static_add(const StaticAddArgs& args) {
  const __m256 scale = _mm256_set1_ps(args.scale);
  const auto bytes = [](const int8_t* q) __attribute__((always_inline)) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(q));
  };
  size_t i = 0;
  for (; i + kLanes <= args.count; i += kLanes)
    store(args.dst + i, sum16(bytes(args.src + i), load(args.addend + i), scale));
  if (i == args.count) return;
  const size_t count = args.count - i;
  int8_t q[kLanes] = {};
  memcpy(q, args.src + i, count);
  const __m256i rest = sum16(bytes(q), load_rest(args.addend + i, count), scale);
  memcpy(args.dst + i, &rest, count * sizeof *args.dst);
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
