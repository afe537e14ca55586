// SPDX-License-Identifier: Apache-2.0
// silu for AVX-512: 64 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"

namespace vitro::avx512_vnni {

namespace {

constexpr size_t kVectors = 2;

// On all vectors abreast: one alone would wait for each of its own products.
VITRO_INLINE void apply(__m512i (&h)[kVectors], unsigned fraction_bits) {
  const __m512i limit = _mm512_set1_epi16(static_cast<int16_t>((12 << fraction_bits) - 1));
  const __m512i up = _mm512_set1_epi16(static_cast<int16_t>(11 - fraction_bits));
  __m512i w[kVectors], r[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    const __m512i t = _mm512_sllv_epi16(_mm512_min_epu16(_mm512_abs_epi16(h[v]), limit), up);
    const __m512i sixths =
        _mm512_slli_epi16(_mm512_mulhrs_epi16(t, _mm512_set1_epi16(kTwoThirds)), 2);
    w[v] = _mm512_xor_si512(sixths, _mm512_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
    r[v] = _mm512_set1_epi16(kSilu[0]);
  }
  const auto horner = [&](int16_t c) __attribute__((always_inline)) {
    for (size_t v = 0; v < kVectors; ++v)
      r[v] = _mm512_add_epi16(_mm512_mulhrs_epi16(r[v], w[v]), _mm512_set1_epi16(c));
  };
  for (size_t i = 1; i < 11; ++i) horner(kSilu[i]);
  // The last with what rounds to h's unit.
  horner(static_cast<int16_t>(kSilu[11] + (1 << (13 - fraction_bits))));
  const __m512i to_unit = _mm512_set1_epi16(static_cast<int16_t>(14 - fraction_bits));
  for (size_t v = 0; v < kVectors; ++v)
    h[v] = _mm512_subs_epi16(_mm512_max_epi16(h[v], _mm512_setzero_si512()),
                             _mm512_srav_epi16(r[v], to_unit));
}

// How many of 32 are there, as a mask.
__mmask32 lanes(size_t at, size_t end) {
  return end <= at ? 0 : end - at >= 32 ? 0xffffffffu : (1u << (end - at)) - 1;
}

}  // namespace

void silu(const SiluArgs& args) {
  size_t i = 0;
  for (; i + 64 <= args.count; i += 64) {
    __m512i h[kVectors] = {_mm512_loadu_si512(args.values + i),
                           _mm512_loadu_si512(args.values + i + 32)};
    apply(h, args.fraction_bits);
    _mm512_storeu_si512(args.values + i, h[0]);
    _mm512_storeu_si512(args.values + i + 32, h[1]);
  }
  if (i == args.count) return;
  const __mmask32 first = lanes(i, args.count), second = lanes(i + 32, args.count);
  __m512i h[kVectors] = {_mm512_maskz_loadu_epi16(first, args.values + i),
                         _mm512_maskz_loadu_epi16(second, args.values + i + 32)};
  apply(h, args.fraction_bits);
  _mm512_mask_storeu_epi16(args.values + i, first, h[0]);
  _mm512_mask_storeu_epi16(args.values + i + 32, second, h[1]);
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
