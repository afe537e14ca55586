// SPDX-License-Identifier: Apache-2.0
// linear for AVX2: six rows x 64 columns in int32, then the outputs.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/tiles/avx2_tile.h"

namespace vitro::avx2 {

namespace {

// Rows outside: they are widened once, and the weights that stream past from L2 are a fraction of
// what it gives.
template <LinearOutput output>
void run(const LinearArgs& args) {
  alignas(32) int32_t acc[kTileRows][kBlockColumns];
  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    WideRows wide(args.src + m * args.k, args.k, rows, args.k);
    for (size_t n = 0; n < args.n; n += kBlockColumns) {
      const size_t columns = args.n - n < kBlockColumns ? args.n - n : kBlockColumns;
      wide.multiply({args.weights + n * args.k, args.k * 16, (columns + 15) / 16}, acc[0],
                    kBlockColumns);
      finish<output>(args, acc[0], m, rows, n, columns, 0);
    }
  }
}

}  // namespace

void linear(const LinearArgs& args) { VITRO_BY_OUTPUT(run, args) }

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
