// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the SDOT kernels: sixteen bytes of a row serve four steps of four in
// depth, by lane. For <family>/*_neon_dotprod.cpp and linear/neon_whole_tiles.h alone; everything
// has internal linkage, so that no other object can pick it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

constexpr size_t kTileRows = 8;

// What all sums start from: loaded, because the pipes for loads have more time than those for
// vectors.
alignas(16) constexpr int32_t kZeros[16] = {};
alignas(16) constexpr int32_t kRounders[16] = {
    kRounderBits, kRounderBits, kRounderBits, kRounderBits, kRounderBits, kRounderBits,
    kRounderBits, kRounderBits, kRounderBits, kRounderBits, kRounderBits, kRounderBits,
    kRounderBits, kRounderBits, kRounderBits, kRounderBits};

// Up to this depth sums of products of int8 by [-127, 127] are below 2^22, and those that start
// from kRounders are the bits of the float kRounder + sum.
constexpr size_t kShiftedDepth = (1 << 22) / (128 * 127);

// Sums of four rows with four columns, by a lane of the rows (v0..v3): s0..s3 += v<w> * v0..v3.
// After two of them, something else.
#define VITRO_QUAD(w, lane, s0, s1, s2, s3, other)                                   \
  "sdot v" #s0 ".4s, v" #w ".16b, v0.4b[" #lane                                      \
  "]\n"                                                                              \
  "sdot v" #s1 ".4s, v" #w ".16b, v1.4b[" #lane "]\n" other "sdot v" #s2 ".4s, v" #w \
  ".16b, v2.4b[" #lane                                                               \
  "]\n"                                                                              \
  "sdot v" #s3 ".4s, v" #w ".16b, v3.4b[" #lane "]\n"

// With sixteen columns.
#define VITRO_STEP(w0, w1, w2, w3, lane, other0, other1, other2, other3) \
  VITRO_QUAD(w0, lane, 16, 20, 24, 28, other0)                           \
  VITRO_QUAD(w1, lane, 17, 21, 25, 29, other1)                           \
  VITRO_QUAD(w2, lane, 18, 22, 26, 30, other2)                           \
  VITRO_QUAD(w3, lane, 19, 23, 27, 31, other3)

// The last step of a row with sixteen columns (v8..v11), after two of which the next four of the
// columns are loaded, and behind all the row's next sixteen bytes.
#define VITRO_LAST_STEP(row, s0, s1, s2, s3, w, other)                                      \
  "sdot v" #s0 ".4s, v8.16b, v" #row                                                        \
  ".4b[3]\n"                                                                                \
  "sdot v" #s1 ".4s, v9.16b, v" #row                                                        \
  ".4b[3]\n" VITRO_LOAD(w, row, "x16") "sdot v" #s2 ".4s, v10.16b, v" #row                  \
                                       ".4b[3]\n"                                           \
                                       "sdot v" #s3 ".4s, v11.16b, v" #row ".4b[3]\n" other \
                                       "ldr q" #row ", [%[a" #row "], x15]\n"

// x9 to x12: where the columns of each quad lie.
#define VITRO_LOAD(to, quad, offset) "ldr q" #to ", [" VITRO_QUAD_##quad ", " offset "]\n"
#define VITRO_QUAD_0 "x9"
#define VITRO_QUAD_1 "x10"
#define VITRO_QUAD_2 "x11"
#define VITRO_QUAD_3 "x12"

