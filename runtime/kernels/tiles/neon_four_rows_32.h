// SPDX-License-Identifier: Apache-2.0
// The loop of the NEON kernels' tile on ARMv7, as neon_four_rows.h has it on AArch64: no register
// is both loaded and a product, four products between a product and what reads it, and a row's four
// bytes in one half register, which meets all columns. For tiles/neon_tile.h alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {
namespace {

// d0, d1: columns at depth 0..3; d2, d3: at depth 4..7. d4, d5 and d6, d7: two rows at both.
// q4..q7: products. q8..q15: sums, two columns each.
#define VITRO_PRODUCTS                                                               \
  "vmull.s8 q4, d0, d4\nvmull.s8 q5, d1, d4\nvmull.s8 q6, d0, d6\nvmull.s8 q7, d1, " \
  "d6\nvmlal.s8 q4, d2, d5\nvmlal.s8 q5, d3, d5\nvmlal.s8 q6, d2, d7\nvmlal.s8 q7, d3, d7\n"
#define VITRO_ADD_PRODUCTS(s0, s1, s2, s3)                                                      \
  "vpadal.s16 q" #s0 ", q4\nvpadal.s16 q" #s1 ", q5\nvpadal.s16 q" #s2 ", q6\nvpadal.s16 q" #s3 \
  ", q7\n"
#define VITRO_LOAD_COLUMNS "vld1.8 {d0, d1}, [%[w]], %[next]\nvld1.8 {d2, d3}, [%[w]], %[next]\n"
#define VITRO_LOAD_ROWS(a, b)                      \
  "vld1.8 {d4}, [%[" #a "]]!\nvld1.8 {d6}, [%[" #b \
  "]]!\nvdup.32 d5, d4[1]\nvdup.32 d7, "           \
  "d6[1]\nvdup.32 d4, d4[0]\nvdup.32 d6, d6[0]\n"
#define VITRO_WRITE(d0, d1, d2, d3)                                                                \
  "vpadd.i32 d" #d0 ", d" #d0 ", d" #d1 "\nvpadd.i32 d" #d1 ", d" #d2 ", d" #d3 "\nvst1.32 {d" #d0 \
  ", d" #d1 "}, [%[acc]], %[stride]\n"

// acc[4][4] = rows x columns over `steps` times eight in depth, at least one. columns:
// [k/4][16][4], from the first of four on, never -128, so that two products fit int16.
inline void multiply_four_rows(const int8_t* rows, size_t row_stride, const int8_t* columns,
                               size_t steps, int32_t* acc, size_t acc_stride) {
  const int8_t *a0 = rows, *a1 = a0 + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  asm volatile(
      "vmov.i32 q8, #0\nvmov.i32 q9, #0\nvmov.i32 q10, #0\nvmov.i32 q11, #0\n"
      "vmov.i32 q12, #0\nvmov.i32 q13, #0\nvmov.i32 q14, #0\nvmov.i32 q15, #0\n"
      VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS(a0, a1)
      "subs %[steps], %[steps], #1\n"
      "beq 2f\n"
      "1:\n"
      VITRO_PRODUCTS VITRO_LOAD_ROWS(a2, a3)
      VITRO_ADD_PRODUCTS(8, 9, 10, 11)
      "subs %[steps], %[steps], #1\n"
      VITRO_PRODUCTS VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS(a0, a1)
      VITRO_ADD_PRODUCTS(12, 13, 14, 15)
      "bne 1b\n"
      "2:\n"
      VITRO_PRODUCTS VITRO_LOAD_ROWS(a2, a3)
      VITRO_ADD_PRODUCTS(8, 9, 10, 11)
      VITRO_PRODUCTS
      VITRO_ADD_PRODUCTS(12, 13, 14, 15)
      VITRO_WRITE(16, 17, 18, 19)
      VITRO_WRITE(20, 21, 22, 23)
      VITRO_WRITE(24, 25, 26, 27)
      VITRO_WRITE(28, 29, 30, 31)
      : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [w] "+r"(columns),
        [steps] "+r"(steps), [acc] "+r"(acc)
      : [next] "r"(64), [stride] "r"(acc_stride * sizeof *acc)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11",
        "q12", "q13", "q14", "q15");
}

#undef VITRO_PRODUCTS
#undef VITRO_ADD_PRODUCTS
#undef VITRO_LOAD_COLUMNS
#undef VITRO_LOAD_ROWS
#undef VITRO_WRITE

}  // namespace
}  // namespace vitro
