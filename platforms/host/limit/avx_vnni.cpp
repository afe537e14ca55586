// SPDX-License-Identifier: Apache-2.0
// vpdpbusd ymm: 32 MAC an instruction, 12 independent accumulators.
#include <immintrin.h>

#include "platforms/host/limit/limit.h"

#ifdef __AVXVNNI__
#define VPDPBUSD "%{vex%} vpdpbusd"  // the assembler would choose AVX-512's encoding
#else
#define VPDPBUSD "vpdpbusd"
#endif

namespace vitro::avx_vnni {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  const __m256i a = _mm256_set1_epi32(*sink + 0x01020304),
                b = _mm256_set1_epi32(*sink + 0x04030201);
  __m256i s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a,
          s11 = a;
  for (uint64_t i = 0; i < rounds; ++i) {
#define X(s) __asm__ volatile(VPDPBUSD " %2, %1, %0" : "+x"(s) : "x"(a), "x"(b));
    X(s0) X(s1) X(s2) X(s3) X(s4) X(s5) X(s6) X(s7) X(s8) X(s9) X(s10) X(s11)
#undef X
  }
  s0 = _mm256_add_epi32(_mm256_add_epi32(_mm256_add_epi32(s0, s1), _mm256_add_epi32(s2, s3)),
                        _mm256_add_epi32(_mm256_add_epi32(s4, s5), _mm256_add_epi32(s6, s7)));
  s0 = _mm256_add_epi32(s0, _mm256_add_epi32(_mm256_add_epi32(s8, s9), _mm256_add_epi32(s10, s11)));
  *sink = _mm256_extract_epi32(s0, 0) & 1;
  return rounds * 12 * 32;
}

}  // namespace vitro::avx_vnni
