// SPDX-License-Identifier: Apache-2.0
// Rows as vpdpbusd takes them: a copy in L1 of each byte + 128. The tile would else add it again
// for every few columns, on the ports that multiply. For linear/linear_avx512_vnni.cpp and
// linear/linear_avx_vnni.cpp; everything has internal linkage, so that no other object can pick it
// up.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/inline.h"

namespace vitro {
namespace {

template <size_t TileRows>
class UnsignedRows {
 public:
  // Of a row's bytes, how many a whole tile of rows has room for.
  static constexpr size_t kDepth = 768;

  // Whole tiles of rows that have room at once; none where a row is longer than kDepth.
  static size_t most(size_t k) { return TileRows * kDepth / k / TileRows * TileRows; }

  // Rows that lie one behind the other, `bytes` in all.
  __attribute__((noinline)) void copy(const int8_t* src, size_t bytes) { copy(src, bytes, bytes_); }

  // Up to kDepth bytes of each row of a tile; they lie kDepth apart.
  VITRO_INLINE void copy_tile(const int8_t* src, size_t stride, size_t bytes) {
    for (size_t i = 0; i < TileRows; ++i) copy(src + i * stride, bytes, bytes_ + i * kDepth);
  }

  const int8_t* at(size_t offset) const { return bytes_ + offset; }

 private:
  // Compilers make vectors of it.
  static VITRO_INLINE void copy(const int8_t* __restrict src, size_t bytes,
                                int8_t* __restrict dst) {
    for (size_t j = 0; j < bytes; ++j) dst[j] = static_cast<int8_t>(src[j] ^ -128);
  }

  alignas(64) int8_t bytes_[TileRows * kDepth];
};

}  // namespace
}  // namespace vitro
