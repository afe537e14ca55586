// SPDX-License-Identifier: Apache-2.0
// Whole tiles of linear for AArch64 with SDOT: four rows x 16 columns, whose sums stay in
// registers until they are outputs. For linear/linear_neon_dotprod.cpp alone; everything has
// internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro {
namespace {

// The law subtracts zero_point * weight_sum from an exact sum, and rounds the difference to float.
// A fused multiply-subtract of the sum does the same while the sum is exact as a float, that is, at
// most 2^24: int8 by [-127, 127], so at most 128 * 127 for each column.
constexpr size_t kExactDepth = (1 << 24) / (128 * 127);

// A tile of four rows and sixteen columns.
struct WholeTile {
  const LinearArgs& args;
  const float* minus_weight_sum;  // of the sixteen columns
  size_t m, n;
  float32x4_t above;
  float32x4_t y[4][4];
  float32x4_t zero_points, scales;  // of the rows

  WholeTile(const LinearArgs& all, const float* minus_weight_sums, size_t row, size_t column)
      : args(all),
        minus_weight_sum(minus_weight_sums),
        m(row),
        n(column),
        above(vdupq_n_f32(all.k <= kShiftedDepth ? kRounder : 0.0f)) {}

  template <size_t Quads, typename Step>
  VITRO_INLINE static void each(Step step) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (size_t q = 0; q < Quads; ++q) step(i, q);
  }

  // y less `above`: the sums as floats, without the zero point's part.
  VITRO_INLINE void multiply() {
    const size_t k = args.k;
    const bool shifted = k <= kShiftedDepth;
    int32x4_t sums[4][4];
    multiply_four_rows(args.src + m * k, k, args.weights + n * k, k, shifted ? kRounders : kZeros,
                       sums);
    if (!shifted)
      each<4>([&](size_t i, size_t q) __attribute__((always_inline)) {
        sums[i][q] = vreinterpretq_s32_f32(vcvtq_f32_s32(sums[i][q]));
      });
    each<4>([&](size_t i, size_t q)
                __attribute__((always_inline)) { y[i][q] = vreinterpretq_f32_s32(sums[i][q]); });
    static_assert(sizeof(RowParams) == 8 && offsetof(RowParams, scale) == 0);
    const float* const rows = &args.src_rows[m].scale;  // and a zero point behind each
    const float32x4_t first = vld1q_f32(rows), second = vld1q_f32(rows + 4);
    scales = vuzp1q_f32(first, second);
    zero_points = vcvtq_f32_s32(vreinterpretq_s32_f32(vuzp2q_f32(first, second)));
  }
};

// x + a * b[Lane] and x * b[Lane]. GCC would copy each lane to a register of its own first.
template <int Lane>
VITRO_INLINE float32x4_t add_product(float32x4_t x, float32x4_t a, float32x4_t b) {
  __asm__("fmla %0.4s, %1.4s, %2.s[%3]" : "+w"(x) : "w"(a), "w"(b), "i"(Lane));
  return x;
}
template <int Lane>
VITRO_INLINE float32x4_t times_lane(float32x4_t x, float32x4_t b) {
  __asm__("fmul %0.4s, %1.4s, %2.s[%3]" : "=w"(x) : "w"(x), "w"(b), "i"(Lane));
  return x;
}

// Eight columns of some rows of a tile on their way to int16, step by step: for cores that run in
// order, and so that the steps can stand between others.
template <size_t First, size_t Rows>
struct Part {
  static constexpr size_t kSteps = 8;

  const WholeTile& tile;
  const float *minus_weight_sum, *scale, *bias;
  float32x4_t y[Rows][2];
  int16x8_t h[Rows];

  VITRO_INLINE Part(const WholeTile& whole, size_t half)
      : tile(whole),
        minus_weight_sum(whole.minus_weight_sum + half * 8),
        scale(whole.args.scale + whole.n + half * 8),
        bias(whole.args.bias + whole.n + half * 8) {
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 2
      for (size_t q = 0; q < 2; ++q) y[i][q] = whole.y[First + i][half * 2 + q];
  }

  VITRO_INLINE void step(size_t number) {
    if (number == kSteps - 1) return narrow();
    step_row<0>(number);
    step_row<1>(number);
    if constexpr (Rows > 2) {
      step_row<2>(number);
      step_row<3>(number);
    }
  }

  VITRO_INLINE void all_steps() {
#pragma GCC unroll 8
    for (size_t i = 0; i < kSteps; ++i) step(i);
  }

 private:
  static_assert(Rows == 2 || Rows == 4);

