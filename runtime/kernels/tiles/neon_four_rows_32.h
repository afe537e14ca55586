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
#define VITRO_PRODUCTS                         \
  "vmull.s8 q4, d0, d4\nvmull.s8 q5, d1, d4\n" \
  "vmull.s8 q6, d0, d6\nvmull.s8 q7, d1, d6\n" \
  "vmlal.s8 q4, d2, d5\nvmlal.s8 q5, d3, d5\n" \
  "vmlal.s8 q6, d2, d7\nvmlal.s8 q7, d3, d7\n"

#define VITRO_LOAD_COLUMNS "vld1.8 {d0, d1}, [%[w]], %[next]\nvld1.8 {d2, d3}, [%[w]], %[next]\n"
#define VITRO_LOAD_ROWS(a, b)                    \
  "vld1.8 {d4}, [%[" a "]]!\nvld1.8 {d6}, [%[" b \
  "]]!\n"                                        \
  "vdup.32 d5, d4[1]\nvdup.32 d7, d6[1]\n"       \
  "vdup.32 d4, d4[0]\nvdup.32 d6, d6[0]\n"

// Two rows' pairs of products to their sums: vpaddl sets them, vpadal adds.
#define VITRO_ADD_01(op) op " q8, q4\n" op " q9, q5\n" op " q10, q6\n" op " q11, q7\n"
#define VITRO_ADD_23(op) op " q12, q4\n" op " q13, q5\n" op " q14, q6\n" op " q15, q7\n"

// A step, which loads what the next one starts with.
#define VITRO_STEP(op)                                                                            \
  VITRO_PRODUCTS VITRO_LOAD_ROWS("a2", "a3") VITRO_ADD_01(                                        \
      op) "subs %[steps], %[steps], #1\n" VITRO_PRODUCTS VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS("a0", \
                                                                                            "a1") \
      VITRO_ADD_23(op)

#define VITRO_WRITE(d0, d1, d2, d3)                                                                \
  "vpadd.i32 d" #d0 ", d" #d0 ", d" #d1 "\nvpadd.i32 d" #d1 ", d" #d2 ", d" #d3 "\nvst1.32 {d" #d0 \
  ", d" #d1 "}, [%[acc]], %[stride]\n"

// acc[4][4] = rows x columns over `steps` times eight in depth, at least two. columns:
// [k/4][16][4], from the first of four on, never -128, so that two products fit int16.
inline void multiply_four_rows(const int8_t* rows, size_t row_stride, const int8_t* columns,
                               size_t steps, int32_t* acc, size_t acc_stride) {
  const int8_t *a0 = rows, *a1 = a0 + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  asm volatile(
      VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS("a0", "a1")
      "sub %[steps], %[steps], #1\n"
      VITRO_STEP("vpaddl.s16")
      "beq 2f\n"
      "1:\n"
      VITRO_STEP("vpadal.s16")
      "bne 1b\n"
      "2:\n"
      VITRO_PRODUCTS VITRO_LOAD_ROWS("a2", "a3")
      VITRO_ADD_01("vpadal.s16")
      VITRO_PRODUCTS
      VITRO_ADD_23("vpadal.s16")
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
#undef VITRO_LOAD_COLUMNS
#undef VITRO_LOAD_ROWS
#undef VITRO_ADD_01
#undef VITRO_ADD_23
#undef VITRO_STEP
#undef VITRO_WRITE

}  // namespace
}  // namespace vitro
