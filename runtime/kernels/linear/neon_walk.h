// SPDX-License-Identifier: Apache-2.0
// The walk over tiles that the NEON ISAs' linears share. For linear/linear_neon*.cpp alone.
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {

// The outputs of a tile of sums acc[rows][16]: rows from m, columns from n on, at most 16.
using Finish = void (*)(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows,
                        size_t n);

// The ISAs share the code of their outputs as far as the oldest's instructions do.
namespace neon {
Finish finish_of(LinearOutput output);
}
namespace neon_dotprod {
Finish finish_of(LinearOutput output);
}

// Computes all columns, but for the last up to 15, of as many rows as it can, from the first on.
// Returns how many.
using WholeTiles = size_t (*)(const LinearArgs& args);

namespace {

template <size_t Rows, MultiplyPanel multiply>
inline void linear_by(const LinearArgs& args, Finish finish_tile, WholeTiles whole = nullptr) {
  int32_t acc[Rows][16];
  const size_t done = whole ? whole(args) : 0;
  // Columns outside, rows inside: the weights of 16 columns stay in L1 for all rows.
  for (size_t n = 0; n < args.n; n += 16)
    for (size_t m = n + 16 <= args.n ? done : 0; m < args.m; m += Rows) {
      const size_t rows = args.m - m < Rows ? args.m - m : Rows;
      multiply(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc[0], 16);
      finish_tile(args, acc[0], m, rows, n);
    }
}

}  // namespace
}  // namespace vitro
