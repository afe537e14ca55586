// SPDX-License-Identifier: Apache-2.0
// linear for AVX-VNNI: rows + 128 against signed weights, so the zero point grows by 128. Whole
// tiles leave the registers as outputs, those at edges by way of int32.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX_VNNI)
VITRO_TARGET_AVX_VNNI

#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/linear/avx_vnni_full_tile.h"
#include "runtime/kernels/linear/unsigned_rows.h"
#include "runtime/kernels/tiles/avx_vnni_tile.h"

namespace vitro::avx_vnni {

namespace {

// Which rows and columns: those from m0 and n0 on, up to m1 and n1.
struct Part {
  size_t m0, m1, n0, n1;
};

// What differs between outputs.
struct Functions {
  void (*full_tiles)(const LinearArgs&, const WholeRows&, size_t, const Ahead&, LaterGelu&);
  void (*edge_row)(const LinearArgs&, const Sixteen&);
};

// Columns outside, rows inside: the weights of 64 columns stay close for all rows.
__attribute__((noinline)) void edge_tiles(const LinearArgs& args, const Functions& functions,
                                          const Part& part) {
  alignas(32) int32_t acc[kTileRows][kBlockColumns];
  for (size_t n = part.n0; n < part.n1; n += kBlockColumns) {
    const size_t columns = part.n1 - n < kBlockColumns ? part.n1 - n : kBlockColumns;
    const Panels panels{args.weights + n * args.k, args.k * 16, (columns + 15) / 16};
    for (size_t m = part.m0; m < part.m1; m += kTileRows) {
      const size_t rows = part.m1 - m < kTileRows ? part.m1 - m : kTileRows;
      multiply<Signs::lhs_plus_128>({args.src + m * args.k, args.k, rows}, panels, args.k, acc[0],
                                    kBlockColumns);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; j += 16)
          functions.edge_row(args,
                             {acc[i] + j, m + i, 1, n + j, columns - j < 16 ? columns - j : 16});
    }
  }
}

// One row of up to 16 columns: edges are few, so that one function serves all of them.
template <LinearOutput output>
void edge_row(const LinearArgs& args, const Sixteen& at) {
  finish_sixteen<output>(args, {at.acc, at.m, 1, at.n, at.columns}, {args, at.n}, {args, at.n + 8},
                         128);
}

// Rows below m1 and columns below n1, whole tiles.
__attribute__((noinline)) void whole_tiles(const LinearArgs& args, const Functions& functions,
                                           size_t m1, size_t n1) {
  UnsignedRows<kTileRows> copies;
  WholeRows rows;
  const size_t room = copies.most(args.k), most = room && room < kMostRows ? room : kMostRows;
  const Ahead ahead(args, args.n);
  LaterGelu later(args);
  rows.copied = room > 0;
  for (rows.m = 0; rows.m < m1; rows.m += rows.count) {
    rows.count = m1 - rows.m < most ? m1 - rows.m : most;
    rows.first = args.src + rows.m * args.k;
    if (rows.copied) {
      copies.copy(rows.first, rows.count * args.k);
      rows.first = copies.at(0);
    }
    rows.make_factors(args.src_rows);
    for (size_t n = 0; n < n1; n += kTileColumns) functions.full_tiles(args, rows, n, ahead, later);
  }
  later.finish();
}

// Each in its own function, so that their stacks are not one upon the other.
void run_by(const LinearArgs& args, const Functions& functions) {
  const size_t m_whole = has_full_tiles(args) ? args.m / kTileRows * kTileRows : 0,
               n_whole = args.n / kTileColumns * kTileColumns;
  if (m_whole && n_whole) whole_tiles(args, functions, m_whole, n_whole);
  if (m_whole && n_whole < args.n) edge_tiles(args, functions, {0, m_whole, n_whole, args.n});
  if (m_whole < args.m) edge_tiles(args, functions, {m_whole, args.m, 0, args.n});
}

template <LinearOutput output>
void run(const LinearArgs& args) {
  run_by(args, {full_tiles<output>, edge_row<output>});
}

}  // namespace

void linear(const LinearArgs& args) { VITRO_BY_OUTPUT(run, args) }

}  // namespace vitro::avx_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX_VNNI
