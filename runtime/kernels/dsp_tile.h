// The accumulator tiles of the ARMv7E-M kernels by SMLAD: two products of int16 for each instruction. Both sides are widened to int16 in blocks of
// depth, once for many rows and once for all columns of a panel, so that the inner loop only loads and multiplies.
// For <family>/dsp.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/dsp_math.h"

namespace vitro {
namespace {

constexpr size_t kBlockDepth = 64;
constexpr size_t kBlockPairs = kBlockDepth / 2;
constexpr size_t kTileRows = 2, kTileColumns = 4;  // eight sums in fourteen registers

// Of four in depth the first and third lie in one word, the second and fourth in the next: so sxtb16 leaves them.
struct Quad {
  int32_t even, odd;
};

inline Quad widen(const int8_t* p) {
  const int32_t four = load4(p);
  return {__sxtb16(four), __sxtb16(static_cast<int32_t>(static_cast<uint32_t>(four) >> 8 | static_cast<uint32_t>(four) << 24))};
}

inline Quad widen(const int16_t* p) {
  const uint32_t first = static_cast<uint32_t>(load2(p)), second = static_cast<uint32_t>(load2(p + 2));
  return {static_cast<int32_t>((first & 0xffff) | second << 16), static_cast<int32_t>((second & 0xffff0000) | first >> 16)};
}

// [16 / kTileColumns][pair][kTileColumns] from `quads` of [16][4].
inline void widen_columns(const int8_t* panel, size_t quads, int32_t* columns) {
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
inline void widen_rows(const Element* rows, size_t row_stride, size_t quads, int32_t* out) {
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
inline __attribute__((always_inline)) void multiply_pair(const int32_t* rows, const int32_t* columns, int32_t (&sums)[Rows][kTileColumns]) {
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

// acc[Rows][kTileColumns] += rows x columns, both widened; `quads` is not 0.
template <size_t Rows>
__attribute__((noinline)) void multiply_tile(const int32_t* rows, const int32_t* columns, size_t quads, bool first, int32_t* acc, size_t acc_stride) {
  int32_t sums[Rows][kTileColumns];
#pragma GCC unroll 2
  for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (size_t c = 0; c < kTileColumns; ++c) sums[r][c] = first ? 0 : acc[r * acc_stride + c];

  const auto step = [&]() __attribute__((always_inline)) {
    multiply_pair<Rows>(rows, columns, sums);
    multiply_pair<Rows>(rows + Rows, columns + kTileColumns, sums);
    rows += 2 * Rows;
    columns += 2 * kTileColumns;
  };
  const int32_t* const end = rows + quads / 2 * 4 * Rows;
  while (rows != end) {
    step();
    step();
  }
  if (quads % 2) step();

#pragma GCC unroll 2
  for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (size_t c = 0; c < kTileColumns; ++c) acc[r * acc_stride + c] = sums[r][c];
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]; rows of int8 or int16.
template <class Element>
void multiply_panel(const Element* rows, size_t row_stride, size_t row_count, const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride) {
  int32_t columns[16 * kBlockPairs], pair[kTileRows * kBlockPairs];
  for (size_t depth = 0; depth < k; depth += kBlockDepth, panel += kBlockDepth * 16) {
    const size_t quads = (k - depth < kBlockDepth ? k - depth : kBlockDepth) / 4;
    widen_columns(panel, quads, columns);
    for (size_t m = 0; m < row_count; m += kTileRows) {
      const Element* a = rows + m * row_stride + depth;
      const bool both = row_count - m > 1;
      if (both)
        widen_rows<2>(a, row_stride, quads, pair);
      else
        widen_rows<1>(a, row_stride, quads, pair);
      for (size_t j = 0; j < 16; j += kTileColumns)
        (both ? multiply_tile<2> : multiply_tile<1>)(pair, columns + j * kBlockPairs, quads, depth == 0, acc + m * acc_stride + j, acc_stride);
    }
  }
}

}  // namespace
}  // namespace vitro
