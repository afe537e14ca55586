// SPDX-License-Identifier: Apache-2.0
// linear for ARMv7E-M, Cortex-M4 and M7: 24 rows x 16 columns in int32, then the outputs, a row of
// 16 at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/dsp_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::dsp {

namespace {

constexpr size_t kRows = 24;

// Sums of one row, and where their outputs go.
struct Outputs {
  const int32_t* acc;
  const RowParams& row;
  size_t m, n;     // the first one's row and column
  size_t columns;  // up to 16

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
};

// What turns the sums of a row into its outputs, one after the other.
struct Requantiser {
  const int32_t *acc, *weight_sum;
  const float *scale, *bias;
  float row_scale;
  int32_t zero_point;

  Requantiser(const LinearArgs& args, const Outputs& out)
      : acc(out.acc),
        weight_sum(args.weight_sum + out.n),
        scale(args.scale + out.n),
        bias(args.bias + out.n),
        row_scale(out.row.scale),
        zero_point(out.row.zero_point) {}

  float operator()(size_t j) const {
    return (static_cast<float>(acc[j] - zero_point * weight_sum[j]) * row_scale) * scale[j] +
           bias[j];
  }
};

// The law's steps in fewer instructions: usat finds min(|h|, (4 << F) - 1), but for the bits below,
// which the mask takes away.
inline int32_t gelu(int32_t h, unsigned fraction_bits) {
  const unsigned shift = 14 - fraction_bits;
  const int32_t sign = h >> 31;
  const int32_t t = static_cast<int32_t>(__usat(((h ^ sign) - sign) << shift, 16)) & -(1 << shift);
  const int32_t w = t - 32768;
  int32_t r = kGelu[0];
  r = horner(r, w, kGelu[1]);
  r = horner(r, w, kGelu[2]);
  r = horner(r, w, kGelu[3]);
  r = horner(r, w, kGelu[4]);
  r = horner(r, w, kGelu[5]);
  r = horner(r, w, kGelu[6]);
  r = horner(r, w, kGelu[7]);
  return sat16((h & ~sign) - ((r + (1 << shift)) >> (shift + 1)));
}

void store_float(const LinearArgs& args, const Outputs& out) {
  const Requantiser y(args, out);
  float* dst = static_cast<float*>(args.dst) + out.at(args);
  if (!args.addend) {
    for (size_t j = 0; j < out.columns; ++j) dst[j] = y(j);
    return;
  }
  const float* addend = static_cast<const float*>(args.addend) + out.at(args);
  for (size_t j = 0; j < out.columns; ++j) dst[j] = y(j) + addend[j];
}

void store_fixed(const LinearArgs& args, const Outputs& out) {
  const Requantiser y(args, out);
  int16_t* dst = static_cast<int16_t*>(args.dst) + out.at(args);
  for (size_t j = 0; j < out.columns; ++j) dst[j] = static_cast<int16_t>(sat16(rhe(y(j))));
}

void store_gelu(const LinearArgs& args, const Outputs& out) {
  const Requantiser y(args, out);
  const unsigned fraction_bits = args.fraction_bits;
  int16_t* dst = static_cast<int16_t*>(args.dst) + out.at(args);
#pragma GCC unroll 4
  for (size_t j = 0; j < out.columns; ++j)
    dst[j] = static_cast<int16_t>(gelu(sat16(rhe(y(j))), fraction_bits));
}

void store_residual(const LinearArgs& args, const Outputs& out) {
  const Requantiser y(args, out);
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + out.at(args);
  int16_t* dst = static_cast<int16_t*>(args.dst) + out.at(args);
  for (size_t j = 0; j < out.columns; ++j)
    dst[j] = static_cast<int16_t>(sat16(addend[j] + sat16(rhe(y(j)))));
}

void round_bytes(const LinearArgs& args, const Outputs& out, int8_t* bytes) {
  const Requantiser y(args, out);
  for (size_t j = 0; j < out.columns; ++j) {
    const int32_t byte = __ssat(rhe(y(j)), 8);
    bytes[j] = static_cast<int8_t>(byte + (byte == -128));
  }
}

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four
// columns.
void store_keys(const LinearArgs& args, const Outputs& out) {
  int8_t bytes[16];
  round_bytes(args, out, bytes);
  const size_t token = args.first_token + out.m, head_dim = args.head_dim,
               head_bytes = VITRO_KEY_HEAD_BYTES(args.tokens, head_dim);
  size_t head = out.n / head_dim, d = out.n % head_dim;
  int8_t* dst = VITRO_KEY_TOKEN(static_cast<int8_t*>(args.dst), token, head_dim);
  for (size_t j = 0; j < out.columns; j += 4) {
    memcpy(VITRO_KEY_COLUMN(dst + head * head_bytes, d), bytes + j, 4);
    d += 4;
    if (d == head_dim) {
      d = 0;
      ++head;
    }
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Outputs& out) {
  int8_t bytes[16];
  round_bytes(args, out, bytes);
  const size_t token = args.first_token + out.m, head_dim = args.head_dim,
               quads = VITRO_VALUE_QUADS(args.tokens);
  const size_t head_bytes = VITRO_VALUE_HEAD_BYTES(head_dim, quads);
  size_t head = out.n / head_dim, d = out.n % head_dim;
  int8_t* dst = VITRO_VALUE_TOKEN(static_cast<int8_t*>(args.dst), token);
  for (size_t j = 0; j < out.columns; ++j) {
    dst[VITRO_VALUE_COLUMN(head * head_bytes, d, quads)] = bytes[j];
    if (++d == head_dim) {
      d = 0;
      ++head;
    }
  }
}

__attribute__((noinline)) void store_outputs(const LinearArgs& args, const Outputs& out) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, out);
    case LinearOutput::s16: return store_fixed(args, out);
    case LinearOutput::gelu: return store_gelu(args, out);
    case LinearOutput::residual: return store_residual(args, out);
    case LinearOutput::s8:
      return round_bytes(args, out, static_cast<int8_t*>(args.dst) + out.at(args));
    case LinearOutput::keys: return store_keys(args, out);
    case LinearOutput::values: return store_values(args, out);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  int32_t acc[kRows][16];
  for (size_t n = 0; n < args.n; n += 16)
    for (size_t m = 0; m < args.m; m += kRows) {
      const size_t rows = args.m - m < kRows ? args.m - m : kRows;
      multiply_panel(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc);
      for (size_t i = 0; i < rows; ++i)
        store_outputs(args,
                      {acc[i], args.src_rows[m + i], m + i, n, args.n - n < 16 ? args.n - n : 16});
    }
}

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
