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

namespace vitro {
namespace {

constexpr size_t kTileRows = 8;

// What all sums start from: loaded, because the pipes for loads have more time than those for
// vectors.
alignas(16) constexpr int32_t kZeros[8] = {};
alignas(16) constexpr int32_t kRounders[8] = {kRounderBits, kRounderBits, kRounderBits,
                                              kRounderBits, kRounderBits, kRounderBits,
                                              kRounderBits, kRounderBits};

// Up to this depth sums of products of int8 by [-127, 127] are below 2^22, and those that start
// from kRounders are the bits of the float kRounder + sum.
constexpr size_t kShiftedDepth = (1 << 22) / (128 * 127);

// Sums of four rows with four columns, by a lane of the rows (v0..v3): s0..s3 += v<w> * v0..v3.
#define VITRO_QUAD(w, lane, s0, s1, s2, s3)     \
  "sdot v" #s0 ".4s, v" #w ".16b, v0.4b[" #lane \
  "]\n"                                         \
  "sdot v" #s1 ".4s, v" #w ".16b, v1.4b[" #lane \
  "]\n"                                         \
  "sdot v" #s2 ".4s, v" #w ".16b, v2.4b[" #lane \
  "]\n"                                         \
  "sdot v" #s3 ".4s, v" #w ".16b, v3.4b[" #lane "]\n"

// With sixteen columns; behind those of each four, something else.
#define VITRO_STEP(w0, w1, w2, w3, lane, else0, else1, else2, else3)                          \
  VITRO_QUAD(w0, lane, 16, 20, 24, 28)                                                        \
  else0 VITRO_QUAD(w1, lane, 17, 21, 25, 29) else1 VITRO_QUAD(w2, lane, 18, 22, 26, 30) else2 \
  VITRO_QUAD(w3, lane, 19, 23, 27, 31) else3

#define VITRO_LOAD(w, offset) "ldr q" #w ", [%[w], #" #offset "]\n"

// sums = start + four rows x 16 columns, [k/4][16][4]. The compiler would move sums between
// registers in the loop, which is full. Loads are spread for cores that run in order, and are not
// of pairs, which take Cortex-A55 three times as long.
VITRO_INLINE void multiply_four_rows(const int8_t* rows, size_t row_stride, const int8_t* columns,
                                     size_t k, const int32_t (&start)[8], int32x4_t (&sums)[4][4]) {
  register int32x4_t s0 asm("v16"), s1 asm("v17"), s2 asm("v18"), s3 asm("v19"), s4 asm("v20"),
      s5 asm("v21"), s6 asm("v22"), s7 asm("v23"), s8 asm("v24"), s9 asm("v25"), s10 asm("v26"),
      s11 asm("v27"), s12 asm("v28"), s13 asm("v29"), s14 asm("v30"), s15 asm("v31");
  const int8_t *a1 = rows + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  asm volatile(
      "ldp q16, q17, [%[start]]\nldp q18, q19, [%[start]]\n"
      "ldp q20, q21, [%[start]]\nldp q22, q23, [%[start]]\n"
      "ldp q24, q25, [%[start]]\nldp q26, q27, [%[start]]\n"
      "ldp q28, q29, [%[start]]\nldp q30, q31, [%[start]]\n"
      "subs %[k], %[k], #16\n"
      "b.lt 2f\n"
      "1:\n"
      "ldr q0, [%[a0]], #16\n" VITRO_LOAD(4, 0)
      "ldr q1, [%[a1]], #16\nldr q2, [%[a2]], #16\nldr q3, [%[a3]], #16\n"
      VITRO_LOAD(5, 16) VITRO_LOAD(6, 32) VITRO_LOAD(7, 48)
      VITRO_STEP(4, 5, 6, 7, 0, VITRO_LOAD(8, 64), VITRO_LOAD(9, 80), VITRO_LOAD(10, 96),
                 VITRO_LOAD(11, 112))
      VITRO_STEP(8, 9, 10, 11, 1, VITRO_LOAD(4, 128), VITRO_LOAD(5, 144), VITRO_LOAD(6, 160),
                 VITRO_LOAD(7, 176))
      VITRO_STEP(4, 5, 6, 7, 2, VITRO_LOAD(8, 192), VITRO_LOAD(9, 208), VITRO_LOAD(10, 224),
                 VITRO_LOAD(11, 240))
      VITRO_STEP(8, 9, 10, 11, 3, "add %[w], %[w], #256\n", "subs %[k], %[k], #16\n", "", "")
      "b.ge 1b\n"
      "2:\n"
      "adds %[k], %[k], #16\n"
      "b.eq 4f\n"
      "3:\n"
      "ldr s0, [%[a0]], #4\n" VITRO_LOAD(4, 0)
      "ldr s1, [%[a1]], #4\nldr s2, [%[a2]], #4\nldr s3, [%[a3]], #4\n"
      VITRO_LOAD(5, 16) VITRO_LOAD(6, 32) VITRO_LOAD(7, 48)
      VITRO_STEP(4, 5, 6, 7, 0, "add %[w], %[w], #64\n", "subs %[k], %[k], #4\n", "", "")
      "b.ne 3b\n"
      "4:\n"
      : "=w"(s0), "=w"(s1), "=w"(s2), "=w"(s3), "=w"(s4), "=w"(s5), "=w"(s6), "=w"(s7), "=w"(s8),
        "=w"(s9), "=w"(s10), "=w"(s11), "=w"(s12), "=w"(s13), "=w"(s14), "=w"(s15), [a0] "+r"(rows),
        [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [w] "+r"(columns), [k] "+r"(k)
      : [start] "r"(start)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11");
  sums[0][0] = s0, sums[0][1] = s1, sums[0][2] = s2, sums[0][3] = s3;
  sums[1][0] = s4, sums[1][1] = s5, sums[1][2] = s6, sums[1][3] = s7;
  sums[2][0] = s8, sums[2][1] = s9, sums[2][2] = s10, sums[2][3] = s11;
  sums[3][0] = s12, sums[3][1] = s13, sums[3][2] = s14, sums[3][3] = s15;
}

#undef VITRO_QUAD
#undef VITRO_STEP
#undef VITRO_LOAD

template <size_t Rows>
VITRO_INLINE void store_sums(const int32x4_t (&sums)[Rows][4], int32_t* acc, size_t acc_stride) {
#pragma GCC unroll 4
  for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) vst1q_s32(acc + i * acc_stride + q * 4, sums[i][q]);
}

// acc[Rows][16] = start + fewer than four rows x 16 columns.
template <size_t Rows, const int32_t (&start)[8]>
void multiply_few_rows(const int8_t* rows, size_t row_stride, const int8_t* columns, size_t k,
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
template <const int32_t (&start)[8]>
VITRO_INLINE void multiply_panel_from(const int8_t* rows, size_t row_stride, size_t row_count,
                                      const int8_t* panel, size_t k, int32_t* acc,
                                      size_t acc_stride) {
  for (; row_count >= 4; row_count -= 4, rows += 4 * row_stride, acc += 4 * acc_stride) {
    int32x4_t sums[4][4];
    multiply_four_rows(rows, row_stride, panel, k, start, sums);
    store_sums(sums, acc, acc_stride);
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
