// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the Helium kernels by VMLADAVA, which adds sixteen products of bytes to
// a core register. Of a panel, where four in depth of a column lie together, sixteen are brought
// together first, in blocks of depth, once for many rows. Its factors are both signed or both not:
// where rows are unsigned, 128 is added to the panel's bytes. For <family>/*_helium.cpp alone;
// everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/helium_math.h"

namespace vitro {
namespace {

constexpr size_t kBlockDepth = 208;
constexpr size_t kTileRows = 3, kTileColumns = 2;  // six sums in the seven even registers that
                                                   // VMLADAVA has beside the loop counter

// Keeps GCC from adding several steps at once, by an instruction of its own: each then is part of a
// load or store.
template <class T>
inline T* step_by_step(T* p) {
  __asm__("" : "+r"(p));
  return p;
}

inline int32x4_t same_sign(int32x4_t bytes, const int8_t*) { return bytes; }
inline int32x4_t same_sign(int32x4_t bytes, const uint8_t*) {
  return veorq_s32(bytes, vreinterpretq_s32_u8(vdupq_n_u8(0x80)));
}

// [16 / kTileColumns][chunk][kTileColumns][16] from `quads` of [16][4], for rows of Element;
// anything beyond the last quad.
template <class Element>
__attribute__((noinline)) void regroup_columns(const int8_t* panel, size_t quads, int8_t* columns) {
  constexpr const Element* rows = nullptr;
  const mve_pred16_t present = vctp32q(static_cast<uint32_t>(quads % 4));
  uint32x4_t first = vaddq_n_u32(
      vshlq_n_u32(vidupq_n_u32(0, 8), 3),
      reinterpret_cast<uint32_t>(panel));  // four words of a column, 64 bytes from one to the next
  for (size_t c = 0; c < 16; c += kTileColumns, first = vaddq_n_u32(first, kTileColumns * 4)) {
    int32_t* to = reinterpret_cast<int32_t*>(columns + c * kBlockDepth);
    uint32x4_t from = first;
#pragma GCC unroll 1
    for (size_t full = quads / 4; full > 0; --full, from = vaddq_n_u32(from, 256)) {
      vst1q_s32(to, same_sign(vldrwq_gather_base_s32(from, 0), rows));
      to = step_by_step(to + 4);
      vst1q_s32(to, same_sign(vldrwq_gather_base_s32(from, 4), rows));
      to = step_by_step(to + 4);
    }
    if (quads % 4 == 0) continue;
    vst1q_s32(to, same_sign(vldrwq_gather_base_z_s32(from, 0, present), rows));
    vst1q_s32(to + 4, same_sign(vldrwq_gather_base_z_s32(from, 4, present), rows));
  }
}

inline int32_t dot(int32_t sum, int8x16_t a, int8x16_t w) { return vmladavaq_s8(sum, a, w); }
inline int32_t dot(int32_t sum, uint8x16_t a, uint8x16_t w) {
  return static_cast<int32_t>(vmladavaq_u8(static_cast<uint32_t>(sum), a, w));
}

// A vector of a row; `left` elements of it, then zeros.
inline int8x16_t load(const int8_t* p) { return vld1q_s8(p); }
inline uint8x16_t load(const uint8_t* p) { return vld1q_u8(p); }
inline int8x16_t load(const int8_t* p, size_t left) {
  return vld1q_z_s8(p, vctp8q(static_cast<uint32_t>(left)));
}
inline uint8x16_t load(const uint8_t* p, size_t left) {
  return vld1q_z_u8(p, vctp8q(static_cast<uint32_t>(left)));
}

template <size_t Rows, class Vector>
VITRO_INLINE void multiply(const Vector (&w)[kTileColumns], const Vector& a,
                           int32_t (&sums)[Rows][kTileColumns], size_t row) {
#pragma GCC unroll 2
  for (size_t c = 0; c < kTileColumns; ++c) sums[row][c] = dot(sums[row][c], a, w[c]);
}

// acc[Rows][16] += rows x 16 regrouped columns of one block.
template <size_t Rows, class Element>
__attribute__((noinline)) void multiply_block(const Element* rows, size_t row_stride,
                                              const Element* columns, size_t depth,
                                              int32_t (*acc)[16]) {
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
    const Element* column = columns;
    Vector w[kTileColumns];
    for (size_t chunks = depth / 16; chunks > 0; --chunks) {
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) {
        w[c] = load(column);
        column = step_by_step(column + 16);
      }
#pragma GCC unroll 3
      for (size_t r = 0; r < Rows; ++r, a[r - 1] += 16) multiply<Rows>(w, load(a[r]), sums, r);
    }
    if (depth % 16 != 0) {
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) w[c] = load(column + c * 16);
#pragma GCC unroll 3
      for (size_t r = 0; r < Rows; ++r) multiply<Rows>(w, load(a[r], depth % 16), sums, r);
    }
#pragma GCC unroll 3
    for (size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 2
      for (size_t c = 0; c < kTileColumns; ++c) acc[r][j + c] = sums[r][c];
  }
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]; rows of int8, or of uint8 and the panel +
// 128.
template <class Element>
void multiply_panel(const Element* rows, size_t row_stride, size_t row_count, const int8_t* panel,
                    size_t k, int32_t (*acc)[16]) {
  alignas(16) int8_t columns[16 * kBlockDepth];
  for (size_t m = 0; m < row_count; ++m)
    for (size_t j = 0; j < 16; j += 4) vst1q_s32(acc[m] + j, vdupq_n_s32(0));
  for (size_t at = 0; at < k; at += kBlockDepth, panel += kBlockDepth * 16) {
    const size_t depth = k - at < kBlockDepth ? k - at : kBlockDepth;
    regroup_columns<Element>(panel, depth / 4, columns);
    for (size_t m = 0; m < row_count; m += kTileRows) {
      const size_t left = row_count - m;
      const auto multiply = left == 1   ? multiply_block<1, Element>
                            : left == 2 ? multiply_block<2, Element>
                                        : multiply_block<3, Element>;
      multiply(rows + m * row_stride + at, row_stride, reinterpret_cast<const Element*>(columns),
               depth, acc + m);
    }
  }
}

}  // namespace
}  // namespace vitro