  template <size_t Row>
  VITRO_INLINE void step_row(size_t number) {
#pragma GCC unroll 2
    for (size_t q = 0; q < 2; ++q) y[Row][q] = stepped<First + Row>(number, y[Row][q], q);
  }

  template <size_t Row>
  VITRO_INLINE float32x4_t stepped(size_t number, float32x4_t x, size_t q) const {
    switch (number) {
      case 0: return vsubq_f32(x, tile.above);
      case 1: return add_product<Row>(x, vld1q_f32(minus_weight_sum + q * 4), tile.zero_points);
      case 2: return times_lane<Row>(x, tile.scales);
      case 3: return vmulq_f32(x, vld1q_f32(scale + q * 4));
      case 4: return vaddq_f32(x, vld1q_f32(bias + q * 4));
      case 5: return vaddq_f32(x, vdupq_n_f32(kRounder));
      // The bits of what was too large for the sum are still on the right side, and saturate.
      default:
        return vreinterpretq_f32_s32(
            vqsubq_s32(vreinterpretq_s32_f32(x), vdupq_n_s32(kRounderBits)));
    }
  }

  VITRO_INLINE void narrow() {
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i)
      h[i] = vqmovn_high_s32(vqmovn_s32(vreinterpretq_s32_f32(y[i][0])),
                             vreinterpretq_s32_f32(y[i][1]));
  }
};

// GELU of a part stands between the steps of the next: it leaves one of two pipes to them. Parts of
// two rows, so that all of it has room in the registers.
template <typename Destination>
VITRO_INLINE void store_gelu(const WholeTile& tile, const Destination (&destinations)[2]) {
  Part<0, 2> first(tile, 0), third(tile, 1);
  Part<2, 2> second(tile, 0), fourth(tile, 1);
  const auto store = [&](const Destination& destination, size_t row, auto& part, auto between)
      __attribute__((always_inline)) {
    destination.gelu.apply(part.h, between);
    destination.store_eight(tile.m + row, part.h);
  };
  const auto steps_of = [](auto& part) __attribute__((always_inline)) {
    return [&part](size_t step) __attribute__((always_inline)) { part.step(step); };
  };
  first.all_steps();
  store(destinations[0], 0, first, steps_of(second));
  store(destinations[0], 2, second, steps_of(third));
  store(destinations[1], 0, third, steps_of(fourth));
  store(destinations[1], 2, fourth, [](size_t) {});
}

template <typename Destination>
VITRO_INLINE void store_others(const WholeTile& tile, const Destination (&destinations)[2]) {
#pragma GCC unroll 2
  for (size_t half = 0; half < 2; ++half) {
    Part<0, 4> part(tile, half);
    part.all_steps();
    destinations[half].store_eight(tile.m, part.h);
  }
}

// Columns n to n + 15 of all rows but the last up to three.
template <typename Destination, bool gelu = false>
size_t whole_tiles(const LinearArgs& args, size_t n) {
  float minus_weight_sum[16];
  for (size_t i = 0; i < 16; i += 4)
    vst1q_f32(minus_weight_sum + i, vnegq_f32(vcvtq_f32_s32(vld1q_s32(args.weight_sum + n + i))));
  const Columns columns[2] = {{args, n}, {args, n + 8}};
  const Destination destinations[2] = {{args, columns[0]}, {args, columns[1]}};
  size_t m = 0;
  for (; m + 4 <= args.m; m += 4) {
    WholeTile tile(args, minus_weight_sum, m, n);
    tile.multiply();
    if constexpr (gelu)
      store_gelu(tile, destinations);
    else
      store_others(tile, destinations);
  }
  return m;
}

// Null where there is none.
inline WholeTiles whole_tiles_of(const LinearArgs& args) {
  if (args.k < 16 || args.k > kExactDepth) return nullptr;
  const bool in_fours = args.first_token % 4 == 0;  // packed tensors have tokens together in fours
  switch (args.output) {
    case LinearOutput::f32: break;
    case LinearOutput::s16: return whole_tiles<IntegerRows<LinearOutput::s16>>;
    case LinearOutput::gelu: return whole_tiles<IntegerRows<LinearOutput::gelu>, true>;
    case LinearOutput::residual: return whole_tiles<IntegerRows<LinearOutput::residual>>;
    case LinearOutput::s8: return whole_tiles<IntegerRows<LinearOutput::s8>>;
    case LinearOutput::keys: return in_fours ? whole_tiles<KeyRows> : nullptr;
    case LinearOutput::values: return in_fours ? whole_tiles<ValueRows> : nullptr;
  }
  return nullptr;
}

}  // namespace
}  // namespace vitro
