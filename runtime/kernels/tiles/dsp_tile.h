// SPDX-License-Identifier: Apache-2.0
// The accumulator tiles of the ARMv7E-M kernels by SMLAD: two products of int16 for each
// instruction. Both sides are widened to int16 in blocks of depth, once for many rows and once for
// all columns of a panel, so that the inner loop only loads and multiplies. For <family>/*_dsp.cpp
// alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/dsp_math.h"

namespace vitro {
namespace {

constexpr size_t kBlockDepth = 96;
constexpr size_t kBlockPairs = kBlockDepth / 2;
constexpr size_t kTileRows = 2, kTileColumns = 4;  // eight sums in fourteen registers

// Of four in depth the first and third lie in one word, the second and fourth in the next: so
// sxtb16 leaves them.
struct Quad {
  int32_t even, odd;
};

inline Quad widen(const int8_t* p) {
  const int32_t four = load4(p);
  int32_t odd;
  __asm__("sxtb16 %0, %1, ror #8"
          : "=r"(odd)
          : "r"(four));  // the intrinsic has no rotation, and GCC does not find it
  return {__sxtb16(four), odd};
}

inline Quad widen(const uint8_t* p) {
  const uint32_t four = static_cast<uint32_t>(load4(p));
  uint32_t odd;
  __asm__("uxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(four));
  return {static_cast<int32_t>(__uxtb16(four)), static_cast<int32_t>(odd)};
}

// [16 / kTileColumns][pair][kTileColumns] from `quads` of [16][4]. Here and below, one instruction
// loads or stores several registers, which the compiler does not do with them.
__attribute__((noinline)) void widen_columns(const int8_t* panel, size_t quads, int32_t* columns) {
  for (size_t group = 0; group < 16; group += kTileColumns, columns += kBlockPairs * kTileColumns) {
    const int8_t* next = panel + group * 4;
    int32_t* out = columns;
    size_t left = quads;
    __asm__ volatile(
        "0:\n\t"
        "ldr r4, [%[next]], #64\n\t"
        "ldr r5, [%[next], #-60]\n\t"
        "ldr r6, [%[next], #-56]\n\t"
        "ldr r8, [%[next], #-52]\n\t"
        "sxtb16 r9, r4, ror #8\n\t"
        "sxtb16 r10, r5, ror #8\n\t"
        "sxtb16 r11, r6, ror #8\n\t"
        "sxtb16 r12, r8, ror #8\n\t"
        "sxtb16 r4, r4\n\t"
        "sxtb16 r5, r5\n\t"
        "sxtb16 r6, r6\n\t"
        "sxtb16 r8, r8\n\t"
        "subs %[left], #1\n\t"
        "stmia %[out]!, {r4, r5, r6, r8, r9, r10, r11, r12}\n\t"
        "bne 0b"
        : [next] "+r"(next), [out] "+r"(out), [left] "+r"(left)
        :
        : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
  }
}

// Two quads of two rows at a time: [pair][2]. `extend` is sxtb16 or uxtb16.
#define VITRO_WIDEN_TWO_QUADS(extend)                                                              \
  __asm__ volatile(                                                                                \
      "0:\n\t"                                                                                     \
      "ldr r5, [%[next], %[stride]]\n\t"                                                           \
      "ldr r4, [%[next]], #4\n\t"                                                                  \
      "ldr r10, [%[next], %[stride]]\n\t"                                                          \
      "ldr r9, [%[next]], #4\n\t" extend " r6, r4, ror #8\n\t" extend " r8, r5, ror #8\n\t" extend \
      " r11, r9, ror #8\n\t" extend " r12, r10, ror #8\n\t" extend " r4, r4\n\t" extend            \
      " r5, r5\n\t" extend " r9, r9\n\t" extend                                                    \
      " r10, r10\n\t"                                                                              \
      "cmp %[next], %[end]\n\t"                                                                    \
      "stmia %[out]!, {r4, r5, r6, r8, r9, r10, r11, r12}\n\t"                                     \
      "bne 0b"                                                                                     \
      : [next] "+r"(rows), [out] "+r"(out)                                                         \
      : [stride] "r"(row_stride), [end] "r"(end)                                                   \
      : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "cc", "memory")

// [pair][Rows].
template <size_t Rows, class Element>
__attribute__((noinline)) void widen_rows(const Element* rows, size_t row_stride, size_t quads,
                                          int32_t* out) {
  if constexpr (Rows == 2) {
    if (const Element* const end = rows + quads / 2 * 8; rows != end) {
      if constexpr (Element(-1) < 0)
        VITRO_WIDEN_TWO_QUADS("sxtb16");
      else
        VITRO_WIDEN_TWO_QUADS("uxtb16");
    }
    quads %= 2;
  }
  for (size_t q = 0; q < quads; ++q, rows += 4, out += 2 * Rows) {
#pragma GCC unroll 2
    for (size_t r = 0; r < Rows; ++r) {
      const Quad quad = widen(rows + r * row_stride);
      out[r] = quad.even;
      out[Rows + r] = quad.odd;
    }
  }
}

#undef VITRO_WIDEN_TWO_QUADS

template <size_t Rows>
struct RowCount {};

// acc[4] += one row x four columns; `quads` is not 0.
inline void multiply_columns(const int32_t* a, const int32_t* w, size_t quads, int32_t* acc,
                             RowCount<1>) {
  int32_t sums[kTileColumns];
#pragma GCC unroll 4
  for (size_t c = 0; c < kTileColumns; ++c) sums[c] = acc[c];
  for (const int32_t* const end = a + quads * 2; a != end; ++a, w += kTileColumns)
#pragma GCC unroll 4
    for (size_t c = 0; c < kTileColumns; ++c) sums[c] = __smlad(w[c], *a, sums[c]);
#pragma GCC unroll 4
  for (size_t c = 0; c < kTileColumns; ++c) acc[c] = sums[c];
}

// One pair of two rows x four columns: sums of the first row in r4 to r7, of the second in r8 to
// r11. The last two columns are loaded one by one, each as soon as there is a register: that is one
// instruction more, but by llvm-mca 10.5 cycles instead of 12.0 on M7, 13.5 instead of 13.75 on M4.
#define VITRO_MULTIPLY_PAIR      \
  "ldrd r2, r3, [%[w]], #16\n\t" \
  "ldrd r12, lr, [%[a]], #8\n\t" \
  "smlad r4, r2, r12, r4\n\t"    \
  "smlad r8, r2, lr, r8\n\t"     \
  "ldr r2, [%[w], #-8]\n\t"      \
  "smlad r5, r3, r12, r5\n\t"    \
  "smlad r9, r3, lr, r9\n\t"     \
  "ldr r3, [%[w], #-4]\n\t"      \
  "smlad r6, r2, r12, r6\n\t"    \
  "smlad r10, r2, lr, r10\n\t"   \
  "smlad r7, r3, r12, r7\n\t"    \
  "smlad r11, r3, lr, r11\n\t"

// acc[2][4], whose rows are 16 apart. Sums and operands take all fourteen registers, so what the
// loop does not need lies in the FPU's, r7 among it, which may be the compiler's frame pointer.
VITRO_INLINE void multiply_columns(const int32_t* a, const int32_t* w, size_t quads, int32_t* acc,
                                   RowCount<2>) {
  register const int32_t* rows __asm__("r0") = a;
  register const int32_t* columns __asm__("r1") = w;
  register const int32_t* end __asm__("r2") = a + quads / 2 * 8;
  register int32_t* sums __asm__("r3") = acc;
  const uint32_t odd = quads % 2;
  float odd_bits;
  memcpy(&odd_bits, &odd, sizeof odd_bits);
  __asm__ volatile(
      "vmov s0, %[end]\n\t"
      "vmov s1, %[sums]\n\t"
      "vmov s2, r7\n\t"
      "ldrd r4, r5, [%[sums]]\n\t"
      "ldrd r6, r7, [%[sums], #8]\n\t"
      "ldrd r8, r9, [%[sums], #64]\n\t"
      "ldrd r10, r11, [%[sums], #72]\n\t"
      "cmp %[a], %[end]\n\t"
      "beq 1f\n\t"
      "0:\n\t" VITRO_MULTIPLY_PAIR VITRO_MULTIPLY_PAIR VITRO_MULTIPLY_PAIR VITRO_MULTIPLY_PAIR
      "vmov r2, s0\n\t"
      "cmp %[a], r2\n\t"
      "bne 0b\n\t"
      "1:\n\t"
      "vmov r2, %[odd]\n\t"
      "cmp r2, #0\n\t"
      "beq 2f\n\t" VITRO_MULTIPLY_PAIR VITRO_MULTIPLY_PAIR
      "2:\n\t"
      "vmov r2, s1\n\t"
      "strd r4, r5, [r2]\n\t"
      "strd r6, r7, [r2, #8]\n\t"
      "strd r8, r9, [r2, #64]\n\t"
      "strd r10, r11, [r2, #72]\n\t"
      "vmov r7, s2"
      : [a] "+r"(rows), [w] "+r"(columns), [end] "+r"(end), [sums] "+r"(sums)
      : [odd] "t"(odd_bits)
      : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s0", "s1", "s2", "cc", "memory");
}

#undef VITRO_MULTIPLY_PAIR

// acc[Rows][16] += rows x columns, both widened; `quads` is not 0.
template <size_t Rows>
__attribute__((noinline)) void multiply_block(const int32_t* rows, const int32_t* columns,
                                              size_t quads, int32_t (*acc)[16]) {
  for (size_t j = 0; j < 16; j += kTileColumns, columns += kBlockPairs * kTileColumns)
    multiply_columns(rows, columns, quads, *acc + j, RowCount<Rows>());
}

// acc[row_count][16] = rows x one panel of [k/4][16][4]; rows of int8 or uint8.
template <class Element>
void multiply_panel(const Element* rows, size_t row_stride, size_t row_count, const int8_t* panel,
                    size_t k, int32_t (*acc)[16]) {
  int32_t columns[16 * kBlockPairs], pair[kTileRows * kBlockPairs];
  for (size_t m = 0; m < row_count; ++m)
    for (size_t j = 0; j < 16; ++j) acc[m][j] = 0;
  for (size_t depth = 0; depth < k; depth += kBlockDepth, panel += kBlockDepth * 16) {
    const size_t quads = (k - depth < kBlockDepth ? k - depth : kBlockDepth) / 4;
    widen_columns(panel, quads, columns);
    for (size_t m = 0; m < row_count; m += kTileRows) {
      const Element* a = rows + m * row_stride + depth;
      if (row_count - m > 1) {
        widen_rows<2>(a, row_stride, quads, pair);
        multiply_block<2>(pair, columns, quads, acc + m);
      } else {
        widen_rows<1>(a, row_stride, quads, pair);
        multiply_block<1>(pair, columns, quads, acc + m);
      }
    }
  }
}

}  // namespace
}  // namespace vitro
