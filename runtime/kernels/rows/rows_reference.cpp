// SPDX-License-Identifier: Apache-2.0
// The laws of layer_norm and quantise_rows as plain loops, line by line as core/arithmetic.md has
// them. The ISAs share row_quantiser.h; this file shares nothing with them, so that each is a check
// of the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

namespace {

// What the law calls quantise_row makes of a row, but for its bytes.
struct QuantisedRow {
  float step;  // in units of x
  int32_t zero_point;
};

struct Extremes {
  int32_t lo, hi;
};

Extremes extremes(const int16_t* x, size_t dim, Extremes e) {
  for (size_t c = 0; c < dim; ++c) {
    if (x[c] < e.lo) e.lo = x[c];
    if (x[c] > e.hi) e.hi = x[c];
  }
  return e;
}

// The real zero lies at e.lo + zero.
QuantisedRow quantise_row(const int16_t* x, size_t dim, Extremes e, float zero, int8_t* dst) {
  const int32_t range = e.hi > e.lo ? e.hi - e.lo : 1;
  int32_t shift = 0;
  while (range << shift < 1 << 14) ++shift;
  const int32_t multiplier = static_cast<int32_t>(16711680.0f / static_cast<float>(range << shift));
  const float scaled = static_cast<float>(multiplier << shift);

  const float position = (zero * scaled) * (1.0f / 65536.0f);
  const int32_t z = law::clamp(law::rhe(position), 0, 255);
  const float remainder =
      (0.5f - (position - static_cast<float>(z))) * (65536.0f / static_cast<float>(multiplier));
  const int32_t offset = law::clamp(law::rhe(remainder), 0, 65535);

  for (size_t c = 0; c < dim; ++c) {
    const int32_t distance = ((x[c] - e.lo) << shift) + offset;
    const int32_t product = (distance < 65535 ? distance : 65535) * multiplier;
    const int32_t q = product >> 16;
    dst[c] = static_cast<int8_t>((q < 255 ? q : 255) - 128);
  }
  return {65536.0f / scaled, z - 128};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  const float dim = static_cast<float>(args.dim);
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const law::NormRow norm = law::norm_row(x, args.dim, args.epsilon);
    const Extremes e = extremes(x, args.dim, {x[0], x[0]});
    const float zero = static_cast<float>(norm.sum - e.lo * static_cast<int32_t>(args.dim)) / dim;
    const QuantisedRow row = quantise_row(x, args.dim, e, zero, args.dst + m * args.dim);
    args.dst_rows[m] = {row.step * (dim * norm.inverse_deviation), row.zero_point};
  }
}

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Extremes e = extremes(x, args.dim, {0, 0});
    const QuantisedRow row =
        quantise_row(x, args.dim, e, static_cast<float>(-e.lo), args.dst + m * args.dim);
    args.dst_rows[m] = {row.step * args.unit, row.zero_point};
  }
}

}  // namespace vitro::reference
