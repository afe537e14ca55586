// The accumulator tiles of the Helium kernels by VMLADAVA, which adds sixteen products of int8 (eight of int16) to a core register. Of a panel, where four in
// depth of a column lie together, sixteen are brought together first, in blocks of depth, once for many rows.
// For <family>/helium.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/helium_math.h"

namespace vitro {
namespace {

constexpr size_t kBlockDepth = 192;
constexpr size_t kTileRows = 3, kTileColumns = 2;  // six sums in the seven even registers that VMLADAVA has beside the loop counter

// [16 / kTileColumns][chunk][kTileColumns][16] from `quads` of [16][4]; zeros beyond the last quad.
__attribute__((noinline)) void regroup_columns(const int8_t* panel, size_t quads, int8_t* columns) {
  const uint32x4_t apart = vshlq_n_u32(vidupq_n_u32(0, 8), 3);  // four words of a column, 64 bytes from one to the next
  for (size_t c = 0; c < 16; c += kTileColumns, panel += kTileColumns * 4) {
    const int32_t* from = reinterpret_cast<const int32_t*>(panel);
    int32_t* to = reinterpret_cast<int32_t*>(columns + c * kBlockDepth);
    for (size_t full = quads / 4; full > 0; --full, from += 64, to += 8) {
      vst1q_s32(to, vldrwq_gather_offset_s32(from, apart));
      vst1q_s32(to + 4, vldrwq_gather_offset_s32(from + 1, apart));
    }
    if (quads % 4 == 0) continue;
    const mve_pred16_t present = vctp32q(static_cast<uint32_t>(quads % 4));
    vst1q_s32(to, vldrwq_gather_offset_z_s32(from, apart, present));
    vst1q_s32(to + 4, vldrwq_gather_offset_z_s32(from + 1, apart, present));
  }
}

inline int32_t dot(int32_t sum, int8x16_t a, int8x16_t w) { return vmladavaq_s8(sum, a, w); }
inline int32_t dot(int32_t sum, int16x8_t a, int16x8_t w) { return vmladavaq_s16(sum, a, w); }

// A vector of a row; `left` elements of it, then zeros.
inline int8x16_t load(const int8_t* p) { return vld1q_s8(p); }
inline int16x8_t load(const int16_t* p) { return vld1q_s16(p); }
inline int8x16_t load(const int8_t* p, size_t left) { return vld1q_z_s8(p, vctp8q(static_cast<uint32_t>(left))); }
inline int16x8_t load(const int16_t* p, size_t left) { return vld1q_z_s16(p, lanes8(left)); }

// As many bytes of a column as a vector of the row has elements.
inline int8x16_t load_column(const int8_t* p, const int8_t*) { return vld1q_s8(p); }
inline int16x8_t load_column(const int8_t* p, const int16_t*) { return vldrbq_s16(p); }

template <size_t Rows, class Vector>
inline __attribute__((always_inline)) void multiply(const Vector (&w)[kTileColumns], const Vector& a, int32_t (&sums)[Rows][kTileColumns], size_t row) {
#pragma GCC unroll 2
  for (size_t c = 0; c < kTileColumns; ++c) sums[row][c] = dot(sums[row][c], a, w[c]);
}

// acc[Rows][16] += rows x 16 regrouped columns of one block.
template <size_t Rows, class Element>
__attribute__((noinline)) void multiply_block(const Element* rows, size_t row_stride, const int8_t* columns, size_t depth, int32_t (*acc)[16]) {
  constexpr ptrdiff_t kLanes = 16 / sizeof(Element);
  using Vector = decltype(load(rows));
  for (size_t j = 0; j < 16; j += kTileColumns, columns += kTileColumns * kBlockDepth) {
    int32_t sums[Rows][kTileColumns];
    const Element* a[Rows];
#pragma GCC unroll 3
    for (size_t r = 0; r < Rows; ++r) {
      a[r] = rows + r * row_stride;
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) sums[r][c] = acc[r][j + c];
    }
    const int8_t* column = columns;
    Vector w[kTileColumns];
    for (size_t chunks = depth / 16; chunks > 0; --chunks, column += kTileColumns * 16) {
#pragma GCC unroll 2
      for (size_t part = 0; part < sizeof(Element); ++part) {
#pragma GCC unroll 2
        for (size_t c = 0; c < kTileColumns; ++c) w[c] = load_column(column + c * 16 + part * kLanes, rows);
#pragma GCC unroll 3
        for (size_t r = 0; r < Rows; ++r, a[r - 1] += kLanes) multiply<Rows>(w, load(a[r]), sums, r);
      }
    }
    for (size_t done = 0; done < depth % 16; done += kLanes) {
      const size_t left = depth % 16 - done;  // more than a vector has counts as all of it
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) w[c] = load_column(column + c * 16 + done, rows);
#pragma GCC unroll 3
      for (size_t r = 0; r < Rows; ++r) multiply<Rows>(w, load(a[r] + done, left), sums, r);
    }
#pragma GCC unroll 3
    for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) acc[r][j + c] = sums[r][c];
  }
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]; rows of int8 or int16.
template <class Element>
void multiply_panel(const Element* rows, size_t row_stride, size_t row_count, const int8_t* panel, size_t k, int32_t (*acc)[16]) {
  alignas(16) int8_t columns[16 * kBlockDepth];
  for (size_t m = 0; m < row_count; ++m)
    for (size_t j = 0; j < 16; j += 4) vst1q_s32(acc[m] + j, vdupq_n_s32(0));
  for (size_t at = 0; at < k; at += kBlockDepth, panel += kBlockDepth * 16) {
    const size_t depth = k - at < kBlockDepth ? k - at : kBlockDepth;
    regroup_columns(panel, depth / 4, columns);
    for (size_t m = 0; m < row_count; m += kTileRows) {
      const size_t left = row_count - m;
      const auto multiply = left == 1 ? multiply_block<1, Element> : left == 2 ? multiply_block<2, Element> : multiply_block<3, Element>;
      multiply(rows + m * row_stride + at, row_stride, columns, depth, acc + m);
    }
  }
}

}  // namespace
}  // namespace vitro