// sums = start + four rows x 16 columns, [k/4][16][4], k at least 16. The compiler would move sums
// between registers in the loop, which is full. Loads are spread and each step loads what the next
// one starts with, for cores that run in order; LLVM's Cortex-A55 issues a load beside a product
// where its address is a sum of registers. The last step loads its own rows and columns again, so
// that nothing is read beyond them.
VITRO_INLINE void multiply_four_rows(const int8_t* rows, size_t row_stride, const int8_t* columns,
                                     size_t k, const int32_t (&start)[16],
                                     int32x4_t (&sums)[4][4]) {
  register int32x4_t s0 asm("v16"), s1 asm("v17"), s2 asm("v18"), s3 asm("v19"), s4 asm("v20"),
      s5 asm("v21"), s6 asm("v22"), s7 asm("v23"), s8 asm("v24"), s9 asm("v25"), s10 asm("v26"),
      s11 asm("v27"), s12 asm("v28"), s13 asm("v29"), s14 asm("v30"), s15 asm("v31");
  const int8_t *const a1 = rows + row_stride, *const a2 = a1 + row_stride,
                      *const a3 = a2 + row_stride;
  // x13: depth left for the loop, x14: for four at a time, x15: where in the rows, x16: how far to
  // the next columns. GCC takes at most 30 operands.
  asm volatile(
      "ldp q16, q17, [%[start]]\nldp q18, q19, [%[start], #32]\n"
      "ldp q20, q21, [%[start]]\nldp q22, q23, [%[start], #32]\n"
      "ldp q24, q25, [%[start]]\nldp q26, q27, [%[start], #32]\n"
      "ldp q28, q29, [%[start]]\nldp q30, q31, [%[start], #32]\n"
      "mov x9, %[w]\nadd x10, %[w], #16\nadd x11, %[w], #32\nadd x12, %[w], #48\n"
      "ldr q4, [x9]\nldr q0, [%[a0]]\nldr q1, [%[a1]]\nldr q2, [%[a2]]\nldr q3, [%[a3]]\n"
      "ldr q5, [x10]\nldr q6, [x11]\nldr q7, [x12]\n"
      "and x14, %[k], #15\nsub x13, %[k], x14\nmov x15, #0\nmov x16, #256\n"
      "1:\n"
      VITRO_STEP(4, 5, 6, 7, 0, VITRO_LOAD(8, 0, "%[c64]"), VITRO_LOAD(9, 1, "%[c64]"),
                 VITRO_LOAD(10, 2, "%[c64]"), VITRO_LOAD(11, 3, "%[c64]"))
      VITRO_STEP(8, 9, 10, 11, 1, VITRO_LOAD(4, 0, "%[c128]"), VITRO_LOAD(5, 1, "%[c128]"),
                 VITRO_LOAD(6, 2, "%[c128]"), VITRO_LOAD(7, 3, "%[c128]") "subs x13, x13, #16\n")
      VITRO_STEP(4, 5, 6, 7, 2, VITRO_LOAD(8, 0, "%[c192]") "csel x16, x16, xzr, gt\n",
                 VITRO_LOAD(9, 1, "%[c192]") "add x15, x15, x16, lsr #4\n",
                 VITRO_LOAD(10, 2, "%[c192]"), VITRO_LOAD(11, 3, "%[c192]"))
      VITRO_LAST_STEP(0, 16, 17, 18, 19, 4, "")
      VITRO_LAST_STEP(1, 20, 21, 22, 23, 5, "")
      VITRO_LAST_STEP(2, 24, 25, 26, 27, 6, "add x9, x9, x16\nadd x10, x10, x16\n")
      VITRO_LAST_STEP(3, 28, 29, 30, 31, 7, "add x11, x11, x16\nadd x12, x12, x16\n")
      "b.gt 1b\n"
      "cbz x14, 3f\n"
      "add x9, x9, #256\nadd x15, x15, #16\n"
      "2:\n"
      "ldr s0, [%[a0], x15]\nldr q4, [x9]\n"
      "ldr s1, [%[a1], x15]\nldr s2, [%[a2], x15]\nldr s3, [%[a3], x15]\n"
      "ldr q5, [x9, #16]\nldr q6, [x9, #32]\nldr q7, [x9, #48]\n"
      VITRO_STEP(4, 5, 6, 7, 0, "add x9, x9, #64\n", "add x15, x15, #4\n", "subs x14, x14, #4\n",
                 "")
      "b.ne 2b\n"
      "3:\n"
      : "=w"(s0), "=w"(s1), "=w"(s2), "=w"(s3), "=w"(s4), "=w"(s5), "=w"(s6), "=w"(s7), "=w"(s8),
        "=w"(s9), "=w"(s10), "=w"(s11), "=w"(s12), "=w"(s13), "=w"(s14), "=w"(s15)
      : [a0] "r"(rows), [a1] "r"(a1), [a2] "r"(a2), [a3] "r"(a3), [w] "r"(columns), [k] "r"(k),
        [start] "r"(start), [c64] "r"(size_t{64}), [c128] "r"(size_t{128}), [c192] "r"(size_t{192})
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
        "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16");
  sums[0][0] = s0, sums[0][1] = s1, sums[0][2] = s2, sums[0][3] = s3;
  sums[1][0] = s4, sums[1][1] = s5, sums[1][2] = s6, sums[1][3] = s7;
  sums[2][0] = s8, sums[2][1] = s9, sums[2][2] = s10, sums[2][3] = s11;
  sums[3][0] = s12, sums[3][1] = s13, sums[3][2] = s14, sums[3][3] = s15;
}

#undef VITRO_QUAD
#undef VITRO_STEP
#undef VITRO_LAST_STEP
#undef VITRO_LOAD
#undef VITRO_QUAD_0
#undef VITRO_QUAD_1
#undef VITRO_QUAD_2
#undef VITRO_QUAD_3

