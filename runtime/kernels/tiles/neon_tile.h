// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the NEON kernels by smull, smlal and sadalp.
// For <family>/*_neon.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#if defined(__aarch64__)
#include "runtime/kernels/tiles/neon_four_rows.h"
#else
#include "runtime/kernels/tiles/neon_four_rows_32.h"
#endif

namespace vitro {
namespace {

constexpr size_t kTileRows = 4;

#if defined(__aarch64__)

constexpr size_t kTileColumns = 8;  // 16 of 32 registers are accumulators

inline int16x8_t multiply_high(int8x16_t a, int8x16_t b) { return vmull_high_s8(a, b); }
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_high_s8(sum, a, b);
}
inline int32x4_t add_pairs(int32x4_t a, int32x4_t b) { return vpaddq_s32(a, b); }
inline int8x16_t broadcast4(const int8_t* p) {
  int32_t four;
  memcpy(&four, p, 4);
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

#else

constexpr size_t kTileColumns = 4;  // 8 of 16

inline int16x8_t multiply_high(int8x16_t a, int8x16_t b) {
  return vmull_s8(vget_high_s8(a), vget_high_s8(b));
}
inline int16x8_t multiply_add_high(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_s8(sum, vget_high_s8(a), vget_high_s8(b));
}
inline int32x4_t add_pairs(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}
inline int8x16_t broadcast4(const int8_t* p) {  // an element load needs no alignment; memcpy would
                                                // go through a core register
  return vreinterpretq_s8_s32(vld1q_dup_s32(reinterpret_cast<const int32_t*>(p)));
}

#endif

// One row's sums over a step of eight in depth; each column has two lanes. Columns are never -128,
// or one of a lane's two, so its products stay within int16.
struct TileRow {
  int32x4_t low0 = vdupq_n_s32(0), high0 = vdupq_n_s32(0);  // columns 0..3
  int32x4_t low1 = vdupq_n_s32(0), high1 = vdupq_n_s32(0);  // columns 4..7

  // Depth 0..3 of columns 0..3 and 4..7 (wXY: depth X, columns Y) times a0, depth 4..7 times a1.
  // Step by step, for cores that run in order.
  VITRO_INLINE void add(int8x16_t w00, int8x16_t w01, int8x16_t w10, int8x16_t w11, int8x16_t a0,
                        int8x16_t a1) {
    int16x8_t l0 = vmull_s8(vget_low_s8(w00), vget_low_s8(a0)), h0 = multiply_high(w00, a0);
    if constexpr (kTileColumns == 4) {
      l0 = vmlal_s8(l0, vget_low_s8(w10), vget_low_s8(a1));
      h0 = multiply_add_high(h0, w10, a1);
      low0 = vpadalq_s16(low0, l0);
      high0 = vpadalq_s16(high0, h0);
      return;
    }
    int16x8_t l1 = vmull_s8(vget_low_s8(w01), vget_low_s8(a0)), h1 = multiply_high(w01, a0);
    l0 = vmlal_s8(l0, vget_low_s8(w10), vget_low_s8(a1));
    h0 = multiply_add_high(h0, w10, a1);
    l1 = vmlal_s8(l1, vget_low_s8(w11), vget_low_s8(a1));
    h1 = multiply_add_high(h1, w11, a1);
    low0 = vpadalq_s16(low0, l0);
    high0 = vpadalq_s16(high0, h0);
    low1 = vpadalq_s16(low1, l1);
    high1 = vpadalq_s16(high1, h1);
  }

  VITRO_INLINE void write(int32_t* acc) const {
    vst1q_s32(acc, add_pairs(low0, high0));
    if constexpr (kTileColumns > 4) vst1q_s32(acc + 4, add_pairs(low1, high1));
  }
};

// acc[Rows][kTileColumns] = rows x columns. columns: [k/4][16][4], from the first of kTileColumns
// on, in [-127, 127]; the last four in depth may be -128.
template <size_t Rows>
void multiply_tile(const int8_t* rows, size_t row_stride, const int8_t* columns, size_t k,
                   int32_t* acc, size_t acc_stride) {
  TileRow row0, row1, row2, row3;
  const int8_t *a0 = rows, *a1 = rows + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  const auto step = [&](const int8_t* next_columns, size_t next) __attribute__((always_inline)) {
    const int8x16_t w00 = vld1q_s8(columns), w01 = kTileColumns > 4 ? vld1q_s8(columns + 16) : w00;
    const int8x16_t w10 = vld1q_s8(next_columns),
                    w11 = kTileColumns > 4 ? vld1q_s8(next_columns + 16) : w10;
    const auto add = [&](TileRow & row, const int8_t* a) __attribute__((always_inline)) {
      row.add(w00, w01, w10, w11, broadcast4(a), next ? broadcast4(a + next) : vdupq_n_s8(0));
    };
    add(row0, a0);
    if constexpr (Rows > 1) add(row1, a1);
    if constexpr (Rows > 2) add(row2, a2);
    if constexpr (Rows > 3) add(row3, a3);
  };
  for (size_t depth = 8; depth <= k; depth += 8, a0 += 8, a1 += 8, a2 += 8, a3 += 8, columns += 128)
    step(columns + 64, 4);
  if (k % 8) step(columns, 0);
  row0.write(acc);
  if constexpr (Rows > 1) row1.write(acc + acc_stride);
  if constexpr (Rows > 2) row2.write(acc + 2 * acc_stride);
  if constexpr (Rows > 3) row3.write(acc + 3 * acc_stride);
}

// acc[4][kTileColumns] += rows x columns over four in depth.
inline void add_four_deep(const int8_t* rows, size_t row_stride, const int8_t* columns,
                          int32_t* acc, size_t acc_stride) {
  const int8x16_t w0 = vld1q_s8(columns), w1 = kTileColumns > 4 ? vld1q_s8(columns + 16) : w0;
  for (size_t i = 0; i < 4; ++i, rows += row_stride, acc += acc_stride) {
    TileRow row;
    row.add(w0, w1, w0, w1, broadcast4(rows), vdupq_n_s8(0));
    int32_t sums[kTileColumns];
    row.write(sums);
    for (size_t j = 0; j < kTileColumns; j += 4)
      vst1q_s32(acc + j, vaddq_s32(vld1q_s32(acc + j), vld1q_s32(sums + j)));
  }
}

// acc[row_count][16] = rows x one panel of [k/4][16][4].
inline void multiply_panel(const int8_t* rows, size_t row_stride, size_t row_count,
                           const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride) {
  if (row_count == 4 && k >= 16) {
    for (size_t j = 0; j < 16; j += kTileColumns) {
      multiply_four_rows(rows, row_stride, panel + j * 4, k / 8, acc + j, acc_stride);
      if (k % 8)
        add_four_deep(rows + (k - 4), row_stride, panel + j * 4 + (k - 4) * 16, acc + j,
                      acc_stride);
    }
    return;
  }
  const auto multiply = row_count == 1   ? multiply_tile<1>
                        : row_count == 2 ? multiply_tile<2>
                        : row_count == 3 ? multiply_tile<3>
                                         : multiply_tile<4>;
  for (size_t j = 0; j < 16; j += kTileColumns)
    multiply(rows, row_stride, panel + j * 4, k, acc + j, acc_stride);
}

}  // namespace
}  // namespace vitro
