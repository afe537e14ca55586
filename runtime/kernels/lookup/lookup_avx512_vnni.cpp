// SPDX-License-Identifier: Apache-2.0
// lookup for AVX-512 without VBMI: 64 values at a time, each from a pair of the table's.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include <immintrin.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

// The table as pairs of bytes, in the order of a value's bits without a sign.
struct Pairs {
  __m512i low[2], high[2];

  explicit Pairs(const int8_t* table)
      : low{_mm512_loadu_si512(table + 128), _mm512_loadu_si512(table + 192)},
        high{_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64)} {}

  // The pairs that words name: by their bits 0 to 5, and of the upper half of the table where
  // asked.
  VITRO_INLINE __m512i at(__m512i words, __mmask32 upper) const {
    return _mm512_mask_blend_epi16(upper, _mm512_permutex2var_epi16(low[0], words, low[1]),
                                   _mm512_permutex2var_epi16(high[0], words, high[1]));
  }

  VITRO_INLINE __m512i of(__m512i x) const {
    const auto words_with = [&](int bit) __attribute__((always_inline)) {
      return _mm512_test_epi16_mask(x, _mm512_set1_epi16(static_cast<int16_t>(bit)));
    };
    const __m512i even = at(_mm512_srli_epi16(x, 1), words_with(0x80)),
                  odd = at(_mm512_srli_epi16(x, 9), words_with(0x8000));
    const __m512i first = _mm512_mask_srli_epi16(even, words_with(1), even, 8),
                  second = _mm512_mask_slli_epi16(odd, ~words_with(0x100), odd, 8);
    return _mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaa, first, second);
  }
};

}  // namespace

void lookup(const LookupArgs& args) {
  const Pairs pairs(args.table);
  size_t i = 0;
  for (; i + 64 <= args.count; i += 64)
    _mm512_storeu_si512(args.dst + i, pairs.of(_mm512_loadu_si512(args.src + i)));
  if (i == args.count) return;
  const __mmask64 rest = ~uint64_t{0} >> (64 - (args.count - i));
  _mm512_mask_storeu_epi8(args.dst + i, rest,
                          pairs.of(_mm512_maskz_loadu_epi8(rest, args.src + i)));
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
