// SPDX-License-Identifier: Apache-2.0
// The outputs of a tile of sums, by kind. For linear/linear_neon*.cpp alone; everything has
// internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_gelu.h"
#include "runtime/kernels/linear/neon_walk.h"
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

  // Eight columns of each row; step by step, for cores that run in order.
  template <size_t Rows>
  VITRO_INLINE void requantise(const int32_t* acc, const RowParams* rows,
                               float32x4_t (&y)[Rows][2]) const {
    int32x4_t exact[Rows][2];
    each(y, [&](size_t i, size_t half) {
      exact[i][half] = vmlsq_s32(vld1q_s32(acc + i * 16 + half * 4), weight_sum[half],
                                 vdupq_n_s32(rows[i].zero_point));
    });
    each(y, [&](size_t i, size_t half) { y[i][half] = vcvtq_f32_s32(exact[i][half]); });
    each(y, [&](size_t i, size_t half) {
      y[i][half] = vmulq_f32(y[i][half], vdupq_n_f32(rows[i].scale));
    });
    each(y, [&](size_t i, size_t half) { y[i][half] = vmulq_f32(y[i][half], scale[half]); });
    each(y, [&](size_t i, size_t half) { y[i][half] = vaddq_f32(y[i][half], bias[half]); });
  }

 private:
  template <size_t Rows, typename Step>
  VITRO_INLINE static void each(const float32x4_t (&)[Rows][2], Step step) {
    for (size_t i = 0; i < Rows; ++i) {
      step(i, 0);
      step(i, 1);
    }
  }
};

VITRO_INLINE int8x8_t narrow8(int16x8_t h) { return vmax_s8(vqmovn_s16(h), vdup_n_s8(-127)); }

// Each stores eight outputs of `Rows` rows from row m on, of which columns.count are there.

struct FloatRows {
  static constexpr bool kFloats = true;

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
struct NumberOf {
  using Type = int16_t;
};
template <>
struct NumberOf<LinearOutput::s8> {
  using Type = int8_t;
};

template <LinearOutput output>
struct IntegerRows {
  using Number = typename NumberOf<output>::Type;
  static constexpr bool kFloats = false;

  Number* dst;            // row 0 of the first column
  const int16_t* addend;  // likewise
  size_t stride, count;
  Gelu gelu;

  IntegerRows(const LinearArgs& args, const Columns& columns)
      : dst(static_cast<Number*>(args.dst) + columns.first),
        addend(output == LinearOutput::residual
                   ? static_cast<const int16_t*>(args.addend) + columns.first
                   : nullptr),
        stride(args.dst_stride),
        count(columns.count),
        gelu(args.fraction_bits) {}

  template <size_t Rows>
  VITRO_INLINE void store(size_t m, int16x8_t (&h)[Rows]) const {
    if constexpr (output == LinearOutput::gelu) gelu.apply(h);
    if (count == 8) return store_eight(m, h);
    for (size_t i = 0; i < Rows; ++i) store_some((m + i) * stride, h[i]);
  }

 private:
  template <size_t Rows>
  VITRO_INLINE void store_eight(size_t m, int16x8_t (&h)[Rows]) const {
    size_t at = m * stride;
    for (size_t i = 0; i < Rows; ++i, at += stride) {
      if constexpr (output == LinearOutput::residual)
        h[i] = vqaddq_s16(vld1q_s16(addend + at), h[i]);
      if constexpr (output == LinearOutput::s8)
        vst1_s8(dst + at, narrow8(h[i]));
      else
        vst1q_s16(dst + at, h[i]);
    }
  }

  void store_some(size_t at, int16x8_t h) const {
    if constexpr (output == LinearOutput::residual) {
      int16_t before[8] = {};
      memcpy(before, addend + at, count * 2);
      h = vqaddq_s16(vld1q_s16(before), h);
    }
    Number lanes[8];
    if constexpr (output == LinearOutput::s8)
      vst1_s8(lanes, narrow8(h));
    else
      vst1q_s16(lanes, h);
    memcpy(dst + at, lanes, count * sizeof(Number));
  }
};

// Packed keys: four columns lie together, those of the next token behind them. A head starts at a
// multiple of four columns.
struct KeyRows {
  static constexpr bool kFloats = false;

  const LinearArgs& args;
  size_t panel;      // bytes from 16 tokens to the next
  int8_t* quads[2];  // token 0 of columns 0..3 and 4..7; null where there are none

