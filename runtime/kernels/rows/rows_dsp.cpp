// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for ARMv7E-M, Cortex-M4 and M7: one row after the other, since
// nothing here could treat several at once. How many instructions a row takes does not depend on
// what is in it.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/dsp_math.h"

namespace vitro::dsp {

namespace {

struct Extremes {
  int32_t lo, hi;
};

struct Statistics {
  int32_t sum;
  int64_t squares;
  Extremes extremes;
};

Statistics statistics(const int16_t* x, size_t dim) {
  Statistics s{0, 0, {x[0], x[0]}};
  for (size_t c = 0; c < dim; ++c) {
    s.sum += x[c];
    s.squares += x[c] * x[c];
    s.extremes.lo = x[c] < s.extremes.lo ? x[c] : s.extremes.lo;
    s.extremes.hi = x[c] > s.extremes.hi ? x[c] : s.extremes.hi;
  }
  return s;
}

Extremes extremes(const int16_t* x, size_t dim) {
  Extremes e{0, 0};
  for (size_t c = 0; c < dim; ++c) {
    e.lo = x[c] < e.lo ? x[c] : e.lo;
    e.hi = x[c] > e.hi ? x[c] : e.hi;
  }
  return e;
}

// The law's quantise_row. Its clamps are usat: of the shift, so that the range has 15 bits, of z
// and e, and of what a value becomes.
__attribute__((noinline)) RowParams quantise_row(const int16_t* x, size_t dim, Extremes row,
                                                 float zero, int8_t* dst) {
  int32_t range = row.hi - row.lo;
  range += range == 0;
  const uint32_t shift = __usat(__builtin_clz(static_cast<uint32_t>(range)) - 17, 5);
  const int32_t m = static_cast<int32_t>(16711680.0f / static_cast<float>(range << shift));
  const float scaled = static_cast<float>(m << shift);
  const float position = (zero * scaled) * (1.0f / 65536.0f);
  const int32_t z = static_cast<int32_t>(__usat(rhe(position), 8));
  const float rest =
      (0.5f - (position - static_cast<float>(z))) * (65536.0f / static_cast<float>(m));
  const int32_t offset = static_cast<int32_t>(__usat(rhe(rest), 16)) - (row.lo << shift);
  for (size_t c = 0; c < dim; ++c) {
    const int32_t d = static_cast<int32_t>(__usat((x[c] << shift) + offset, 16));
    dst[c] = static_cast<int8_t>(__usat((d * m) >> 16, 8) - 128);
  }
  return {65536.0f / scaled, z - 128};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  const float dim = static_cast<float>(args.dim);
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Statistics s = statistics(x, args.dim);
    const int32_t d = static_cast<int32_t>(args.dim);
    const int64_t v = s.squares * d - int64_t{s.sum} * s.sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f +
                           static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float deviation = square_root(variance + args.epsilon);
    const float zero = static_cast<float>(s.sum - s.extremes.lo * d) / dim;
    RowParams row = quantise_row(x, args.dim, s.extremes, zero, args.dst + m * args.dim);
    row.scale *= dim * (1.0f / deviation);
    args.dst_rows[m] = row;
  }
}

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Extremes e = extremes(x, args.dim);
    RowParams row =
        quantise_row(x, args.dim, e, static_cast<float>(-e.lo), args.dst + m * args.dim);
    row.scale *= args.unit;
    args.dst_rows[m] = row;
  }
}

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
