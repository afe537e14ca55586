// SPDX-License-Identifier: Apache-2.0
// Whole tiles of linear for AArch64: four rows x 16 columns and their outputs. What columns are
// requantised with is found once for all rows. For linear/linear_neon.cpp and
// linear_neon_dotprod.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/linear/neon_static_columns.h"
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/linear/neon_whole_outputs.h"
#if defined(VITRO_WITH_DOTPROD)
#include "runtime/kernels/tiles/neon_dotprod_tile.h"
#else
#include "runtime/kernels/tiles/neon_tile.h"
#endif

namespace vitro {
namespace {

// The law subtracts zero_point * weight_sum from an exact sum, and rounds the difference to float.
// A fused multiply-subtract of the sum does the same while the sum is exact as a float, that is, at
// most 2^24: int8 by [-127, 127], so at most 128 * 127 for each column.
constexpr size_t kExactDepth = (1 << 24) / (128 * 127);

// x - a * b[Lane] and x * b[Lane]. GCC would copy each lane to a register of its own first.
template <size_t Lane>
VITRO_INLINE float32x4_t less_product(float32x4_t x, float32x4_t a, float32x4_t b) {
  __asm__("fmls %0.4s, %1.4s, %2.s[%3]" : "+w"(x) : "w"(a), "w"(b), "i"(Lane));
  return x;
}
template <size_t Lane>
VITRO_INLINE float32x4_t times_lane(float32x4_t x, float32x4_t b) {
  __asm__("fmul %0.4s, %1.4s, %2.s[%3]" : "=w"(x) : "w"(x), "w"(b), "i"(Lane));
  return x;
}

// What a tile of sixteen columns is requantised with, and its four rows.
struct TileOperands {
  const LinearArgs& args;
  const float *weight_sum, *scale, *bias;  // of the columns
  size_t n;
  float32x4_t zero_points, rows[2];  // rows: each a scale and the bits of a zero point

  TileOperands(const LinearArgs& all, const float* weight_sums, size_t column)
      : args(all),
        weight_sum(weight_sums),
        scale(all.scale + column),
        bias(all.bias + column),
        n(column) {}

  VITRO_INLINE void load_rows(size_t m) {
    static_assert(sizeof(RowParams) == 8 && offsetof(RowParams, scale) == 0);
    rows[0] = vld1q_f32(&args.src_rows[m].scale);
    rows[1] = vld1q_f32(&args.src_rows[m + 2].scale);
    zero_points = vcvtq_f32_s32(vreinterpretq_s32_f32(vuzp2q_f32(rows[0], rows[1])));
  }

  template <size_t Row>
  VITRO_INLINE float32x4_t scaled(float32x4_t x) const {
    return times_lane<Row % 2 * 2>(x, rows[Row / 2]);
  }
};

#if defined(VITRO_WITH_DOTPROD)

// The sums of a tile stay in registers; a part begins with them as floats, scaled by their rows.
struct WholeTile : TileOperands {
  static constexpr size_t kFirstSteps = 0;

  float32x4_t y[4][4];

  using TileOperands::TileOperands;

  VITRO_INLINE void multiply(size_t m) {
    const size_t k = args.k;
    const bool shifted = k <= kShiftedDepth;
    int32x4_t sums[4][4];
    multiply_four_rows(args.src + m * k, k, args.weights + n * k, k, shifted ? kRounders : kZeros,
                       sums);
    load_rows(m);
    // In each branch as much as can stand beside conversions, which have one pipe of two.
    if (shifted) {
      const float32x4_t rounder = vdupq_n_f32(kRounder);
      scale_sums(
          sums, [&](int32x4_t x) __attribute__((always_inline)) {
            return vsubq_f32(vreinterpretq_f32_s32(x), rounder);
          });
    } else {
      scale_sums(
          sums, [](int32x4_t x) __attribute__((always_inline)) { return vcvtq_f32_s32(x); });
    }
  }

  template <size_t Row>
  VITRO_INLINE float32x4_t begin(size_t q) const {
    return y[Row][q];
  }
  template <size_t Row>
  VITRO_INLINE float32x4_t first_step(size_t, float32x4_t x, size_t) const {
    return x;
  }

 private:
  template <typename ToFloat>
  VITRO_INLINE void scale_sums(const int32x4_t (&sums)[4][4], ToFloat to_float) {
    scale_row<0>(sums[0], to_float);
    scale_row<1>(sums[1], to_float);
    scale_row<2>(sums[2], to_float);
    scale_row<3>(sums[3], to_float);
  }
  template <size_t Row, typename ToFloat>
  VITRO_INLINE void scale_row(const int32x4_t (&sums)[4], ToFloat to_float) {
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[Row][q] = to_float(sums[q]);
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q)
      y[Row][q] = less_product<Row>(y[Row][q], vld1q_f32(weight_sum + q * 4), zero_points);
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[Row][q] = scaled<Row>(y[Row][q]);
  }
};

constexpr size_t kLeastDepth = 16;

VITRO_INLINE void multiply_static(const LinearArgs& args, size_t m, size_t n,
                                  const StaticColumns& columns, int32x4_t (&sums)[4][4]) {
  multiply_four_rows(args.src + m * args.k, args.k, args.weights + n * args.k, args.k,
                     columns.start, sums);
}

#else

// The sums of a tile lie in memory; a part begins with them.
struct WholeTile : TileOperands {
  static constexpr size_t kFirstSteps = 3;

