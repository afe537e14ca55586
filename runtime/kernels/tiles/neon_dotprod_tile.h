// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the SDOT kernels: sixteen bytes of a row serve four steps of four in
// depth, by lane. For <family>/*_neon_dotprod.cpp alone; everything has internal linkage, so that
// no other object can pick it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace vitro {
namespace {

constexpr size_t kTileRows = 8;

// acc[Rows][Quads * 4] = rows x columns. columns: [k/4][16][4], from the tile's first column on.
template <size_t Rows, size_t Quads>
void multiply_tile(const int8_t* rows, size_t row_stride, const int8_t* columns, size_t k,
                   int32_t* acc, size_t acc_stride) {
  int32x4_t sums[Rows][Quads];
#pragma GCC unroll 8
  for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) sums[i][q] = vdupq_n_s32(0);

  size_t depth = 0;
  for (; depth + 16 <= k; depth += 16, columns += 256) {
    int8x16_t a[Rows];
#pragma GCC unroll 8
    for (size_t i = 0; i < Rows; ++i) a[i] = vld1q_s8(rows + i * row_stride + depth);
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) {
      const int8_t* quad = columns + q * 16;
      const int8x16_t w0 = vld1q_s8(quad), w1 = vld1q_s8(quad + 64), w2 = vld1q_s8(quad + 128),
                      w3 = vld1q_s8(quad + 192);
#pragma GCC unroll 8
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w0, a[i], 0);
#pragma GCC unroll 8
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w1, a[i], 1);
#pragma GCC unroll 8
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w2, a[i], 2);
#pragma GCC unroll 8
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w3, a[i], 3);
    }
  }
  for (; depth < k; depth += 4, columns += 64) {
    int8x16_t w[Quads];
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) w[q] = vld1q_s8(columns + q * 16);
#pragma GCC unroll 8
    for (size_t i = 0; i < Rows; ++i) {
      uint32_t four;
      memcpy(&four, rows + i * row_stride + depth, 4);
      const int8x8_t a = vcreate_s8(four);
#pragma GCC unroll 4
      for (size_t q = 0; q < Quads; ++q) sums[i][q] = vdotq_lane_s32(sums[i][q], w[q], a, 0);
    }
  }

#pragma GCC unroll 8
  for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) vst1q_s32(acc + i * acc_stride + q * 4, sums[i][q]);
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]. Few rows take all sixteen columns at once,
// so that enough sums are independent.
inline void multiply_panel(const int8_t* rows, size_t row_stride, size_t row_count,
                           const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride) {
  switch (row_count) {
    case 1: return multiply_tile<1, 4>(rows, row_stride, panel, k, acc, acc_stride);
    case 2: return multiply_tile<2, 4>(rows, row_stride, panel, k, acc, acc_stride);
    case 3: return multiply_tile<3, 4>(rows, row_stride, panel, k, acc, acc_stride);
    case 4: return multiply_tile<4, 4>(rows, row_stride, panel, k, acc, acc_stride);
    default: break;
  }
  const auto multiply = row_count == 5   ? multiply_tile<5, 2>
                        : row_count == 6 ? multiply_tile<6, 2>
                        : row_count == 7 ? multiply_tile<7, 2>
                                         : multiply_tile<8, 2>;
  for (size_t j = 0; j < 16; j += 8)
    multiply(rows, row_stride, panel + j * 4, k, acc + j, acc_stride);
}

}  // namespace
}  // namespace vitro
