// The law of quantise_rows as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    int16_t lo = 0, hi = 0;
    for (size_t c = 0; c < args.dim; ++c) {
      lo = x[c] < lo ? x[c] : lo;
      hi = x[c] > hi ? x[c] : hi;
    }
    const law::RowQuantiser quantise(lo, hi);
    for (size_t c = 0; c < args.dim; ++c) args.dst[m * args.dim + c] = quantise(x[c]);
    args.dst_rows[m] = {quantise.range * args.scale, quantise.zero_point};
  }
}

}  // namespace vitro::reference