  int32_t acc[4][16];

  using TileOperands::TileOperands;

  VITRO_INLINE void multiply(size_t m) {
    multiply_panel(args.src + m * args.k, args.k, 4, args.weights + n * args.k, args.k, acc[0], 16);
    load_rows(m);
  }

  template <size_t Row>
  VITRO_INLINE float32x4_t begin(size_t q) const {
    return vreinterpretq_f32_s32(vld1q_s32(acc[Row] + q * 4));
  }
  template <size_t Row>
  VITRO_INLINE float32x4_t first_step(size_t number, float32x4_t x, size_t q) const {
    switch (number) {
      case 0: return vcvtq_f32_s32(vreinterpretq_s32_f32(x));
      case 1: return less_product<Row>(x, vld1q_f32(weight_sum + q * 4), zero_points);
      default: return scaled<Row>(x);
    }
  }
};

constexpr size_t kLeastDepth = 0;

VITRO_INLINE void multiply_static(const LinearArgs& args, size_t m, size_t n,
                                  const StaticColumns& columns, int32x4_t (&sums)[4][4]) {
  int32_t acc[4][16];
  multiply_panel(args.src + m * args.k, args.k, 4, args.weights + n * args.k, args.k, acc[0], 16);
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q)
      sums[i][q] = vaddq_s32(vld1q_s32(acc[i] + q * 4), vld1q_s32(columns.start + q * 4));
}

#endif

// Sixteen columns of two rows of a tile on their way to int16, step by step: for cores that run in
// order, and so that the steps can stand between others.
template <size_t First>
struct Part {
#if defined(VITRO_WITH_DOTPROD)  // see round_distances
  static constexpr size_t kSteps = WholeTile::kFirstSteps + 5;
#else
  static constexpr size_t kSteps = WholeTile::kFirstSteps + 4;
#endif

  const WholeTile& tile;
  float32x4_t y[2][4];
  int16x8_t h[4];

  VITRO_INLINE explicit Part(const WholeTile& whole) : tile(whole) {}

  VITRO_INLINE void step(size_t number) {
    if (number >= kSteps) return;
    if (number == 0) {
      begin_row<0>();
      begin_row<1>();
    }
    step_row<0>(number);
    step_row<1>(number);
    if (number == kSteps - 1) narrow();
  }

  VITRO_INLINE void all_steps() {
#pragma GCC unroll 8
    for (size_t i = 0; i < kSteps; ++i) step(i);
  }

 private:
  template <size_t Row>
  VITRO_INLINE void begin_row() {
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[Row][q] = tile.template begin<First + Row>(q);
  }

  template <size_t Row>
  VITRO_INLINE void step_row(size_t number) {
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q)
      y[Row][q] = number < WholeTile::kFirstSteps
                      ? tile.template first_step<First + Row>(number, y[Row][q], q)
                      : stepped(number - WholeTile::kFirstSteps, y[Row][q], q);
  }

  VITRO_INLINE float32x4_t stepped(size_t number, float32x4_t x, size_t q) const {
    switch (number) {
      case 0: return vmulq_f32(x, vld1q_f32(tile.scale + q * 4));
      case 1: return vaddq_f32(x, vld1q_f32(tile.bias + q * 4));
#if defined(VITRO_WITH_DOTPROD)
      case 2: return vaddq_f32(x, vdupq_n_f32(kRounder));
      // The bits of what was too large for the sum are still on the right side, and saturate.
      case 3:
        return vreinterpretq_f32_s32(
            vqsubq_s32(vreinterpretq_s32_f32(x), vdupq_n_s32(kRounderBits)));
#else
      case 2: return vreinterpretq_f32_s32(vcvtnq_s32_f32(x));
#endif
      default: return x;
    }
  }

  VITRO_INLINE void narrow() {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      h[i] = vqmovn_high_s32(vqmovn_s32(vreinterpretq_s32_f32(y[i / 2][i % 2 * 2])),
                             vreinterpretq_s32_f32(y[i / 2][i % 2 * 2 + 1]));
  }
};

// GELU of two rows stands between the steps of the next two: it leaves one of two pipes to them.
template <typename Destination>
VITRO_INLINE void store_gelu(const WholeTile& tile, size_t m, const Destination& destination) {
  Part<0> first(tile);
  first.all_steps();
  Part<2> second(tile);
  destination.gelu.apply(
      first.h, [&](size_t number) __attribute__((always_inline)) { second.step(number); });
  destination.store(m, first.h);
  destination.gelu.apply(second.h);
  destination.store(m + 2, second.h);
}

template <typename Destination>
VITRO_INLINE void store_rows(const WholeTile& tile, size_t m, const Destination& destination) {
  Part<0> first(tile);
  first.all_steps();
  destination.store(m, first.h);
  Part<2> second(tile);
  second.all_steps();
  destination.store(m + 2, second.h);
}