// A row of sums by one instruction, from the registers in which multiply_four_rows leaves them.
#define VITRO_STORE_ROW(row, v0, v1, v2, v3, to)                                      \
  {                                                                                   \
    register int32x4_t s0 asm("v" #v0) = row[0], s1 asm("v" #v1) = row[1],            \
                                  s2 asm("v" #v2) = row[2], s3 asm("v" #v3) = row[3]; \
    asm("st1 {v" #v0 ".4s, v" #v1 ".4s, v" #v2 ".4s, v" #v3 ".4s}, %0"                \
        : "=Q"(*reinterpret_cast<int32_t(*)[16]>(to))                                 \
        : "w"(s0), "w"(s1), "w"(s2), "w"(s3));                                        \
  }

VITRO_INLINE void store_four_rows(const int32x4_t (&sums)[4][4], int32_t* acc, size_t acc_stride) {
  VITRO_STORE_ROW(sums[0], 16, 17, 18, 19, acc)
  VITRO_STORE_ROW(sums[1], 20, 21, 22, 23, acc + acc_stride)
  VITRO_STORE_ROW(sums[2], 24, 25, 26, 27, acc + 2 * acc_stride)
  VITRO_STORE_ROW(sums[3], 28, 29, 30, 31, acc + 3 * acc_stride)
}

#undef VITRO_STORE_ROW

template <size_t Rows>
VITRO_INLINE void store_sums(const int32x4_t (&sums)[Rows][4], int32_t* acc, size_t acc_stride) {
#pragma GCC unroll 4
  for (size_t i = 0; i < Rows; ++i, acc += acc_stride) {
    store_pair(acc, sums[i][0], sums[i][1]);
    store_pair(acc + 8, sums[i][2], sums[i][3]);
  }
}

// acc[Rows][16] = start + fewer than four rows x 16 columns.
template <size_t Rows, const int32_t (&start)[16]>
__attribute__((noinline, noclone)) void multiply_few_rows(const int8_t* rows, size_t row_stride,
                                                          const int8_t* columns, size_t k,
                                                          int32_t* acc, size_t acc_stride) {
  int32x4_t sums[Rows][4];
#pragma GCC unroll 4
  for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) sums[i][q] = vdupq_n_s32(start[0]);

  size_t depth = 0;
  for (; depth + 16 <= k; depth += 16, columns += 256) {
    int8x16_t a[Rows];
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i) a[i] = vld1q_s8(rows + i * row_stride + depth);
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) {
      const int8_t* quad = columns + q * 16;
      const int8x16_t w0 = vld1q_s8(quad), w1 = vld1q_s8(quad + 64), w2 = vld1q_s8(quad + 128),
                      w3 = vld1q_s8(quad + 192);
#pragma GCC unroll 4
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w0, a[i], 0);
#pragma GCC unroll 4
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w1, a[i], 1);
#pragma GCC unroll 4
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w2, a[i], 2);
#pragma GCC unroll 4
      for (size_t i = 0; i < Rows; ++i) sums[i][q] = vdotq_laneq_s32(sums[i][q], w3, a[i], 3);
    }
  }
  for (; depth < k; depth += 4, columns += 64)
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i) {
      uint32_t four;
      memcpy(&four, rows + i * row_stride + depth, 4);
      const int8x8_t a = vcreate_s8(four);
#pragma GCC unroll 4
      for (size_t q = 0; q < 4; ++q)
        sums[i][q] = vdotq_lane_s32(sums[i][q], vld1q_s8(columns + q * 16), a, 0);
    }
  store_sums(sums, acc, acc_stride);
}

// acc[row_count][16] = start + rows x one panel of [k/4][16][4].
template <const int32_t (&start)[16]>
VITRO_INLINE void multiply_panel_from(const int8_t* rows, size_t row_stride, size_t row_count,
                                      const int8_t* panel, size_t k, int32_t* acc,
                                      size_t acc_stride) {
  const size_t most = k >= 16 ? 4 : 3;  // rows at a time
  for (; row_count >= 4; row_count -= most, rows += most * row_stride, acc += most * acc_stride) {
    if (most < 4) {
      multiply_few_rows<3, start>(rows, row_stride, panel, k, acc, acc_stride);
      continue;
    }
    int32x4_t sums[4][4];
    multiply_four_rows(rows, row_stride, panel, k, start, sums);
    store_four_rows(sums, acc, acc_stride);
  }
  switch (row_count) {
    case 1: return multiply_few_rows<1, start>(rows, row_stride, panel, k, acc, acc_stride);
    case 2: return multiply_few_rows<2, start>(rows, row_stride, panel, k, acc, acc_stride);
    case 3: return multiply_few_rows<3, start>(rows, row_stride, panel, k, acc, acc_stride);
    default: return;
  }
}

inline void multiply_panel(const int8_t* rows, size_t row_stride, size_t row_count,
                           const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride) {
  multiply_panel_from<kZeros>(rows, row_stride, row_count, panel, k, acc, acc_stride);
}

}  // namespace
}  // namespace vitro
