// SPDX-License-Identifier: Apache-2.0
// linear for AVX-VNNI: rows + 128 against signed weights, so the zero point grows by 128. Six rows
// x 64 columns in int32, then the outputs as avx2 has them.
#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/tiles/avx_vnni_tile.h"

namespace vitro::avx_vnni {

namespace {

// Columns outside, rows inside: the weights of 64 columns stay close for all rows.
template <LinearOutput output>
void run(const LinearArgs& args) {
  alignas(32) int32_t acc[kTileRows][kBlockColumns];
  for (size_t n = 0; n < args.n; n += kBlockColumns) {
    const size_t columns = args.n - n < kBlockColumns ? args.n - n : kBlockColumns;
    const Panels panels{args.weights + n * args.k, args.k * 16, (columns + 15) / 16};
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      multiply<Signs::lhs_plus_128>({args.src + m * args.k, args.k, rows}, panels, args.k, acc[0],
                                    kBlockColumns);
      finish<output>(args, acc[0], m, rows, n, columns, 128);
    }
  }
}

}  // namespace

void linear(const LinearArgs& args) { VITRO_BY_OUTPUT(run, args) }

}  // namespace vitro::avx_vnni
