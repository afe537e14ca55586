// SPDX-License-Identifier: Apache-2.0
// The outputs of a tile of sums, by kind. For linear/neon.cpp alone, whose code serves every NEON
// ISA; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/tiles/neon_math.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

// What eight columns are requantised with.
struct Columns {
  int32x4_t weight_sum[2];
  float32x4_t scale[2], bias[2];
  size_t first, count;  // count: how many of the eight there are

  Columns(const LinearArgs& args, size_t n)
      : weight_sum{vld1q_s32(args.weight_sum + n), vld1q_s32(args.weight_sum + n + 4)},
        scale{vld1q_f32(args.scale + n), vld1q_f32(args.scale + n + 4)},
        bias{vld1q_f32(args.bias + n), vld1q_f32(args.bias + n + 4)},
        first(n),
        count(args.n - n < 8 ? args.n - n : 8) {}

  VITRO_INLINE float32x4_t requantise(const int32_t* acc, const RowParams& row, size_t half) const {
    const float32x4_t exact = vcvtq_f32_s32(
        vmlsq_s32(vld1q_s32(acc + half * 4), vdupq_n_s32(row.zero_point), weight_sum[half]));
    return vaddq_f32(vmulq_f32(vmulq_f32(exact, vdupq_n_f32(row.scale)), scale[half]), bias[half]);
  }
};

// On all vectors abreast: one alone would wait for each of its own products.
template <size_t Count>
VITRO_INLINE void gelu(int16x8_t (&h)[Count], unsigned fraction_bits) {
  const int16x8_t limit = vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1));
  const int16x8_t shift = vdupq_n_s16(static_cast<int16_t>(14 - fraction_bits));
  const int16x8_t to_unit = vdupq_n_s16(static_cast<int16_t>(fraction_bits - 15));
  int16x8_t w[Count], r[Count];
  for (size_t v = 0; v < Count; ++v) {
    const int16x8_t t = vshlq_s16(vminq_s16(vqabsq_s16(h[v]), limit), shift);
    w[v] = veorq_s16(t, vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
    r[v] = vdupq_n_s16(kGelu[0]);
  }
  const auto next = [&](int16_t c) __attribute__((always_inline)) {
    for (size_t v = 0; v < Count; ++v) r[v] = horner(r[v], w[v], c);
  };
  next(kGelu[1]);
  next(kGelu[2]);
  next(kGelu[3]);
  next(kGelu[4]);
  next(kGelu[5]);
  next(kGelu[6]);
  next(kGelu[7]);
  for (size_t v = 0; v < Count; ++v)  // the law's product with a power of two: a rounding shift
    h[v] = vqsubq_s16(vmaxq_s16(h[v], vdupq_n_s16(0)), vrshlq_s16(r[v], to_unit));
}

VITRO_INLINE int8x8_t narrow8(int16x8_t h) { return vmax_s8(vqmovn_s16(h), vdup_n_s8(-127)); }

// Each stores eight outputs of `Rows` rows from row m on, of which columns.count are there.

struct FloatRows {
  const LinearArgs& args;
  const Columns& columns;

  void store(size_t m, float32x4_t low, float32x4_t high) const {
    const size_t at = m * args.dst_stride + columns.first, bytes = columns.count * sizeof(float);
    float lanes[8] = {};
    if (args.addend) {
      memcpy(lanes, static_cast<const float*>(args.addend) + at, bytes);
      low = vaddq_f32(low, vld1q_f32(lanes));
      high = vaddq_f32(high, vld1q_f32(lanes + 4));
    }
    vst1q_f32(lanes, low);
    vst1q_f32(lanes + 4, high);
    memcpy(static_cast<float*>(args.dst) + at, lanes, bytes);
  }
};

template <LinearOutput output>
struct IntegerRows {
  const LinearArgs& args;
  const Columns& columns;

  template <size_t Rows>
  VITRO_INLINE void store(size_t m, int16x8_t (&h)[Rows]) const {
    if constexpr (output == LinearOutput::gelu) gelu(h, args.fraction_bits);
    for (size_t i = 0; i < Rows; ++i) {
      const size_t at = (m + i) * args.dst_stride + columns.first;
      if constexpr (output == LinearOutput::residual) h[i] = vqaddq_s16(before(at), h[i]);
      if constexpr (output == LinearOutput::s8)
        store_at(static_cast<int8_t*>(args.dst) + at, narrow8(h[i]));
      else
        store_at(static_cast<int16_t*>(args.dst) + at, h[i]);
    }
  }

 private:
  VITRO_INLINE int16x8_t before(size_t at) const {
    const int16_t* addend = static_cast<const int16_t*>(args.addend) + at;
    if (columns.count == 8) return vld1q_s16(addend);
    int16_t lanes[8] = {};
    memcpy(lanes, addend, columns.count * 2);
    return vld1q_s16(lanes);
  }
  VITRO_INLINE void store_at(int16_t* dst, int16x8_t values) const {
    if (columns.count == 8) return vst1q_s16(dst, values);
    memcpy(dst, &values, columns.count * 2);
  }
  VITRO_INLINE void store_at(int8_t* dst, int8x8_t values) const {
    if (columns.count == 8) return vst1_s8(dst, values);
    memcpy(dst, &values, columns.count);
  }
};

// Packed keys: four columns lie together, those of the next token behind them. A head starts at a
// multiple of four columns.
struct KeyRows {
  const LinearArgs& args;
  size_t panel;      // bytes from 16 tokens to the next
  int8_t* quads[2];  // token 0 of columns 0..3 and 4..7; null where there are none

