// SPDX-License-Identifier: Apache-2.0
// A whole tile of linear for AArch64: four rows x 16 columns, and what it is requantised with. For
// linear/neon_whole_tiles.h and neon_gelu_tiles.h alone; everything has internal linkage, so that
// no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
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

  int32x4_t sums[4][4];
  float32x4_t y[4][4];

  using TileOperands::TileOperands;

  // Whether sums are the bits of the float kRounder + sum.
  VITRO_INLINE bool shifted() const { return args.k <= kShiftedDepth; }

  VITRO_INLINE void multiply(size_t m) {
    const size_t k = args.k;
    int32x4_t products[4][4];
    multiply_four_rows(args.src + m * k, k, args.weights + n * k, k, shifted() ? kRounders : kZeros,
                       products);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (size_t q = 0; q < 4; ++q) sums[i][q] = products[i][q];
    load_rows(m);
  }

  // In each branch as much as can stand beside conversions, which have one pipe of two.
  VITRO_INLINE void scale_sums() {
    if (shifted()) {
      const float32x4_t rounder = vdupq_n_f32(kRounder);
      scale_rows([&](int32x4_t x) __attribute__((always_inline)) {
        return vsubq_f32(vreinterpretq_f32_s32(x), rounder);
      });
    } else {
      scale_rows([](int32x4_t x) __attribute__((always_inline)) { return vcvtq_f32_s32(x); });
    }
  }

  template <size_t Row>
  VITRO_INLINE int32x4_t sum(size_t q) const {
    return sums[Row][q];
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
  VITRO_INLINE void scale_rows(ToFloat to_float) {
    scale_row<0>(to_float);
    scale_row<1>(to_float);
    scale_row<2>(to_float);
    scale_row<3>(to_float);
  }
  template <size_t Row, typename ToFloat>
  VITRO_INLINE void scale_row(ToFloat to_float) {
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[Row][q] = to_float(sums[Row][q]);
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q)
      y[Row][q] = less_product<Row>(y[Row][q], vld1q_f32(weight_sum + q * 4), zero_points);
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[Row][q] = scaled<Row>(y[Row][q]);
  }
};

constexpr size_t kLeastDepth = 16;

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

  VITRO_INLINE bool shifted() const { return false; }
  VITRO_INLINE void scale_sums() {}

  template <size_t Row>
  VITRO_INLINE int32x4_t sum(size_t q) const {
    return vld1q_s32(acc[Row] + q * 4);
  }
  template <size_t Row>
  VITRO_INLINE float32x4_t begin(size_t q) const {
    return vreinterpretq_f32_s32(sum<Row>(q));
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

#endif

// The sums of the columns' weights, as floats.
struct WeightSums {
  float of[16];

  VITRO_INLINE explicit WeightSums(const int32_t* sums) {
    for (size_t i = 0; i < 16; i += 4) vst1q_f32(of + i, vcvtq_f32_s32(vld1q_s32(sums + i)));
  }
};

}  // namespace
}  // namespace vitro
