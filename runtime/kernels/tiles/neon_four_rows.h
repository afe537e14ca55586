// SPDX-License-Identifier: Apache-2.0
// The loop of the NEON kernels' tile on AArch64, in the order in which cores that run in order
// (Cortex-A53, A55) lose least: eight products between a product and what reads it, loads together
// and as soon as their registers are free. Compilers spread the loads, each of which then waits for
// the products before it. For tiles/neon_tile.h alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {
namespace {

// Four products of 16 bytes each: t0..t3 op= columns 0..3 (w0) and 4..7 (w1) by a.
#define VITRO_PRODUCTS(op, w0, w1, a, t0, t1, t2, t3)                                             \
  op " v" #t0 ".8h, v" #w0 ".8b, v" #a ".8b\n" op "2 v" #t1 ".8h, v" #w0 ".16b, v" #a ".16b\n" op \
     " v" #t2 ".8h, v" #w1 ".8b, v" #a ".8b\n" op "2 v" #t3 ".8h, v" #w1 ".16b, v" #a ".16b\n"

// v0, v1: columns at depth 0..3; v2, v3: at depth 4..7. v12, v13 and v14, v15: two rows at both.
#define VITRO_FIRST_PRODUCTS                      \
  VITRO_PRODUCTS("smull", 0, 1, 12, 4, 5, 6, 7)   \
  VITRO_PRODUCTS("smull", 0, 1, 14, 8, 9, 10, 11) \
  VITRO_PRODUCTS("smlal", 2, 3, 13, 4, 5, 6, 7)   \
  VITRO_PRODUCTS("smlal", 2, 3, 15, 8, 9, 10, 11)

#define VITRO_ADD(op, s0, s1, s2, s3, s4, s5, s6, s7)                                          \
  op " v" #s0 ".4s, v4.8h\n" op " v" #s1 ".4s, v5.8h\n" op " v" #s2 ".4s, v6.8h\n" op " v" #s3 \
     ".4s, v7.8h\n" op " v" #s4 ".4s, v8.8h\n" op " v" #s5 ".4s, v9.8h\n" op " v" #s6          \
     ".4s, v10.8h\n" op " v" #s7 ".4s, v11.8h\n"

// Two rows' pairs of products to their sums: saddlp sets them, sadalp adds.
#define VITRO_ADD_01(op) VITRO_ADD(op, 16, 17, 18, 19, 20, 21, 22, 23)
#define VITRO_ADD_23(op) VITRO_ADD(op, 24, 25, 26, 27, 28, 29, 30, 31)

#define VITRO_LOAD_COLUMNS "ldp q0, q1, [%[w]]\nldp q2, q3, [%[w], #64]\n"
#define VITRO_LOAD_ROWS_01                                                                  \
  "ld1r {v12.4s}, [%[a0]]\nld1r {v14.4s}, [%[a1]]\nld1r {v13.4s}, [%[b0]]\nld1r {v15.4s}, " \
  "[%[b1]]\n"
#define VITRO_LOAD_ROWS_23                                                                  \
  "ld1r {v12.4s}, [%[a2]]\nld1r {v14.4s}, [%[a3]]\nld1r {v13.4s}, [%[b2]]\nld1r {v15.4s}, " \
  "[%[b3]]\n"

#define VITRO_SUM(to, from) "addp v" #to ".4s, v" #to ".4s, v" #from ".4s\n"

// A step, which loads what the next one starts with.
#define VITRO_STEP(op)                                                                           \
  VITRO_FIRST_PRODUCTS VITRO_LOAD_ROWS_23                                                        \
      "add %[a0], %[a0], #8\nadd %[a1], %[a1], #8\nadd %[a2], %[a2], #8\nadd %[a3], %[a3], #8\n" \
      "add %[b0], %[b0], #8\nadd %[b1], %[b1], #8\nadd %[b2], %[b2], #8\nadd %[b3], %[b3], #8\n" \
      "add %[w], %[w], #128\nsubs %[steps], %[steps], #1\n" VITRO_ADD_01(op)                     \
          VITRO_FIRST_PRODUCTS VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS_01                             \
          VITRO_ADD_23(op)

// acc[4][8] = rows x columns over `steps` times eight in depth, at least two. columns:
// [k/4][16][4], from the first of eight on, never -128, so that two products fit int16.
inline void multiply_four_rows(const int8_t* rows, size_t row_stride, const int8_t* columns,
                               size_t steps, int32_t* acc, size_t acc_stride) {
  const int8_t *a0 = rows, *a1 = a0 + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  const int8_t *b0 = a0 + 4, *b1 = a1 + 4, *b2 = a2 + 4, *b3 = a3 + 4;
  int32_t *const acc1 = acc + acc_stride, *const acc2 = acc1 + acc_stride,
                 *const acc3 = acc2 + acc_stride;
  asm volatile(
      VITRO_LOAD_COLUMNS VITRO_LOAD_ROWS_01
      "sub %[steps], %[steps], #1\n"
      VITRO_STEP("saddlp")
      "b.eq 2f\n"
      "1:\n"
      VITRO_STEP("sadalp")
      "b.ne 1b\n"
      "2:\n"
      VITRO_FIRST_PRODUCTS VITRO_LOAD_ROWS_23
      VITRO_ADD_01("sadalp")
      VITRO_FIRST_PRODUCTS
      VITRO_ADD_23("sadalp")
      VITRO_SUM(16, 17) VITRO_SUM(18, 19) VITRO_SUM(20, 21) VITRO_SUM(22, 23)
      VITRO_SUM(24, 25) VITRO_SUM(26, 27) VITRO_SUM(28, 29) VITRO_SUM(30, 31)
      "stp q16, q18, [%[acc0]]\nstp q20, q22, [%[acc1]]\n"
      "stp q24, q26, [%[acc2]]\nstp q28, q30, [%[acc3]]\n"
      : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [b0] "+r"(b0), [b1] "+r"(b1),
        [b2] "+r"(b2), [b3] "+r"(b3), [w] "+r"(columns), [steps] "+r"(steps)
      : [acc0] "r"(acc), [acc1] "r"(acc1), [acc2] "r"(acc2), [acc3] "r"(acc3)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
        "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
        "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#undef VITRO_PRODUCTS
#undef VITRO_FIRST_PRODUCTS
#undef VITRO_ADD
#undef VITRO_ADD_01
#undef VITRO_ADD_23
#undef VITRO_STEP
#undef VITRO_LOAD_COLUMNS
#undef VITRO_LOAD_ROWS_01
#undef VITRO_LOAD_ROWS_23
#undef VITRO_SUM

}  // namespace
}  // namespace vitro
