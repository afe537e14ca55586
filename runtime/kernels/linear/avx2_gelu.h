// SPDX-License-Identifier: Apache-2.0
// The law's gelu for 256-bit registers. For linear/linear_avx2.cpp and linear/linear_avx_vnni.cpp
// alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro {
namespace {

// Of arguments with so many fraction bits.
struct Gelu {
  __m256i limit, to_fraction, last, to_unit;

  explicit Gelu(unsigned fraction_bits)
      : limit(_mm256_set1_epi16(static_cast<int16_t>((4 << fraction_bits) - 1))),
        to_fraction(_mm256_set1_epi32(static_cast<int>(14 - fraction_bits))),
        // Plus what rounds to h's unit, by a shift in place of a third mulhrs.
        last(_mm256_set1_epi16(static_cast<int16_t>(kGelu[7] + (1 << (14 - fraction_bits))))),
        to_unit(_mm256_set1_epi16(static_cast<int16_t>(1 << (fraction_bits + 1)))) {}

  // On all vectors abreast: one alone would wait for each of its own products.
  template <size_t Count>
  VITRO_INLINE void apply(__m256i (&h)[Count]) const {
    __m256i w[Count], r[Count];
    for (size_t v = 0; v < Count; ++v) {
      // Both words of a lane at once, since neither has a bit that leaves it: a shift of words by
      // one number takes a product's slot, on Intel two.
      const __m256i t =
          _mm256_sllv_epi32(_mm256_min_epu16(_mm256_abs_epi16(h[v]), limit), to_fraction);
      w[v] = _mm256_xor_si256(t, _mm256_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
      r[v] = _mm256_set1_epi16(kGelu[0]);
    }
    const auto next = [&](__m256i c) __attribute__((always_inline)) {
      for (size_t v = 0; v < Count; ++v)
        r[v] = _mm256_add_epi16(_mm256_mulhrs_epi16(r[v], w[v]), c);
    };
    next(_mm256_set1_epi16(kGelu[1]));
    next(_mm256_set1_epi16(kGelu[2]));
    next(_mm256_set1_epi16(kGelu[3]));
    next(_mm256_set1_epi16(kGelu[4]));
    next(_mm256_set1_epi16(kGelu[5]));
    next(_mm256_set1_epi16(kGelu[6]));
    next(last);
    for (size_t v = 0; v < Count; ++v)
      h[v] = _mm256_subs_epi16(_mm256_max_epi16(h[v], _mm256_setzero_si256()),
                               _mm256_mulhi_epi16(r[v], to_unit));  // r >> (15 - fraction_bits)
  }
};

}  // namespace
}  // namespace vitro
