// SPDX-License-Identifier: Apache-2.0
// The accumulator tile of the AVX-512-VNNI kernels: up to 6 rows x 64 columns in 24 registers,
// weights streamed, rows broadcast. For <family>/*_avx512_vnni.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/fetch_ahead.h"
#include "runtime/kernels/tiles/tile_operands.h"

namespace vitro {
namespace {

constexpr size_t kTileRows = 6;
constexpr int kTilePanels = 4;  // of 16 columns

inline __m512i broadcast4(const void* bytes) {
  int32_t word;
  memcpy(&word, bytes, 4);
  return _mm512_set1_epi32(word);
}

template <Signs signs, int Panels>
struct TileRow {
  __m512i acc0, acc1, acc2,
      acc3;  // members, not an array: GCC 12 keeps arrays of them on the stack

  VITRO_INLINE void start() {
    acc0 = _mm512_setzero_si512();
    if constexpr (Panels > 1) acc1 = _mm512_setzero_si512();
    if constexpr (Panels > 2) acc2 = _mm512_setzero_si512();
    if constexpr (Panels > 3) acc3 = _mm512_setzero_si512();
  }

  // The row is broadcast here and not before: with all rows in registers there would be more of
  // them than 32.
  VITRO_INLINE void add(const int8_t* row, __m512i b0, __m512i b1, __m512i b2, __m512i b3) {
    __m512i a = broadcast4(row);
    if constexpr (signs == Signs::lhs_plus_128) a = _mm512_xor_si512(a, _mm512_set1_epi8(-128));
    acc0 = product(acc0, a, b0);
    if constexpr (Panels > 1) acc1 = product(acc1, a, b1);
    if constexpr (Panels > 2) acc2 = product(acc2, a, b2);
    if constexpr (Panels > 3) acc3 = product(acc3, a, b3);
  }

  static VITRO_INLINE __m512i product(__m512i acc, __m512i a, __m512i b) {
    return signs == Signs::rhs_plus_128 ? _mm512_dpbusd_epi32(acc, b, a)
                                        : _mm512_dpbusd_epi32(acc, a, b);
  }

  VITRO_INLINE void write(int32_t* acc) const {
    _mm512_storeu_si512(acc, acc0);
    if constexpr (Panels > 1) _mm512_storeu_si512(acc + 16, acc1);
    if constexpr (Panels > 2) _mm512_storeu_si512(acc + 32, acc2);
    if constexpr (Panels > 3) _mm512_storeu_si512(acc + 48, acc3);
  }
};

template <Signs signs>
VITRO_INLINE __m512i load_panel(const int8_t* b) {
  const __m512i columns = _mm512_loadu_si512(b);
  return signs == Signs::rhs_plus_128 ? _mm512_xor_si512(columns, _mm512_set1_epi8(-128)) : columns;
}

// A full tile: its sums stay in registers for the caller (by GCC 12 only with
// -fno-tree-pre).
template <Signs signs>
struct FullTile {
  TileRow<signs, kTilePanels> row0, row1, row2, row3, row4, row5;

  VITRO_INLINE void start() {
    row0.start();
    row1.start();
    row2.start();
    row3.start();
    row4.start();
    row5.start();
  }

  template <class Fetch>
  VITRO_INLINE void add(const int8_t* rows, size_t row_stride, const int8_t* panels,
                        size_t panel_stride, size_t k, Fetch fetch) {
    const int8_t *a = rows, *a3 = rows + 3 * row_stride, *b = panels;
    for (const int8_t* end = b + k * 16; b != end; a += 4, a3 += 4, b += 64) {
      fetch();
      const __m512i b0 = load_panel<signs>(b), b1 = load_panel<signs>(b + panel_stride),
                    b2 = load_panel<signs>(b + 2 * panel_stride),
                    b3 = load_panel<signs>(b + 3 * panel_stride);
      row0.add(a, b0, b1, b2, b3);
      row1.add(a + row_stride, b0, b1, b2, b3);
      row2.add(a + 2 * row_stride, b0, b1, b2, b3);
      row3.add(a3, b0, b1, b2, b3);
      row4.add(a3 + row_stride, b0, b1, b2, b3);
      row5.add(a3 + 2 * row_stride, b0, b1, b2, b3);
    }
  }

