// SPDX-License-Identifier: Apache-2.0
// What the NEON ISAs' linears share: the outputs of a tile of sums, eight columns at a time, and
// the walk over tiles. For linear/neon*.cpp alone; everything has internal linkage, so that no
// other object can pick it up.
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

// Eight outputs of a row: y, and where they go.
struct Outputs {
  float32x4_t low, high;
  size_t m, n;     // the first one's row and column
  size_t columns;  // of the eight, how many there are

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
};

float32x4_t requantised(const LinearArgs& args, const int32_t* acc, const RowParams& row,
                        size_t n) {
  const float32x4_t exact = vcvtq_f32_s32(
      vmlsq_s32(vld1q_s32(acc), vdupq_n_s32(row.zero_point), vld1q_s32(args.weight_sum + n)));
  const float32x4_t scaled =
      vmulq_f32(vmulq_f32(exact, vdupq_n_f32(row.scale)), vld1q_f32(args.scale + n));
  return vaddq_f32(scaled, vld1q_f32(args.bias + n));
}

int32x4_t round_clamped(float32x4_t y, float limit_low, float limit_high) {
  return rhe(vminq_f32(vmaxq_f32(y, vdupq_n_f32(limit_low)), vdupq_n_f32(limit_high)));
}

// Saturates.
int16x8_t narrow16(int32x4_t low, int32x4_t high) {
  return vcombine_s16(vqmovn_s32(low), vqmovn_s32(high));
}

int8x8_t round_s8(const Outputs& y) {
  return vmovn_s16(
      narrow16(round_clamped(y.low, -127.0f, 127.0f), round_clamped(y.high, -127.0f, 127.0f)));
}

int16x8_t gelu(int16x8_t h, unsigned fraction_bits) {
  const int16x8_t magnitude =
      vminq_s16(vqabsq_s16(h), vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1)));
  const int16x8_t t = vshlq_s16(magnitude, vdupq_n_s16(static_cast<int16_t>(14 - fraction_bits)));
  const int16x8_t w = veorq_s16(t, vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
  int16x8_t r = vdupq_n_s16(kGelu[0]);
  r = horner(r, w, kGelu[1]);
  r = horner(r, w, kGelu[2]);
  r = horner(r, w, kGelu[3]);
  r = horner(r, w, kGelu[4]);
  r = horner(r, w, kGelu[5]);
  r = horner(r, w, kGelu[6]);
  r = horner(r, w, kGelu[7]);
  const int16x8_t bump = vqrdmulhq_s16(r, vdupq_n_s16(static_cast<int16_t>(1 << fraction_bits)));
  return vqsubq_s16(vmaxq_s16(h, vdupq_n_s16(0)), bump);
}

void store_s16(const LinearArgs& args, const Outputs& y, int16x8_t values) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + y.at(args);
  if (y.columns == 8) return vst1q_s16(dst, values);
  memcpy(dst, &values, y.columns * 2);
}

void store_fixed(const LinearArgs& args, const Outputs& y) {
  const int16x8_t h = narrow16(round_clamped(y.low, -32768.0f, 32767.0f),
                               round_clamped(y.high, -32768.0f, 32767.0f));
  store_s16(args, y, args.output == LinearOutput::gelu ? gelu(h, args.fraction_bits) : h);
}

void store_residual(const LinearArgs& args, const Outputs& y) {
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + y.at(args);
  int16_t lanes[8] = {};
  if (y.columns < 8) addend = static_cast<const int16_t*>(memcpy(lanes, addend, y.columns * 2));
  const int16x8_t before = vld1q_s16(addend);
  const int16x8_t h = narrow16(round_clamped(y.low, -32768.0f, 32767.0f),
                               round_clamped(y.high, -32768.0f, 32767.0f));
  store_s16(args, y, vqaddq_s16(before, h));
}

void store_float(const LinearArgs& args, const Outputs& y) {
  float* dst = static_cast<float*>(args.dst) + y.at(args);
  const float* addend = static_cast<const float*>(args.addend);
  if (addend) addend += y.at(args);
  float lanes[8] = {};
  if (addend && y.columns < 8)
    addend = static_cast<const float*>(memcpy(lanes, addend, y.columns * 4));
  float* out = y.columns < 8 ? lanes : dst;
  const float32x4_t low = addend ? vaddq_f32(y.low, vld1q_f32(addend)) : y.low;
  const float32x4_t high = addend ? vaddq_f32(y.high, vld1q_f32(addend + 4)) : y.high;
  vst1q_f32(out, low);
  vst1q_f32(out + 4, high);
  if (y.columns < 8) memcpy(dst, lanes, y.columns * 4);
}

void store_bytes(const LinearArgs& args, const Outputs& y) {
  int8_t* dst = static_cast<int8_t*>(args.dst) + y.at(args);
  const int8x8_t bytes = round_s8(y);
  if (y.columns == 8) return vst1_s8(dst, bytes);
  memcpy(dst, &bytes, y.columns);
}

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four
// columns.
void store_keys(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m,
               head_bytes = (args.tokens + 15) / 16 * args.head_dim * 16;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 16 * args.head_dim * 16 + token % 16 * 4;
  int8_t bytes[8];
  vst1_s8(bytes, round_s8(y));
  for (size_t j = 0; j < y.columns; j += 4) {
    const size_t head = (y.n + j) / args.head_dim, d = (y.n + j) % args.head_dim;
    memcpy(dst + head * head_bytes + d * 16, bytes + j, 4);
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, quads = (args.tokens + 3) / 4;
  const size_t head_bytes = (args.head_dim + 15) / 16 * quads * 64;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 4 * 64 + token % 4;
  int8_t bytes[8];
  vst1_s8(bytes, round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  if (args.head_dim % 8 == 0 && y.columns == 8) {  // all in one panel
    dst += head * head_bytes + d / 16 * quads * 64 + d % 16 * 4;
    for (size_t j = 0; j < 8; ++j) dst[j * 4] = bytes[j];
    return;
  }
  for (size_t j = 0; j < y.columns; ++j) {
    dst[head * head_bytes + d / 16 * quads * 64 + d % 16 * 4] = bytes[j];
    if (++d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

void store_outputs(const LinearArgs& args, const Outputs& y) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, y);
    case LinearOutput::s16:
    case LinearOutput::gelu: return store_fixed(args, y);
    case LinearOutput::residual: return store_residual(args, y);
    case LinearOutput::s8: return store_bytes(args, y);
    case LinearOutput::keys: return store_keys(args, y);
    case LinearOutput::values: return store_values(args, y);
  }
}

template <size_t Rows, MultiplyPanel multiply>
inline void linear_by(const LinearArgs& args) {
  int32_t acc[Rows][16];
  // Columns outside, rows inside: the weights of 16 columns stay in L1 for all rows.
  for (size_t n = 0; n < args.n; n += 16) {
    const size_t columns = args.n - n < 16 ? args.n - n : 16;
    for (size_t m = 0; m < args.m; m += Rows) {
      const size_t rows = args.m - m < Rows ? args.m - m : Rows;
      multiply(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc[0], 16);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; j += 8) {
          const RowParams& row = args.src_rows[m + i];
          store_outputs(args, {requantised(args, acc[i] + j, row, n + j),
                               requantised(args, acc[i] + j + 4, row, n + j + 4), m + i, n + j,
                               columns - j < 8 ? columns - j : 8});
        }
    }
  }
}

}  // namespace
}  // namespace vitro
