// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the SMMLA kernels: two rows x two columns x eight in depth to an
// instruction. For <family>/*_neon_i8mm.cpp alone; everything has internal linkage, so that no
// other object can pick it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace vitro {
namespace {

constexpr size_t kTileRows = 8;

inline int8x16_t zip_low(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s32(vzip1q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}
inline int8x16_t zip_high(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s32(vzip2q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}
inline int8x16_t low_halves(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}
inline int8x16_t high_halves(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

// Four bytes, then zeros.
inline int8x8_t load4(const int8_t* p) {
  uint32_t four;
  memcpy(&four, p, 4);
  return vcreate_s8(four);
}

// acc[row_count][Quads * 4] = rows x columns, 2 * Pairs - 1 or 2 * Pairs rows. columns:
// [k/4][16][4], from the tile's first column on.
template <size_t Pairs, size_t Quads>
void multiply_tile(const int8_t* rows, size_t row_stride, size_t row_count, const int8_t* columns,
                   size_t k, int32_t* acc, size_t acc_stride) {
  int32x4_t sums[Pairs][Quads * 2];  // of row 0 columns 0, 1, of row 1 columns 0, 1
  const int8_t* a[Pairs * 2];
#pragma GCC unroll 4
  for (size_t i = 0; i < Pairs; ++i) {
#pragma GCC unroll 8
    for (size_t q = 0; q < Quads * 2; ++q) sums[i][q] = vdupq_n_s32(0);
    a[i * 2] = rows + i * 2 * row_stride;
    a[i * 2 + 1] = i * 2 + 1 < row_count ? a[i * 2] + row_stride : a[i * 2];
  }
  // A quad's columns, depth 0..3 of them at w0, 4..7 at w1.
  const auto step = [&](size_t q, const int8_t* w0, const int8_t* w1, const int8x16_t* pairs)
      __attribute__((always_inline)) {
    const int8x16_t first = vld1q_s8(w0 + q * 16), second = vld1q_s8(w1 + q * 16);
    const int8x16_t w01 = zip_low(first, second), w23 = zip_high(first, second);
#pragma GCC unroll 4
    for (size_t i = 0; i < Pairs; ++i) sums[i][q * 2] = vmmlaq_s32(sums[i][q * 2], pairs[i], w01);
#pragma GCC unroll 4
    for (size_t i = 0; i < Pairs; ++i)
      sums[i][q * 2 + 1] = vmmlaq_s32(sums[i][q * 2 + 1], pairs[i], w23);
  };

  size_t depth = 0;
  for (; depth + 16 <= k; depth += 16, columns += 256) {
    int8x16_t low[Pairs], high[Pairs];
#pragma GCC unroll 4
    for (size_t i = 0; i < Pairs; ++i) {
      const int8x16_t even = vld1q_s8(a[i * 2] + depth), odd = vld1q_s8(a[i * 2 + 1] + depth);
      low[i] = low_halves(even, odd);
      high[i] = high_halves(even, odd);
    }
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) {
      step(q, columns, columns + 64, low);
      step(q, columns + 128, columns + 192, high);
    }
  }
  int8x16_t pairs[Pairs];
  if (k - depth >= 8) {
#pragma GCC unroll 4
    for (size_t i = 0; i < Pairs; ++i)
      pairs[i] = vcombine_s8(vld1_s8(a[i * 2] + depth), vld1_s8(a[i * 2 + 1] + depth));
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) step(q, columns, columns + 64, pairs);
    depth += 8;
    columns += 128;
  }
  if (depth < k) {  // the rows' last four are zeros, whatever they meet
#pragma GCC unroll 4
    for (size_t i = 0; i < Pairs; ++i)
      pairs[i] = vcombine_s8(load4(a[i * 2] + depth), load4(a[i * 2 + 1] + depth));
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) step(q, columns, columns, pairs);
  }

#pragma GCC unroll 4
  for (size_t i = 0; i < Pairs; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < Quads; ++q) {
      const int32x4_t left = sums[i][q * 2], right = sums[i][q * 2 + 1];
      int32_t* out = acc + i * 2 * acc_stride + q * 4;
      vst1q_s32(out, vcombine_s32(vget_low_s32(left), vget_low_s32(right)));
      if (i * 2 + 1 < row_count)
        vst1q_s32(out + acc_stride, vcombine_s32(vget_high_s32(left), vget_high_s32(right)));
    }
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]. Few rows take all sixteen columns at once,
// so that enough sums are independent.
inline void multiply_panel(const int8_t* rows, size_t row_stride, size_t row_count,
                           const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride) {
  if (row_count <= 2)
    return multiply_tile<1, 4>(rows, row_stride, row_count, panel, k, acc, acc_stride);
  if (row_count <= 4)
    return multiply_tile<2, 4>(rows, row_stride, row_count, panel, k, acc, acc_stride);
  const auto multiply = row_count <= 6 ? multiply_tile<3, 2> : multiply_tile<4, 2>;
  for (size_t j = 0; j < 16; j += 8)
    multiply(rows, row_stride, row_count, panel + j * 4, k, acc + j, acc_stride);
}

}  // namespace
}  // namespace vitro