  KeyRows(const LinearArgs& all, const Columns& columns) : args(all), panel(all.head_dim * 16) {
    const size_t head_bytes = VITRO_KEY_PANELS(args.tokens) * panel;
    for (size_t q = 0; q < 2; ++q) {
      const size_t n = columns.first + q * 4, head = n / args.head_dim, d = n % args.head_dim;
      quads[q] = q * 4 < columns.count
                     ? VITRO_KEY_COLUMN(static_cast<int8_t*>(args.dst) + head * head_bytes, d)
                     : nullptr;
    }
  }

  size_t at(size_t m) const {
    const size_t token = args.first_token + m;
    return token / 16 * panel + token % 16 * 4;
  }

  void store(size_t m, const int16x8_t (&h)[1]) const {
    int8_t bytes[8];
    vst1_s8(bytes, narrow8(h[0]));
    for (size_t q = 0; q < 2; ++q)
      if (quads[q]) memcpy(quads[q] + at(m), bytes + q * 4, 4);
  }

  // Four tokens of one panel.
  VITRO_INLINE void store(size_t m, const int16x8_t (&h)[4]) const {
    const int32x2x2_t first = vtrn_s32(words(h[0]), words(h[1])),
                      second = vtrn_s32(words(h[2]), words(h[3]));
    for (size_t q = 0; q < 2; ++q)
      if (quads[q])
        vst1q_s8(quads[q] + at(m), vreinterpretq_s8_s32(vcombine_s32(first.val[q], second.val[q])));
  }

 private:
  VITRO_INLINE static int32x2_t words(int16x8_t h) { return vreinterpret_s32_s8(narrow8(h)); }
};

// Packed values: four tokens of a column lie together, those of the next column behind them, 16
// columns to a panel.
struct ValueRows {
  const LinearArgs& args;
  const Columns& columns;
  size_t panel;    // bytes of 16 columns
  bool one_panel;  // all eight columns are there, in one panel
  int8_t* first;   // token 0 of the first column

  ValueRows(const LinearArgs& all, const Columns& eight)
      : args(all),
        columns(eight),
        panel(VITRO_VALUE_QUADS(all.tokens) * 64),
        one_panel(all.head_dim % 8 == 0 && eight.count == 8),
        first(column(eight.first)) {}

  int8_t* column(size_t n) const {
    const size_t head = n / args.head_dim, d = n % args.head_dim;
    return static_cast<int8_t*>(args.dst) +
           (head * VITRO_VALUE_PANELS(args.head_dim) + d / 16) * panel + d % 16 * 4;
  }

  void store(size_t m, const int16x8_t (&h)[1]) const {
    const size_t token = args.first_token + m, at = VITRO_VALUE_TOKEN(0, token);
    int8_t bytes[8];
    vst1_s8(bytes, narrow8(h[0]));
    for (size_t j = 0; j < columns.count; ++j)
      (one_panel ? first + j * 4 : column(columns.first + j))[at] = bytes[j];
  }

  // Four tokens that lie together.
  VITRO_INLINE void store(size_t m, const int16x8_t (&h)[4]) const {
    const size_t at = (args.first_token + m) / 4 * 64;
    const int8x8x4_t bytes = {{narrow8(h[0]), narrow8(h[1]), narrow8(h[2]), narrow8(h[3])}};
    if (one_panel) return vst4_s8(first + at, bytes);
    int8_t lanes[8][4];
    vst4_s8(lanes[0], bytes);
    for (size_t j = 0; j < columns.count; ++j) memcpy(column(columns.first + j) + at, lanes[j], 4);
  }
};

template <size_t Rows, typename Destination>
VITRO_INLINE void finish_rows(const LinearArgs& args, const int32_t* acc, size_t m,
                              const Columns& columns, const Destination& destination) {
  int16x8_t h[Rows];
  for (size_t i = 0; i < Rows; ++i) {
    const RowParams& row = args.src_rows[m + i];
    h[i] = round_s16(columns.requantise(acc + i * 16, row, 0),
                     columns.requantise(acc + i * 16, row, 1));
  }
  destination.store(m, h);
}

// Columns outside, rows inside: what columns are requantised with stays in registers.
template <typename Destination, bool by_token>
void finish(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows, size_t n) {
  const size_t end = args.n - n < 16 ? args.n : n + 16;
  for (; n < end; n += 8, acc += 8) {
    const Columns columns(args, n);
    const Destination destination{args, columns};
    size_t i = 0;
    const auto single = [&] { finish_rows<1>(args, acc + i * 16, m + i, columns, destination); };
    if constexpr (by_token)  // packed tensors have tokens together in fours
      for (; i < rows && (args.first_token + m + i) % 4 != 0; ++i) single();
    for (; i + 4 <= rows; i += 4) finish_rows<4>(args, acc + i * 16, m + i, columns, destination);
    for (; i < rows; ++i) single();
  }
}

template <>
void finish<FloatRows, false>(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows,
                              size_t n) {
  const size_t end = args.n - n < 16 ? args.n : n + 16;
  for (; n < end; n += 8, acc += 8) {
    const Columns columns(args, n);
    for (size_t i = 0; i < rows; ++i) {
      const RowParams& row = args.src_rows[m + i];
      FloatRows{args, columns}.store(m + i, columns.requantise(acc + i * 16, row, 0),
                                     columns.requantise(acc + i * 16, row, 1));
    }
  }
}

}  // namespace
}  // namespace vitro