template <typename Destination>
VITRO_INLINE void store_bytes(const WholeTile& tile, size_t m, const Destination& destination) {
  int8x16_t b[4];
  Part<0> first(tile);
  first.all_steps();
  b[0] = narrow16(first.h[0], first.h[1]);
  b[1] = narrow16(first.h[2], first.h[3]);
  Part<2> second(tile);
  second.all_steps();
  b[2] = narrow16(second.h[0], second.h[1]);
  b[3] = narrow16(second.h[2], second.h[3]);
  destination.store(m, b);
}

// Sixteen columns of a static linear; false where they are too large for it. `store` stores four
// rows of them.
template <typename Store>
VITRO_INLINE bool static_tiles(const LinearArgs& args, size_t n, Store store) {
  const StaticColumns columns(args, n);
  if (!columns.usable) return false;
  for (size_t m = 0; m + 4 <= args.m; m += 4) {
    int32x4_t sums[4][4];
    multiply_static(args, m, n, columns, sums);
    int8x16_t b[4];
    columns.finish(sums, b);
    store(m, b);
  }
  return true;
}

VITRO_INLINE bool static_tiles_to(const WholeRows<LinearOutput::s8>& rows, const LinearArgs& args,
                                  size_t n) {
  return static_tiles(
      args, n, [&](size_t m, const int8x16_t(&b)[4]) __attribute__((always_inline)) {
        rows.store(m, b);
      });
}

// Keys and values share one copy of the rest.
using StorePacked = void (*)(const void* packed, size_t m, int8x16_t b0, int8x16_t b1, int8x16_t b2,
                             int8x16_t b3);
__attribute__((noinline)) bool static_packed_tiles(const void* packed, StorePacked store,
                                                   const LinearArgs& args, size_t n) {
  return static_tiles(
      args, n, [&](size_t m, const int8x16_t(&b)[4]) __attribute__((always_inline)) {
        store(packed, m, b[0], b[1], b[2], b[3]);
      });
}

template <typename Packed>
VITRO_INLINE bool static_tiles_to(const Packed& packed, const LinearArgs& args, size_t n) {
  return static_packed_tiles(
      &packed,
      [](const void* to, size_t m, int8x16_t b0, int8x16_t b1, int8x16_t b2, int8x16_t b3) {
        static_cast<const Packed*>(to)->store(m, {b0, b1, b2, b3});
      },
      args, n);
}

// All whole tiles of the columns: of all rows but the last up to three, whose number it returns.
template <typename Destination, typename Store>
VITRO_INLINE size_t whole_tiles(const LinearArgs& args, Store store) {
  for (size_t n = 0; n + 16 <= args.n; n += 16) {
    float weight_sum[16];
    for (size_t i = 0; i < 16; i += 4)
      vst1q_f32(weight_sum + i, vcvtq_f32_s32(vld1q_s32(args.weight_sum + n + i)));
    const Destination destination(args, n);
    if constexpr (Destination::kBytes)
      if (args.is_static && static_tiles_to(destination, args, n)) continue;
    for (size_t m = 0; m + 4 <= args.m; m += 4) {
      // Of each four rows alone, or the compiler keeps it in memory.
      WholeTile tile(args, weight_sum, n);
      tile.multiply(m);
      store(tile, m, destination);
    }
  }
  return args.m / 4 * 4;
}

template <LinearOutput output>
size_t whole_rows(const LinearArgs& args) {
  using Rows = WholeRows<output>;
  return whole_tiles<Rows>(
      args, [](const WholeTile& tile, size_t m, const Rows& rows) __attribute__((always_inline)) {
        if constexpr (Rows::kGelu)
          store_gelu(tile, m, rows);
        else
          store_rows(tile, m, rows);
      });
}

template <typename Packed>
size_t whole_packed(const LinearArgs& args) {
  return whole_tiles<Packed>(
      args, [](const WholeTile& tile, size_t m, const Packed& packed)
                __attribute__((always_inline)) { store_bytes(tile, m, packed); });
}

// Null where there is none.
inline WholeTiles whole_tiles_of(const LinearArgs& args) {
  if (args.m < 4 || args.k < kLeastDepth || args.k > kExactDepth) return nullptr;
  const bool in_fours = args.first_token % 4 == 0;  // packed tensors have tokens together in fours
  switch (args.output) {
    case LinearOutput::f32: break;
    case LinearOutput::s16: return whole_rows<LinearOutput::s16>;
    case LinearOutput::gelu: return whole_rows<LinearOutput::gelu>;
    case LinearOutput::residual: return whole_rows<LinearOutput::residual>;
    case LinearOutput::s8: return whole_rows<LinearOutput::s8>;
    case LinearOutput::keys: return in_fours ? whole_packed<WholeKeys> : nullptr;
    case LinearOutput::values: return in_fours ? whole_packed<WholeValues> : nullptr;
  }
  return nullptr;
}

}  // namespace
}  // namespace vitro
