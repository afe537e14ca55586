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

// Two columns to a word: the lowest and highest of even columns, and of odd ones.
struct PairExtremes {
  int16x2_t lo, hi;

  VITRO_INLINE void take(int16x2_t pair) {
    __ssub16(pair, hi);  // sel takes its first operand where this is not negative
    hi = __sel(pair, hi);
    __ssub16(lo, pair);
    lo = __sel(pair, lo);
  }

  VITRO_INLINE Extremes of_both() {
    take(swapped(lo));
    take(swapped(hi));
    return {static_cast<int16_t>(lo), static_cast<int16_t>(hi)};
  }

  static int16x2_t swapped(int16x2_t pair) {
    const uint32_t bits = static_cast<uint32_t>(pair);
    return static_cast<int16x2_t>(bits << 16 | bits >> 16);
  }
};

__attribute__((noinline)) Statistics statistics(const int16_t* x, size_t dim) {
  Statistics s{0, 0, {}};
  PairExtremes extremes{twice(x[0]), twice(x[0])};
  size_t c = 0;
#pragma GCC unroll 4
  for (; c + 2 <= dim; c += 2) {
    const int16x2_t pair = load4(x + c);
    s.sum = __smlad(pair, twice(1), s.sum);
    s.squares = __smlald(pair, pair, s.squares);
    extremes.take(pair);
  }
  if (c < dim) {
    s.sum += x[c];
    s.squares += x[c] * x[c];
    extremes.take(twice(x[c]));
  }
  s.extremes = extremes.of_both();
  return s;
}

// With 0 among them.
__attribute__((noinline)) Extremes extremes(const int16_t* x, size_t dim) {
  PairExtremes e{0, 0};
  size_t c = 0;
#pragma GCC unroll 4
  for (; c + 2 <= dim; c += 2) e.take(load4(x + c));
  if (c < dim) e.take(twice(x[c]));
  return e.of_both();
}

// The law's (((x - lo) << shift) + offset) * m is x * slope + start, in 32 bits that may wrap
// around in between, and q its upper half. The law's min(65535, ...) before the product only
// matters where m is 255: there q cannot exceed 254, and otherwise 255 limits it in any case. So
// adding what `top` lacks of 65535 makes the limit one of saturation, and taking it away again
// leaves q - 128 in the byte below.
struct Line {
  int32_t slope, start;
  uint16x2_t above_top;
  uint8x4_t to_byte;

  Line(int32_t m, uint32_t shift, int32_t offset) : slope(m << shift), start(offset * m) {
    const int32_t top = 254 + (m != 255);
    above_top = static_cast<uint16x2_t>(twice(65535 - top));
    to_byte = static_cast<uint8x4_t>(static_cast<uint32_t>(128 + 255 - top) * 0x01010101);
  }

  int32_t at(int32_t x) const {
    return static_cast<int32_t>(static_cast<uint32_t>(x) * static_cast<uint32_t>(slope) +
                                static_cast<uint32_t>(start));
  }
  VITRO_INLINE uint16x2_t limited(int32_t first, int32_t second) const {
    return __uqadd16(static_cast<uint16x2_t>(high_halves(first, second)), above_top);
  }
};

// The bytes above those of q are all ones.
VITRO_INLINE int32_t four_bytes(const Line& line, const int16_t* x) {
  const uint16x2_t even = line.limited(line.at(x[0]), line.at(x[2])),
                   odd = line.limited(line.at(x[1]), line.at(x[3]));
  return static_cast<int32_t>(__usub8(even & (odd << 8 | odd >> 24), line.to_byte));
}

// The law's quantise_row. Its clamps are usat: of the shift, so that the range has 15 bits, of z
// and e.
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
  const Line line(m, shift, static_cast<int32_t>(__usat(rhe(rest), 16)) - (row.lo << shift));
  size_t c = 0;
#pragma GCC unroll 2
  for (; c + 4 <= dim; c += 4) store4(dst + c, four_bytes(line, x + c));
  for (; c < dim; ++c) {
    const int32_t v = line.at(x[c]);
    dst[c] = static_cast<int8_t>(__usub8(line.limited(v, v), line.to_byte));
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
