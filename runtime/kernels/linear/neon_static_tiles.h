// SPDX-License-Identifier: Apache-2.0
// Whole tiles of static linears for AArch64: four rows x 16 columns. For
// linear/neon_whole_tiles.h alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/neon_static_columns.h"
#include "runtime/kernels/linear/neon_whole_outputs.h"
#if defined(VITRO_WITH_DOTPROD)
#include "runtime/kernels/tiles/neon_dotprod_tile.h"
#else
#include "runtime/kernels/tiles/neon_tile.h"
#endif

namespace vitro {
namespace {

// sums = the columns' starts + products of rows m to m + 3.
VITRO_INLINE void multiply_static(const LinearArgs& args, size_t m, size_t n,
                                  const StaticColumns& columns, int32x4_t (&sums)[4][4]) {
  const int8_t *const rows = args.src + m * args.k, *const weights = args.weights + n * args.k;
#if defined(VITRO_WITH_DOTPROD)
  multiply_four_rows(rows, args.k, weights, args.k, columns.start, sums);
#else
  int32_t acc[4][16];
  multiply_panel(rows, args.k, 4, weights, args.k, acc[0], 16);
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q)
      sums[i][q] = vaddq_s32(vld1q_s32(acc[i] + q * 4), vld1q_s32(columns.start + q * 4));
#endif
}

// Sixteen columns of a static linear; false where they are too large for it. `store` stores four
// rows of them.
template <typename Store>
VITRO_INLINE bool static_tiles(const LinearArgs& args, size_t n, Store store) {
  StaticColumns columns;
  columns.make(args, n);
  if (!columns.usable) return false;
  for (size_t m = 0; m + 4 <= args.m; m += 4) {
    int32x4_t sums[4][4];
    multiply_static(args, m, n, columns, sums);
    int8x16_t b[4];
    columns.finish(sums, b);
    store(m, b);
  }
  return true;
}

// Functions of their own, by whose names a test finds the fused operations that the law allows.
__attribute__((noinline)) bool static_row_tiles(const WholeRows<LinearOutput::s8>& rows,
                                                const LinearArgs& args, size_t n) {
  return static_tiles(
      args, n, [&](size_t m, const int8x16_t(&b)[4]) __attribute__((always_inline)) {
        rows.store(m, b);
      });
}

// Keys and values share one copy of the rest; one of the two is null.
__attribute__((noinline)) bool static_packed_tiles(const WholeKeys* keys, const WholeValues* values,
                                                   const LinearArgs& args, size_t n) {
  return static_tiles(
      args, n, [&](size_t m, const int8x16_t(&b)[4]) __attribute__((always_inline)) {
        keys ? keys->store(m, b) : values->store(m, b);
      });
}

VITRO_INLINE bool static_tiles_to(const WholeRows<LinearOutput::s8>& rows, const LinearArgs& args,
                                  size_t n) {
  return static_row_tiles(rows, args, n);
}

VITRO_INLINE bool static_tiles_to(const WholeKeys& keys, const LinearArgs& args, size_t n) {
  return static_packed_tiles(&keys, nullptr, args, n);
}

VITRO_INLINE bool static_tiles_to(const WholeValues& values, const LinearArgs& args, size_t n) {
  return static_packed_tiles(nullptr, &values, args, n);
}

}  // namespace
}  // namespace vitro
