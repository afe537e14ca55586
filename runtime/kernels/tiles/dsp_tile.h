// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the ARMv7E-M kernels by SMLAD: two products of int16 for each
// instruction. Both sides are widened to int16 in blocks of depth, once for many rows and once for
// all columns of a panel, so that the inner loop only loads and multiplies. For <family>/*_dsp.cpp
// alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/dsp_math.h"

namespace vitro {
namespace {

constexpr size_t kBlockDepth = 96;
constexpr size_t kBlockPairs = kBlockDepth / 2;
constexpr size_t kTileRows = 2, kTileColumns = 4;  // eight sums in fourteen registers

// Of four in depth the first and third lie in one word, the second and fourth in the next: so
// sxtb16 leaves them.
struct Quad {
  int32_t even, odd;
};

inline Quad widen(const int8_t* p) {
  const int32_t four = load4(p);
  int32_t odd;
  __asm__("sxtb16 %0, %1, ror #8"
          : "=r"(odd)
          : "r"(four));  // the intrinsic has no rotation, and GCC does not find it
  return {__sxtb16(four), odd};
}

inline Quad widen(const uint8_t* p) {
  const uint32_t four = static_cast<uint32_t>(load4(p));
  uint32_t odd;
  __asm__("uxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(four));
  return {static_cast<int32_t>(__uxtb16(four)), static_cast<int32_t>(odd)};
}

// [16 / kTileColumns][pair][kTileColumns] from `quads` of [16][4].
__attribute__((noinline)) void widen_columns(const int8_t* panel, size_t quads, int32_t* columns) {
  for (size_t group = 0; group < 16; group += kTileColumns, columns += kBlockPairs * kTileColumns) {
    const int8_t* next = panel + group * 4;
    int32_t* out = columns;
    for (size_t q = 0; q < quads; ++q, next += 64, out += 2 * kTileColumns) {
#pragma GCC unroll 4
      for (size_t c = 0; c < kTileColumns; ++c) {
        const Quad quad = widen(next + c * 4);
        out[c] = quad.even;
        out[kTileColumns + c] = quad.odd;
      }
    }
  }
}

// [pair][Rows].
template <size_t Rows, class Element>
__attribute__((noinline)) void widen_rows(const Element* rows, size_t row_stride, size_t quads,
                                          int32_t* out) {
  for (size_t q = 0; q < quads; ++q, rows += 4, out += 2 * Rows) {
#pragma GCC unroll 2
    for (size_t r = 0; r < Rows; ++r) {
      const Quad quad = widen(rows + r * row_stride);
      out[r] = quad.even;
      out[Rows + r] = quad.odd;
    }
  }
}

template <size_t Rows>
VITRO_INLINE void multiply_pair(const int32_t* rows, const int32_t* columns,
                                int32_t (&sums)[Rows][kTileColumns]) {
  int32_t a[Rows];
#pragma GCC unroll 2
  for (size_t r = 0; r < Rows; ++r) a[r] = rows[r];
#pragma GCC unroll 4
  for (size_t c = 0; c < kTileColumns; ++c) {
    const int32_t w = columns[c];
#pragma GCC unroll 2
    for (size_t r = 0; r < Rows; ++r) sums[r][c] = __smlad(w, a[r], sums[r][c]);
  }
}

// acc[Rows][16] += rows x columns, both widened; `quads` is not 0.
template <size_t Rows>
__attribute__((noinline)) void multiply_block(const int32_t* rows, const int32_t* columns,
                                              size_t quads, int32_t (*acc)[16]) {
  const int32_t* const end = rows + quads / 2 * 4 * Rows;
  for (size_t j = 0; j < 16; j += kTileColumns, columns += kBlockPairs * kTileColumns) {
    int32_t sums[Rows][kTileColumns];
#pragma GCC unroll 2
    for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (size_t c = 0; c < kTileColumns; ++c) sums[r][c] = acc[r][j + c];

    const int32_t *a = rows, *w = columns;
    const auto step = [&]() __attribute__((always_inline)) {
      multiply_pair<Rows>(a, w, sums);
      multiply_pair<Rows>(a + Rows, w + kTileColumns, sums);
      a += 2 * Rows;
      w += 2 * kTileColumns;
    };
    while (a != end) {
      step();
      step();
    }
    if (quads % 2) step();

#pragma GCC unroll 2
    for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (size_t c = 0; c < kTileColumns; ++c) acc[r][j + c] = sums[r][c];
  }
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]; rows of int8 or uint8.
template <class Element>
void multiply_panel(const Element* rows, size_t row_stride, size_t row_count, const int8_t* panel,
                    size_t k, int32_t (*acc)[16]) {
  int32_t columns[16 * kBlockPairs], pair[kTileRows * kBlockPairs];
  for (size_t m = 0; m < row_count; ++m)
    for (size_t j = 0; j < 16; ++j) acc[m][j] = 0;
  for (size_t depth = 0; depth < k; depth += kBlockDepth, panel += kBlockDepth * 16) {
    const size_t quads = (k - depth < kBlockDepth ? k - depth : kBlockDepth) / 4;
    widen_columns(panel, quads, columns);
    for (size_t m = 0; m < row_count; m += kTileRows) {
      const Element* a = rows + m * row_stride + depth;
      if (row_count - m > 1) {
        widen_rows<2>(a, row_stride, quads, pair);
        multiply_block<2>(pair, columns, quads, acc + m);
      } else {
        widen_rows<1>(a, row_stride, quads, pair);
        multiply_block<1>(pair, columns, quads, acc + m);
      }
    }
  }
}

}  // namespace
}  // namespace vitro
