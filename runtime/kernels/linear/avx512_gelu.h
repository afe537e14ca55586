// SPDX-License-Identifier: Apache-2.0
// The law's gelu for AVX-512. For linear/linear_avx512_vnni.cpp alone; internal linkage.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"

namespace vitro {
namespace {

// On all vectors abreast: one alone would wait for each of its own products.
template <size_t Count>
VITRO_INLINE void gelu(__m512i (&h)[Count], unsigned fraction_bits) {
  const __m512i limit = _mm512_set1_epi16(static_cast<int16_t>((4 << fraction_bits) - 1));
  const __m512i shift = _mm512_set1_epi16(static_cast<int16_t>(14 - fraction_bits));
  __m512i w[Count], r[Count];
  for (size_t v = 0; v < Count; ++v) {
    const __m512i t = _mm512_sllv_epi16(_mm512_min_epu16(_mm512_abs_epi16(h[v]), limit), shift);
    w[v] = _mm512_xor_si512(t, _mm512_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
    r[v] = _mm512_set1_epi16(kGelu[0]);
  }
  const auto horner = [&](int c) __attribute__((always_inline)) {
    for (size_t v = 0; v < Count; ++v)
      r[v] = _mm512_add_epi16(_mm512_mulhrs_epi16(r[v], w[v]),
                              _mm512_set1_epi16(static_cast<int16_t>(c)));
  };
  horner(kGelu[1]);
  horner(kGelu[2]);
  horner(kGelu[3]);
  horner(kGelu[4]);
  horner(kGelu[5]);
  horner(kGelu[6]);
  horner(kGelu[7] + (1 << (14 - fraction_bits)));  // plus what rounds to h's unit, by a shift
                                                   // in place of another mulhrs
  const __m512i to_unit = _mm512_set1_epi16(static_cast<int16_t>(15 - fraction_bits));
  for (size_t v = 0; v < Count; ++v)
    h[v] = _mm512_subs_epi16(_mm512_max_epi16(h[v], _mm512_setzero_si512()),
                             _mm512_srav_epi16(r[v], to_unit));
}

}  // namespace
}  // namespace vitro
