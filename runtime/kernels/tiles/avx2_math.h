// SPDX-License-Identifier: Apache-2.0
// What the kernels of 256-bit registers share. For <family>/*_avx2.cpp and <family>/*_avx_vnni.cpp
// alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/tiles/tile_operands.h"

namespace vitro {
namespace {

inline __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline void store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

// Saturates.
inline __m256i narrow16(__m256i low, __m256i high) {
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
}

inline __m256i horner(__m256i r, __m256i w, int16_t c) {
  return _mm256_add_epi16(_mm256_mulhrs_epi16(r, w), _mm256_set1_epi16(c));
}

}  // namespace
}  // namespace vitro
