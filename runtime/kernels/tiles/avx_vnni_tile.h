// SPDX-License-Identifier: Apache-2.0
// The accumulator tile of the AVX-VNNI kernels: up to 6 rows x 16 columns in 12 registers, weights
// streamed, rows broadcast. For <family>/*_avx_vnni.cpp alone; everything has internal linkage, so
// that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/avx2_math.h"
#include "runtime/kernels/tiles/fetch_ahead.h"

namespace vitro {
namespace {

constexpr size_t kTileRows = 6;

inline __m256i add_product(__m256i acc, __m256i u8, __m256i s8) {
#ifdef VITRO_AVX_VNNI_AS_AVX512
  return _mm256_dpbusd_epi32(
      acc, u8, s8);  // the same instruction as AVX-512 has it: tests on machines without AVX-VNNI
#else
  return _mm256_dpbusd_avx_epi32(acc, u8, s8);
#endif
}

struct TileRow {
  __m256i low, high;  // columns 0..7, 8..15

  // Implicit constructors would not be functions of this ISA.
  VITRO_INLINE TileRow() : low(_mm256_setzero_si256()), high(_mm256_setzero_si256()) {}

  template <Signs signs>
  VITRO_INLINE void add(const int8_t* row, __m256i columns_low, __m256i columns_high) {
    int32_t four;
    memcpy(&four, row, 4);
    __m256i a = _mm256_set1_epi32(four);
    if constexpr (signs == Signs::lhs_plus_128) a = _mm256_xor_si256(a, _mm256_set1_epi8(-128));
    low = signs == Signs::rhs_plus_128 ? add_product(low, columns_low, a)
                                       : add_product(low, a, columns_low);
    high = signs == Signs::rhs_plus_128 ? add_product(high, columns_high, a)
                                        : add_product(high, a, columns_high);
  }

  VITRO_INLINE void write(int32_t* acc) const {
    store(acc, low);
    store(acc + 8, high);
  }
};

template <Signs signs>
VITRO_INLINE __m256i load_columns(const int8_t* b) {
  return signs == Signs::rhs_plus_128 ? _mm256_xor_si256(load(b), _mm256_set1_epi8(-128)) : load(b);
}

// A full tile: its sums stay in registers for the caller (by GCC 12 only with -fno-tree-pre).
struct FullTile {
  TileRow row0, row1, row2, row3, row4, row5;

  VITRO_INLINE FullTile() {}

  template <Signs signs, class Fetch>
  VITRO_INLINE void add(const int8_t* rows, size_t row_stride, const int8_t* panel, size_t k,
                        Fetch fetch) {
    const int8_t *a = rows, *a3 = rows + 3 * row_stride;
    for (const int8_t* end = panel + k * 16; panel != end; a += 4, a3 += 4, panel += 64) {
      fetch();
      const __m256i low = load_columns<signs>(panel), high = load_columns<signs>(panel + 32);
      row0.add<signs>(a, low, high);
      row1.add<signs>(a + row_stride, low, high);
      row2.add<signs>(a + 2 * row_stride, low, high);
      row3.add<signs>(a3, low, high);
      row4.add<signs>(a3 + row_stride, low, high);
      row5.add<signs>(a3 + 2 * row_stride, low, high);
    }
  }
};

// acc[Rows][panels.count * 16] = rows x panels.
template <Signs signs, size_t Rows>
void multiply_tile(const int8_t* rows, size_t row_stride, const Panels& panels, size_t k,
                   int32_t* acc, size_t acc_stride) {
  const int8_t* first = panels.first;
  for (size_t left = panels.count; left > 0; --left, first += panels.stride, acc += 16) {
    TileRow row0, row1, row2, row3, row4, row5;
    const int8_t *a = rows, *a3 = rows + 3 * row_stride, *b = first;
    for (const int8_t* end = b + k * 16; b != end; a += 4, a3 += 4, b += 64) {
      const __m256i low = load_columns<signs>(b), high = load_columns<signs>(b + 32);
      row0.add<signs>(a, low, high);
      if constexpr (Rows > 1) row1.add<signs>(a + row_stride, low, high);
      if constexpr (Rows > 2) row2.add<signs>(a + 2 * row_stride, low, high);
      if constexpr (Rows > 3) row3.add<signs>(a3, low, high);
      if constexpr (Rows > 4) row4.add<signs>(a3 + row_stride, low, high);
      if constexpr (Rows > 5) row5.add<signs>(a3 + 2 * row_stride, low, high);
    }
    row0.write(acc);
    if constexpr (Rows > 1) row1.write(acc + acc_stride);
    if constexpr (Rows > 2) row2.write(acc + 2 * acc_stride);
    if constexpr (Rows > 3) row3.write(acc + 3 * acc_stride);
    if constexpr (Rows > 4) row4.write(acc + 4 * acc_stride);
    if constexpr (Rows > 5) row5.write(acc + 5 * acc_stride);
  }
}

// acc[rows.count][panels.count * 16] = rows x panels.
template <Signs signs>
void multiply(const Rows& rows, const Panels& panels, size_t k, int32_t* acc, size_t acc_stride) {
  using Tile = void (*)(const int8_t*, size_t, const Panels&, size_t, int32_t*, size_t);
  static constexpr Tile kTiles[] = {multiply_tile<signs, 1>, multiply_tile<signs, 2>,
                                    multiply_tile<signs, 3>, multiply_tile<signs, 4>,
                                    multiply_tile<signs, 5>, multiply_tile<signs, 6>};
  kTiles[rows.count - 1](static_cast<const int8_t*>(rows.first), rows.stride, panels, k, acc,
                         acc_stride);
}

}  // namespace
}  // namespace vitro
