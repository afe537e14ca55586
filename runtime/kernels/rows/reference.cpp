// SPDX-License-Identifier: Apache-2.0
// The laws of layer_norm and quantise_rows as plain loops.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::reference {

namespace {

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  for (size_t c = 0; c < dim; ++c) {
    uint32_t d =
        (static_cast<uint32_t>(static_cast<uint16_t>(x[c] - row.lo)) << row.shift) + row.offset;
    if (d > 65535) d = 65535;
    uint32_t q = (d * row.multiplier) >> 16;
    if (q > 255) q = 255;
    dst[c] = static_cast<int8_t>(static_cast<int32_t>(q) - 128);
  }
}

RowStatistics statistics(const int16_t* x, size_t dim) {
  RowStatistics s{0, {x[0], x[0]}, 0};
  for (size_t c = 0; c < dim; ++c) {
    s.sum += x[c];
    s.squares += x[c] * x[c];
    s.extremes.lowest = x[c] < s.extremes.lowest ? x[c] : s.extremes.lowest;
    s.extremes.highest = x[c] > s.extremes.highest ? x[c] : s.extremes.highest;
  }
  return s;
}

Extremes extremes(const int16_t* x, size_t dim) {
  Extremes e{0, 0};
  for (size_t c = 0; c < dim; ++c) {
    e.lowest = x[c] < e.lowest ? x[c] : e.lowest;
    e.highest = x[c] > e.highest ? x[c] : e.highest;
  }
  return e;
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise>(args); }

}  // namespace vitro::reference
