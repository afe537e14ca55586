// SPDX-License-Identifier: Apache-2.0
// vpmaddwd and an addition: 16 MAC, exact. Widening the bytes to int16 is shared by many rows and
// columns, so it does not count. (|a| times sign(w, a) by vpmaddubsw needs four instructions for 32
// MAC and reaches two thirds of this.) 12 independent accumulators.
#include <immintrin.h>

#include "platforms/host/limit/limit.h"

namespace vitro::avx2 {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  const __m256i a = _mm256_set1_epi32(*sink + 0x00010002),
                w = _mm256_set1_epi32(*sink + 0x00030004);
  __m256i s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a,
          s11 = a;
  for (uint64_t i = 0; i < rounds; ++i) {
#define X(s)                                                    \
  {                                                             \
    __m256i t;                                                  \
    __asm__ volatile("vpmaddwd %2, %3, %1\n\tvpaddd %1, %0, %0" \
                     : "+x"(s), "=&x"(t)                        \
                     : "x"(a), "x"(w));                         \
  }
    X(s0) X(s1) X(s2) X(s3) X(s4) X(s5) X(s6) X(s7) X(s8) X(s9) X(s10) X(s11)
#undef X
  }
  s0 = _mm256_add_epi32(_mm256_add_epi32(_mm256_add_epi32(s0, s1), _mm256_add_epi32(s2, s3)),
                        _mm256_add_epi32(_mm256_add_epi32(s4, s5), _mm256_add_epi32(s6, s7)));
  s0 = _mm256_add_epi32(s0, _mm256_add_epi32(_mm256_add_epi32(s8, s9), _mm256_add_epi32(s10, s11)));
  *sink = _mm256_extract_epi32(s0, 0) & 1;
  return rounds * 12 * 16;
}

}  // namespace vitro::avx2