  KeyRows(const LinearArgs& all, const Columns& columns)
      : KeyRows(all, columns.first, columns.count) {}

  // `count` of eight columns from the first on.
  KeyRows(const LinearArgs& all, size_t first, size_t count) : args(all), panel(all.head_dim * 16) {
    const size_t head_bytes = VITRO_KEY_PANELS(args.tokens) * panel;
    for (size_t q = 0; q < 2; ++q) {
      const uint32_t n = static_cast<uint32_t>(first + q * 4),
                     dim = static_cast<uint32_t>(args.head_dim), head = n / dim, d = n % dim;
      quads[q] = q * 4 < count
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
  static constexpr bool kFloats = false;

  const LinearArgs& args;
  size_t begin, count;  // the columns
  size_t panel;         // bytes of 16 columns
  bool one_panel;       // all eight columns are there, in one panel
  int8_t* first;        // token 0 of the first column

  ValueRows(const LinearArgs& all, const Columns& columns)
      : ValueRows(all, columns.first, columns.count) {}

  // `some` of eight columns from the first on.
  ValueRows(const LinearArgs& all, size_t first_column, size_t some)
      : args(all),
        begin(first_column),
        count(some),
        panel(VITRO_VALUE_QUADS(all.tokens) * 64),
        one_panel(all.head_dim % 8 == 0 && some == 8),
        first(column(first_column)) {}

  int8_t* column(size_t n) const {
    const size_t head = n / args.head_dim, d = n % args.head_dim;
    return static_cast<int8_t*>(args.dst) +
           (head * VITRO_VALUE_PANELS(args.head_dim) + d / 16) * panel + d % 16 * 4;
  }

  void store(size_t m, const int16x8_t (&h)[1]) const {
    const size_t token = args.first_token + m, at = VITRO_VALUE_TOKEN(0, token);
    int8_t bytes[8];
    vst1_s8(bytes, narrow8(h[0]));
    for (size_t j = 0; j < count; ++j)
      (one_panel ? first + j * 4 : column(begin + j))[at] = bytes[j];
  }

  // Four tokens that lie together.
  VITRO_INLINE void store(size_t m, const int16x8_t (&h)[4]) const {
    store_bytes(m, {{narrow8(h[0]), narrow8(h[1]), narrow8(h[2]), narrow8(h[3])}});
  }
  size_t tokens_at(size_t m) const { return (args.first_token + m) / 4 * 64; }
  VITRO_INLINE void store_bytes(size_t m, const int8x8x4_t& bytes) const {
    const size_t at = tokens_at(m);
    if (one_panel) return vst4_s8(first + at, bytes);
    int8_t lanes[8][4];
    vst4_s8(lanes[0], bytes);
    for (size_t j = 0; j < count; ++j) memcpy(column(begin + j) + at, lanes[j], 4);
  }
};

template <size_t Rows, typename Destination>
VITRO_INLINE void finish_rows(const int32_t* acc, const RowParams* rows, size_t m,
                              const Columns& columns, const Destination& destination) {
  float32x4_t y[Rows][2];
  columns.requantise(acc, rows, y);
  if constexpr (Destination::kFloats) {
    for (size_t i = 0; i < Rows; ++i) destination.store(m + i, y[i][0], y[i][1]);
  } else {
    int16x8_t h[Rows];
    for (size_t i = 0; i < Rows; ++i) h[i] = round_s16(y[i][0], y[i][1]);
    destination.store(m, h);
  }
}

// Columns outside, rows inside: what columns are requantised with stays in registers.
template <typename Destination, bool by_token>
void finish(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows, size_t n) {
  const RowParams* const params = args.src_rows + m;
  const size_t end = args.n - n < 16 ? args.n : n + 16, token = args.first_token + m;
  for (; n < end; n += 8, acc += 8) {
    const Columns columns(args, n);
    const Destination destination{args, columns};
    size_t i = 0;
    const auto single = [&] {
      finish_rows<1>(acc + i * 16, params + i, m + i, columns, destination);
    };
    if constexpr (by_token)  // packed tensors have tokens together in fours
      for (; i < rows && (token + i) % 4 != 0; ++i) single();
    for (; i + 4 <= rows; i += 4)
      finish_rows<4>(acc + i * 16, params + i, m + i, columns, destination);
    for (; i < rows; ++i) single();
  }
}

}  // namespace
}  // namespace vitro
