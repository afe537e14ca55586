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
  const float* weight_sum;  // of the sixteen columns
  size_t m, n;
  float32x4_t y[4][4];

  WholeTile(const LinearArgs& all, const float* weight_sums, size_t row, size_t column)
      : args(all), weight_sum(weight_sums), m(row), n(column) {}

  template <size_t Quads, typename Step>
  VITRO_INLINE static void each(Step step) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (size_t q = 0; q < Quads; ++q) step(i, q);
  }

  // y: the sums as floats, without the zero point's part.
  VITRO_INLINE void multiply() {
    const size_t k = args.k;
    const bool shifted = k <= kShiftedDepth;
    int32x4_t sums[4][4];
    multiply_four_rows(args.src + m * k, k, args.weights + n * k, k, shifted ? kRounders : kZeros,
                       sums);
    if (shifted)
      each<4>([&](size_t i, size_t q) __attribute__((always_inline)) {
        y[i][q] = vsubq_f32(vreinterpretq_f32_s32(sums[i][q]), vdupq_n_f32(kRounder));
      });
    else
      each<4>([&](size_t i, size_t q)
                  __attribute__((always_inline)) { y[i][q] = vcvtq_f32_s32(sums[i][q]); });
  }
};

// Eight columns of some rows of a tile on their way to int16, step by step: for cores that run in
// order, and so that the steps can stand between others.
template <size_t Rows>
struct Part {
  static constexpr size_t kSteps = 7;

  const LinearArgs& args;
  const RowParams* rows;
  const float *weight_sum, *scale, *bias;
  float32x4_t y[Rows][2];
  int16x8_t h[Rows];

  VITRO_INLINE Part(const WholeTile& tile, size_t first_row, size_t half)
      : args(tile.args),
        rows(args.src_rows + tile.m + first_row),
        weight_sum(tile.weight_sum + half * 8),
        scale(args.scale + tile.n + half * 8),
        bias(args.bias + tile.n + half * 8) {
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 2
      for (size_t q = 0; q < 2; ++q) y[i][q] = tile.y[first_row + i][half * 2 + q];
  }

  VITRO_INLINE void step(size_t number) {
    if (number == kSteps - 1) return narrow();
#pragma GCC unroll 4
    for (size_t i = 0; i < Rows; ++i)
#pragma GCC unroll 2
      for (size_t q = 0; q < 2; ++q) y[i][q] = stepped(number, i, q);
  }

  VITRO_INLINE void all_steps() {
#pragma GCC unroll 7
    for (size_t i = 0; i < kSteps; ++i) step(i);
  }

 private:
  VITRO_INLINE float32x4_t stepped(size_t number, size_t i, size_t q) const {
    const float32x4_t x = y[i][q];
    switch (number) {
      case 0:
        return vfmsq_n_f32(x, vld1q_f32(weight_sum + q * 4),
                           static_cast<float>(rows[i].zero_point));
      case 1: return vmulq_n_f32(x, rows[i].scale);
      case 2: return vmulq_f32(x, vld1q_f32(scale + q * 4));
      case 3: return vaddq_f32(x, vld1q_f32(bias + q * 4));
      case 4: return vaddq_f32(x, vdupq_n_f32(kRounder));
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
template <bool gelu, typename Destination>
VITRO_INLINE void store_whole(const WholeTile& tile, const Destination (&destinations)[2]) {
  if constexpr (gelu) {
    Part<2> parts[4] = {{tile, 0, 0}, {tile, 2, 0}, {tile, 0, 1}, {tile, 2, 1}};
    parts[0].all_steps();
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      destinations[i / 2].gelu.apply(
          parts[i].h, [&](size_t step) __attribute__((always_inline)) {
            if (i < 3 && step < Part<2>::kSteps) parts[i + 1].step(step);
          });
      destinations[i / 2].store_eight(tile.m + i % 2 * 2, parts[i].h);
    }
  } else {
#pragma GCC unroll 2
    for (size_t half = 0; half < 2; ++half) {
      Part<4> part(tile, 0, half);
      part.all_steps();
      destinations[half].store_eight(tile.m, part.h);
    }
  }
}

// Columns n to n + 15 of all rows but the last up to three.
template <typename Destination, bool gelu = false>
size_t whole_tiles(const LinearArgs& args, size_t n) {
  float weight_sum[16];
  for (size_t i = 0; i < 16; i += 4)
    vst1q_f32(weight_sum + i, vcvtq_f32_s32(vld1q_s32(args.weight_sum + n + i)));
  const Columns columns[2] = {{args, n}, {args, n + 8}};
  const Destination destinations[2] = {{args, columns[0]}, {args, columns[1]}};
  size_t m = 0;
  for (; m + 4 <= args.m; m += 4) {
    WholeTile tile(args, weight_sum, m, n);
    tile.multiply();
    store_whole<gelu>(tile, destinations);
  }
  return m;
}

// Null where there is none.
inline WholeTiles whole_tiles_of(const LinearArgs& args) {
  if (args.k > kExactDepth) return nullptr;
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
