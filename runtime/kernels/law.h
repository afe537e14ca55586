// SPDX-License-Identifier: Apache-2.0
// The law's scalar steps (core/arithmetic.md), for the reference kernels and ops. Not for per-ISA
// objects: it has inline functions.
#pragma once

#include <stdint.h>
#include <string.h>

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/law_flags.h"

namespace vitro::law {

inline float clamp(float x, float lo, float hi) { return x < lo ? lo : (x > hi ? hi : x); }

inline int32_t clamp(int32_t x, int32_t lo, int32_t hi) { return x < lo ? lo : (x > hi ? hi : x); }

// Round half to even, |x| < 2^22: the sum has no fraction bits left, so the addition itself rounds,
// and the bits count units.
inline int32_t rhe(float x) {
  const float shifted = x + kRounder;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits - kRounderBits;
}

inline int16_t sat16(int32_t x) { return static_cast<int16_t>(clamp(x, -32768, 32767)); }

inline int32_t mulhrs(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

inline int16_t gelu(int16_t h, unsigned fraction_bits) {
  const int32_t magnitude = h < 0 ? (h == -32768 ? 32767 : -h) : h;
  const int32_t limit = (4 << fraction_bits) - 1;
  const int32_t t = magnitude < limit ? magnitude : limit;
  const int32_t w = ((t << (13 - fraction_bits)) << 1) - 32768;
  int32_t r = kGelu[0];
  for (int i = 1; i < 8; ++i) r = mulhrs(r, w) + kGelu[i];
  return sat16((h > 0 ? h : 0) - mulhrs(r, 1 << fraction_bits));
}

inline int16_t silu(int16_t h, unsigned fraction_bits) {
  const int32_t magnitude = h < 0 ? (h == -32768 ? 32767 : -h) : h;
  const int32_t limit = (12 << fraction_bits) - 1;
  const int32_t t = magnitude < limit ? magnitude : limit;
  const int32_t w = (mulhrs(t << (11 - fraction_bits), kTwoThirds) << 2) - 32768;
  int32_t r = kSilu[0];
  for (int i = 1; i < 12; ++i) r = mulhrs(r, w) + kSilu[i];
  const int32_t bump = (r + (1 << (13 - fraction_bits))) >> (14 - fraction_bits);
  return sat16((h > 0 ? h : 0) - bump);
}

// 16320 * 2^-(x / 2048) within 1.9e-3 of it, rounded down, x in [0, 30719].
inline int32_t exp2_weight(int32_t x) {
  const int32_t w = (x & 2047) << 4;
  int32_t e = kExp2[0];
  e = mulhrs(e, w) + kExp2[1];
  e = mulhrs(e, w) + kExp2[2];
  return e >> (x >> 11);
}

// What a token's weight starts from, 1 .. 63 in odd steps, spread evenly over any few neighbours:
// its place among 32, bits reversed.
inline int32_t first_remainder(size_t token) {
  const size_t r = token % 32;
  return static_cast<int32_t>((r & 1) << 5 | (r & 2) << 3 | (r & 4) << 1 | (r & 8) >> 1 |
                              (r & 16) >> 3 | 1);
}

// What layer_norm needs of a row: (dim * x - sum) * inverse_deviation is the normalised value.
struct NormRow {
  int32_t sum;
  float inverse_deviation;
};

// An integer of at most 54 bits, its halves each exact.
inline float in_two_parts(int64_t v) {
  return static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f +
         static_cast<float>(static_cast<int32_t>(v & 0xffffff));
}

inline NormRow norm_row(const int16_t* x, size_t dim, float epsilon) {
  int32_t sum = 0;
  int64_t squares = 0;
  for (size_t c = 0; c < dim; ++c) {
    sum += x[c];
    const int32_t square = x[c] * x[c];
    squares += square;
  }
  const int64_t v = squares * static_cast<int64_t>(dim) - int64_t{sum} * sum;
  return {sum, 1.0f / square_root(in_two_parts(v) + epsilon)};
}

// |x * scale| stays below 2^22, so the clamp may follow the rounding.
inline int8_t static_int8(int32_t x, float scale, int32_t zero_point) {
  return static_cast<int8_t>(clamp(rhe(static_cast<float>(x) * scale) + zero_point, -128, 127));
}

inline void static_norm(const int16_t* x, size_t dim, float epsilon, float scale,
                        int32_t zero_point, int8_t* dst) {
  const NormRow row = norm_row(x, dim, epsilon);
  const float row_scale = row.inverse_deviation * scale;
  for (size_t c = 0; c < dim; ++c)
    dst[c] = static_int8(x[c] * static_cast<int32_t>(dim) - row.sum, row_scale, zero_point);
}

// gamma and beta in units of dst.
inline void norm(const int16_t* x, size_t dim, float epsilon, const float* gamma, const float* beta,
                 int16_t* dst) {
  const NormRow row = norm_row(x, dim, epsilon);
  for (size_t c = 0; c < dim; ++c) {
    const float centred = static_cast<float>(x[c] * static_cast<int32_t>(dim) - row.sum);
    const float y = centred * row.inverse_deviation * gamma[c] + beta[c];
    dst[c] = static_cast<int16_t>(rhe(clamp(y, -32768.0f, 32767.0f)));
  }
}

// One head of queries or keys. gain: of each of its columns, in steps of dst.
inline void head_norm(const int16_t* x, size_t dim, float epsilon, const float* gain, int8_t* dst) {
  int64_t squares = 0;
  for (size_t c = 0; c < dim; ++c) {
    const int32_t square = x[c] * x[c];
    squares += square;
  }
  const float r = 1.0f / square_root(in_two_parts(squares) + epsilon);
  for (size_t c = 0; c < dim; ++c) {
    const float y = static_cast<float>(x[c]) * r * gain[c];
    dst[c] = static_cast<int8_t>(rhe(clamp(y, -127.0f, 127.0f)));
  }
}

inline int16_t affine(int16_t x, float scale, float shift) {
  const float y = static_cast<float>(x) * scale + shift;
  return static_cast<int16_t>(rhe(clamp(y, -32768.0f, 32767.0f)));
}

inline int16_t multiply(int16_t a, int16_t b, float scale) {
  const float y = static_cast<float>(int32_t{a} * b) * scale;
  return static_cast<int16_t>(rhe(clamp(y, -32768.0f, 32767.0f)));
}

// A sum of rotate_pairs.
inline int8_t rotated(int32_t sum, float scale) {
  return static_cast<int8_t>(rhe(clamp(static_cast<float>(sum) * scale, -127.0f, 127.0f)));
}

// rotate_pairs to int16, for who reads queries and keys apart from attention: no kernel is worth
// it.
inline void rotate_pairs_fixed(const RotatePairsArgs& args, int16_t* dst) {
  const auto fixed = [](int32_t sum, float scale) {
    return static_cast<int16_t>(rhe(clamp(static_cast<float>(sum) * scale, -32768.0f, 32767.0f)));
  };
  const size_t half = args.head_dim / 2;
  const int16_t* x = args.src;
  for (size_t h = 0; h < args.heads; ++h, x += args.head_dim, dst += args.head_dim)
    for (size_t i = 0; i < half; ++i) {
      const int32_t a = x[i], b = x[half + i], c = args.turns[2 * i], s = args.turns[2 * i + 1];
      dst[i] = fixed(a * c - b * s, args.scale[h]);
      dst[half + i] = fixed(b * c + a * s, args.scale[h]);
    }
}

// The column of the first largest value from `first` on.
inline size_t arg_max(const float* x, size_t first, size_t cols) {
  size_t at = first;
  for (size_t c = first + 1; c < cols; ++c)
    if (x[c] > x[at]) at = c;
  return at;
}

// What a float names of so many rows.
inline size_t row_of(float index, size_t rows) {
  const float last = static_cast<float>(rows - 1);
  return static_cast<size_t>(static_cast<uint32_t>(clamp(index, 0.0f, last)));
}

inline int16_t static_sum(int16_t addend, int8_t q, float scale) {
  return sat16(addend + rhe(static_cast<float>(q) * scale));
}

// Where weight [n][k] of a linear layer that reads `depth` columns lies.
inline size_t weight_offset(size_t depth, size_t n, size_t k) {
  return n / 16 * 16 * depth + k / 4 * 64 + n % 16 * 4 + k % 4;
}

// Where element (row, column) of a packed right-hand side lies.
inline size_t keys_offset(size_t tokens, size_t head_dim, size_t token, size_t column) {
  const size_t head = column / head_dim, d = column % head_dim;
  const size_t head_bytes = (tokens + 15) / 16 * head_dim * 16;
  return head * head_bytes + (token / 16 * (head_dim / 4) + d / 4) * 64 + token % 16 * 4 + d % 4;
}

inline size_t values_offset(size_t tokens, size_t head_dim, size_t token, size_t column) {
  const size_t head = column / head_dim, d = column % head_dim;
  const size_t quads = (tokens + 3) / 4;
  const size_t head_bytes = (head_dim + 15) / 16 * quads * 64;
  return head * head_bytes + (d / 16 * quads + token / 4) * 64 + d % 16 * 4 + token % 4;
}

}  // namespace vitro::law
