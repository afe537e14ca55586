// The laws of layer_norm and quantise_rows as plain loops.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::reference {

namespace {

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  for (size_t c = 0; c < dim; ++c) {
    uint32_t d = (static_cast<uint32_t>(static_cast<uint16_t>(x[c] - row.lo)) << row.shift) + row.offset;
    if (d > 65535) d = 65535;
    uint32_t q = (d * row.multiplier) >> 16;
    if (q > 255) q = 255;
    dst[c] = static_cast<int8_t>(static_cast<int32_t>(q) - 128);
  }
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    RowStatistics s{0, x[0], x[0], 0};
    for (size_t c = 0; c < args.dim; ++c) {
      s.sum += x[c];
      s.squares += x[c] * x[c];
      s.lowest = x[c] < s.lowest ? x[c] : s.lowest;
      s.highest = x[c] > s.highest ? x[c] : s.highest;
    }
    const NormalisedRow row(s, args.dim, args.epsilon);
    quantise(row.quantiser, x, args.dim, args.dst + m * args.dim);
    args.dst_rows[m] = {row.scale, row.quantiser.zero_point};
  }
}

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    int32_t lowest = 0, highest = 0;
    for (size_t c = 0; c < args.dim; ++c) {
      lowest = x[c] < lowest ? x[c] : lowest;
      highest = x[c] > highest ? x[c] : highest;
    }
    const RowQuantiser row(lowest, highest, static_cast<float>(-lowest));
    quantise(row, x, args.dim, args.dst + m * args.dim);
    args.dst_rows[m] = {row.step * args.unit, row.zero_point};
  }
}

}  // namespace vitro::reference
