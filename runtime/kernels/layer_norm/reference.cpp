// The law of layer_norm as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void layer_norm(const LayerNormArgs& args) {
  const int32_t dim = static_cast<int32_t>(args.dim);
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    int32_t sum = 0;
    int64_t squares = 0;
    for (size_t c = 0; c < args.dim; ++c) {
      sum += x[c];
      squares += x[c] * x[c];
    }
    const int64_t v = squares * dim - int64_t{sum} * sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f + static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float r = 1.0f / law::sqrt(variance + args.epsilon);

    float lo = 0, hi = 0;
    for (size_t c = 0; c < args.dim; ++c) {
      const float u = static_cast<float>(x[c] * dim - sum) * args.gain[c];
      lo = u < lo ? u : lo;
      hi = u > hi ? u : hi;
    }
    const law::RowQuantiser quantise(lo, hi);
    for (size_t c = 0; c < args.dim; ++c)
      args.dst[m * args.dim + c] = quantise(static_cast<float>(x[c] * dim - sum) * args.gain[c]);
    args.dst_rows[m] = {(quantise.range * (1.0f / 255.0f)) * r, quantise.zero_point};
  }
}

}  // namespace vitro::reference
