// SPDX-License-Identifier: Apache-2.0
// vpdpbusd zmm: 64 MAC an instruction, 16 independent accumulators.
#include <immintrin.h>

#include "platforms/host/limit/limit.h"

namespace vitro::avx512_vnni {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  const __m512i a = _mm512_set1_epi32(*sink + 0x01020304),
                b = _mm512_set1_epi32(*sink + 0x04030201);
  __m512i s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a,
          s11 = a, s12 = a, s13 = a, s14 = a, s15 = a;
  for (uint64_t i = 0; i < rounds; ++i) {
#define X(s) __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(s) : "v"(a), "v"(b));
    X(s0)
    X(s1) X(s2) X(s3) X(s4) X(s5) X(s6) X(s7) X(s8) X(s9) X(s10) X(s11) X(s12) X(s13) X(s14) X(s15)
#undef X
  }
  s0 = _mm512_add_epi32(_mm512_add_epi32(_mm512_add_epi32(s0, s1), _mm512_add_epi32(s2, s3)),
                        _mm512_add_epi32(_mm512_add_epi32(s4, s5), _mm512_add_epi32(s6, s7)));
  s8 = _mm512_add_epi32(_mm512_add_epi32(_mm512_add_epi32(s8, s9), _mm512_add_epi32(s10, s11)),
                        _mm512_add_epi32(_mm512_add_epi32(s12, s13), _mm512_add_epi32(s14, s15)));
  *sink = _mm512_cvtsi512_si32(_mm512_add_epi32(s0, s8)) & 1;
  return rounds * 16 * 64;
}

}  // namespace vitro::avx512_vnni
