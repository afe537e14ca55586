// SPDX-License-Identifier: Apache-2.0
// affine and multiply for AVX2: 16 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kLanes = 16;

// Rounds half to even and saturates to int16 once narrowed: what is too low for an int32 becomes
// its least, and only what is too high must be kept from becoming that as well.
VITRO_INLINE __m256i round(__m256 y) {
  return _mm256_cvtps_epi32(_mm256_min_ps(y, _mm256_set1_ps(32767.0f)));
}

VITRO_INLINE __m256i affine8(__m128i x, const float* scale, const float* shift) {
  const __m256 real = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(x));
  return round(_mm256_add_ps(_mm256_mul_ps(real, _mm256_loadu_ps(scale)), _mm256_loadu_ps(shift)));
}

VITRO_INLINE __m256i affine16(const int16_t* x, const float* scale, const float* shift) {
  const __m256i values = load(x);
  return narrow16(affine8(_mm256_castsi256_si128(values), scale, shift),
                  affine8(_mm256_extracti128_si256(values, 1), scale + 8, shift + 8));
}

VITRO_INLINE __m256i multiply16(const int16_t* a, const int16_t* b, __m256 scale) {
  const __m256i x = load(a), y = load(b);
  const __m256i low = _mm256_mullo_epi16(x, y), high = _mm256_mulhi_epi16(x, y);
  const auto scaled = [&](__m256i product) __attribute__((always_inline)) {
    return round(_mm256_mul_ps(_mm256_cvtepi32_ps(product), scale));
  };
  // Within each half of the registers, as packs_epi32 puts them together again.
  return _mm256_packs_epi32(scaled(_mm256_unpacklo_epi16(low, high)),
                            scaled(_mm256_unpackhi_epi16(low, high)));
}

// The last columns of a row: fewer than kLanes.
void affine_rest(const AffineArgs& args, size_t row, size_t column) {
  const size_t at = row * args.dim + column, count = args.dim - column;
  int16_t x[kLanes] = {}, addend[kLanes] = {};
  float scale[kLanes] = {}, shift[kLanes] = {};
  memcpy(x, args.src + at, count * sizeof *x);
  if (args.addend) memcpy(addend, args.addend + at, count * sizeof *addend);
  memcpy(scale, args.scale + column, count * sizeof *scale);
  memcpy(shift, args.shift + column, count * sizeof *shift);
  store(x, _mm256_adds_epi16(affine16(x, scale, shift), load(addend)));
  memcpy(args.dst + at, x, count * sizeof *x);
}

}  // namespace

void affine(const AffineArgs& args) {
  for (size_t r = 0; r < args.m; ++r) {
    const size_t first = r * args.dim;
    size_t c = 0;
    for (; c + kLanes <= args.dim; c += kLanes) {
      __m256i y = affine16(args.src + first + c, args.scale + c, args.shift + c);
      if (args.addend) y = _mm256_adds_epi16(y, load(args.addend + first + c));
      store(args.dst + first + c, y);
    }
    if (c < args.dim) affine_rest(args, r, c);
  }
}

void multiply(const MultiplyArgs& args) {
  const __m256 scale = _mm256_set1_ps(args.scale);
  size_t i = 0;
  for (; i + kLanes <= args.count; i += kLanes)
    store(args.dst + i, multiply16(args.a + i, args.b + i, scale));
  if (i == args.count) return;
  int16_t a[kLanes] = {}, b[kLanes] = {};
  memcpy(a, args.a + i, (args.count - i) * sizeof *a);
  memcpy(b, args.b + i, (args.count - i) * sizeof *b);
  store(a, multiply16(a, b, scale));
  memcpy(args.dst + i, a, (args.count - i) * sizeof *a);
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
