// SPDX-License-Identifier: Apache-2.0
// Rows as vpdpbusd takes them: a copy in L1 of each byte + 128. The tile would else add it again
// for every 64 columns, six instructions a step on the two ports that multiply. For
// linear/avx512_vnni.cpp alone; internal linkage.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/avx512_vnni_tile.h"

namespace vitro {
namespace {

class UnsignedRows {
 public:
  // Of a row's bytes, how many a whole tile of rows has room for.
  static constexpr size_t kDepth = 768;

  // Whole tiles of rows that have room at once; none where a row is longer than kDepth.
  static size_t most(size_t k) { return kTileRows * kDepth / k / kTileRows * kTileRows; }

  // Rows that lie one behind the other, `bytes` in all.
  VITRO_INLINE void copy(const int8_t* src, size_t bytes) { copy(src, bytes, bytes_); }

  // Up to kDepth bytes of each row of a tile; they lie kDepth apart.
  VITRO_INLINE void copy_tile(const int8_t* src, size_t stride, size_t bytes) {
    for (size_t i = 0; i < kTileRows; ++i) copy(src + i * stride, bytes, bytes_ + i * kDepth);
  }

  const int8_t* at(size_t offset) const { return bytes_ + offset; }

 private:
  static VITRO_INLINE void copy(const int8_t* src, size_t bytes, int8_t* dst) {
    const __m512i offset = _mm512_set1_epi8(-128);
    size_t j = 0;
    for (; j + 64 <= bytes; j += 64)
      _mm512_storeu_si512(dst + j, _mm512_xor_si512(_mm512_loadu_si512(src + j), offset));
    if (j == bytes) return;
    const __mmask64 left = (uint64_t{1} << (bytes - j)) - 1;
    _mm512_mask_storeu_epi8(dst + j, left,
                            _mm512_xor_si512(_mm512_maskz_loadu_epi8(left, src + j), offset));
  }

  alignas(64) int8_t bytes_[kTileRows * kDepth];
};

}  // namespace
}  // namespace vitro
