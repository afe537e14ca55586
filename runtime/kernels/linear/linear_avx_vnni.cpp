// SPDX-License-Identifier: Apache-2.0
// linear for AVX-VNNI: rows + 128 against signed weights, so the zero point grows by 128. Six rows
// x 64 columns in int32, then the outputs as avx2 has them.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX_VNNI)
VITRO_TARGET_AVX_VNNI

#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/linear/unsigned_rows.h"
#include "runtime/kernels/tiles/avx_vnni_tile.h"

namespace vitro::avx_vnni {

namespace {

// Columns outside, rows inside: the weights of 64 columns stay close for all rows.
template <LinearOutput output>
void run(const LinearArgs& args) {
  alignas(32) int32_t acc[kTileRows][kBlockColumns];
  UnsignedRows<kTileRows> copies;
  const size_t room = copies.most(args.k), block = room ? room : args.m;
  for (size_t first = 0; first < args.m; first += block) {
    const size_t end = args.m - first < block ? args.m : first + block;
    const int8_t* src = args.src + first * args.k;
    if (room) {
      copies.copy(src, (end - first) * args.k);
      src = copies.at(0);
    }
    for (size_t n = 0; n < args.n; n += kBlockColumns) {
      const size_t columns = args.n - n < kBlockColumns ? args.n - n : kBlockColumns;
      const Panels panels{args.weights + n * args.k, args.k * 16, (columns + 15) / 16};
      for (size_t m = first; m < end; m += kTileRows) {
        const size_t rows = end - m < kTileRows ? end - m : kTileRows;
        const Rows at{src + (m - first) * args.k, args.k, rows};
        if (room)
          multiply<Signs::lhs_unsigned>(at, panels, args.k, acc[0], kBlockColumns);
        else
          multiply<Signs::lhs_plus_128>(at, panels, args.k, acc[0], kBlockColumns);
        finish<output>(args, acc[0], m, rows, n, columns, 128);
      }
    }
  }
}

}  // namespace

void linear(const LinearArgs& args) { VITRO_BY_OUTPUT(run, args) }

}  // namespace vitro::avx_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX_VNNI