  // sums[6][stride]
  VITRO_INLINE void write(int32_t* sums, size_t stride) const {
    row0.write(sums);
    row1.write(sums + stride);
    row2.write(sums + 2 * stride);
    row3.write(sums + 3 * stride);
    row4.write(sums + 4 * stride);
    row5.write(sums + 5 * stride);
  }
};

// acc[Rows][Panels * 16] = rows x panels. Writes plain sums and leaves what becomes of them to
// others: with that inlined, GCC 12 stores every accumulator in every step.
template <Signs signs, int Panels, size_t Rows>
void multiply_tile(const int8_t* rows, size_t row_stride, const int8_t* panels, size_t panel_stride,
                   size_t k, int32_t* acc, size_t acc_stride) {
  TileRow<signs, Panels> row0, row1, row2, row3, row4, row5;
  row0.start();
  if constexpr (Rows > 1) row1.start();
  if constexpr (Rows > 2) row2.start();
  if constexpr (Rows > 3) row3.start();
  if constexpr (Rows > 4) row4.start();
  if constexpr (Rows > 5) row5.start();
  const int8_t *a = rows, *a3 = rows + 3 * row_stride, *b = panels;
  for (const int8_t* end = b + k * 16; b != end; a += 4, a3 += 4, b += 64) {
    const __m512i b0 = load_panel<signs>(b);
    const __m512i b1 = Panels > 1 ? load_panel<signs>(b + panel_stride) : b0;
    const __m512i b2 = Panels > 2 ? load_panel<signs>(b + 2 * panel_stride) : b0;
    const __m512i b3 = Panels > 3 ? load_panel<signs>(b + 3 * panel_stride) : b0;
    row0.add(a, b0, b1, b2, b3);
    if constexpr (Rows > 1) row1.add(a + row_stride, b0, b1, b2, b3);
    if constexpr (Rows > 2) row2.add(a + 2 * row_stride, b0, b1, b2, b3);
    if constexpr (Rows > 3) row3.add(a3, b0, b1, b2, b3);
    if constexpr (Rows > 4) row4.add(a3 + row_stride, b0, b1, b2, b3);
    if constexpr (Rows > 5) row5.add(a3 + 2 * row_stride, b0, b1, b2, b3);
  }
  row0.write(acc);
  if constexpr (Rows > 1) row1.write(acc + acc_stride);
  if constexpr (Rows > 2) row2.write(acc + 2 * acc_stride);
  if constexpr (Rows > 3) row3.write(acc + 3 * acc_stride);
  if constexpr (Rows > 4) row4.write(acc + 4 * acc_stride);
  if constexpr (Rows > 5) row5.write(acc + 5 * acc_stride);
}

template <Signs signs, int Width>
void multiply_rows(const Rows& rows, const int8_t* panels, size_t panel_stride, size_t k,
                   int32_t* acc, size_t acc_stride) {
  using Tile = void (*)(const int8_t*, size_t, const int8_t*, size_t, size_t, int32_t*, size_t);
  static constexpr Tile kTiles[] = {multiply_tile<signs, Width, 1>, multiply_tile<signs, Width, 2>,
                                    multiply_tile<signs, Width, 3>, multiply_tile<signs, Width, 4>,
                                    multiply_tile<signs, Width, 5>, multiply_tile<signs, Width, 6>};
  kTiles[rows.count - 1](static_cast<const int8_t*>(rows.first), rows.stride, panels, panel_stride,
                         k, acc, acc_stride);
}

// acc[rows.count][panels.count * 16] = rows x panels.
template <Signs signs>
void multiply(const Rows& rows, const Panels& panels, size_t k, int32_t* acc, size_t acc_stride) {
  size_t i = 0;
  for (; i + kTilePanels <= panels.count; i += kTilePanels)
    multiply_rows<signs, kTilePanels>(rows, panels.first + i * panels.stride, panels.stride, k,
                                      acc + i * 16, acc_stride);
  for (; i < panels.count; ++i)
    multiply_rows<signs, 1>(rows, panels.first + i * panels.stride, panels.stride, k, acc + i * 16,
                            acc_stride);
}

// Lanes of a vector of 16 that columns from `at` on leave valid.
inline __mmask16 lanes_left(size_t at, size_t end) {
  return end - at >= 16 ? 0xffff : static_cast<__mmask16>((1u << (end - at)) - 1);
}

}  // namespace
}  // namespace vitro
