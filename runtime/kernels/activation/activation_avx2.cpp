// SPDX-License-Identifier: Apache-2.0
// silu for AVX2: 32 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kVectors = 2;

// On all vectors abreast: one alone would wait for each of its own products.
VITRO_INLINE void apply(__m256i (&h)[kVectors], unsigned fraction_bits) {
  const __m256i limit = _mm256_set1_epi16(static_cast<int16_t>((12 << fraction_bits) - 1));
  const __m128i up = _mm_cvtsi32_si128(static_cast<int>(11 - fraction_bits));
  __m256i w[kVectors], r[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    const __m256i t = _mm256_sll_epi16(_mm256_min_epu16(_mm256_abs_epi16(h[v]), limit), up);
    const __m256i sixths =
        _mm256_slli_epi16(_mm256_mulhrs_epi16(t, _mm256_set1_epi16(kTwoThirds)), 2);
    w[v] = _mm256_xor_si256(sixths, _mm256_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
    r[v] = _mm256_set1_epi16(kSilu[0]);
  }
  for (size_t i = 1; i < 11; ++i)
    for (size_t v = 0; v < kVectors; ++v) r[v] = horner(r[v], w[v], kSilu[i]);
  // The last with what rounds to h's unit.
  const int16_t last = static_cast<int16_t>(kSilu[11] + (1 << (13 - fraction_bits)));
  const __m128i to_unit = _mm_cvtsi32_si128(static_cast<int>(14 - fraction_bits));
  for (size_t v = 0; v < kVectors; ++v)
    h[v] = _mm256_subs_epi16(_mm256_max_epi16(h[v], _mm256_setzero_si256()),
                             _mm256_sra_epi16(horner(r[v], w[v], last), to_unit));
}

}  // namespace

void silu(const SiluArgs& args) {
  size_t i = 0;
  for (; i + 32 <= args.count; i += 32) {
    __m256i h[kVectors] = {load(args.values + i), load(args.values + i + 16)};
    apply(h, args.fraction_bits);
    store(args.values + i, h[0]);
    store(args.values + i + 16, h[1]);
  }
  if (i == args.count) return;
  int16_t rest[32] = {};
  memcpy(rest, args.values + i, (args.count - i) * 2);
  __m256i h[kVectors] = {load(rest), load(rest + 16)};
  apply(h, args.fraction_bits);
  store(rest, h[0]);
  store(rest + 16, h[1]);
  memcpy(args.values + i, rest, (args.count - i) * 2);
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
