// SPDX-License-Identifier: Apache-2.0
// Whole tiles of linear for AArch64: four rows x 16 columns and their outputs. What columns are
// requantised with is found once for all rows. For linear/linear_neon.cpp and
// linear_neon_dotprod.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/linear/neon_static_tiles.h"
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/linear/neon_whole_outputs.h"
#include "runtime/kernels/linear/neon_whole_tile.h"
#if defined(VITRO_WITH_DOTPROD)
#include "runtime/kernels/linear/neon_gelu_tiles.h"
#endif

namespace vitro {
namespace {

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

#if !defined(VITRO_WITH_DOTPROD)
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

#endif

template <typename Destination>
VITRO_INLINE void store_rows(WholeTile& tile, size_t m, const Destination& destination) {
  tile.scale_sums();
  Part<0> first(tile);
  first.all_steps();
  destination.store(m, first.h);
  Part<2> second(tile);
  second.all_steps();
  destination.store(m + 2, second.h);
}

template <typename Destination>
VITRO_INLINE void store_bytes(WholeTile& tile, size_t m, const Destination& destination) {
  tile.scale_sums();
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

// All whole tiles of the columns: of all rows but the last up to three, whose number it returns.
template <typename Destination, typename Store>
VITRO_INLINE size_t whole_tiles(const LinearArgs& args, Store store) {
  for (size_t n = 0; n + 16 <= args.n; n += 16) {
    const WeightSums weight_sums(args.weight_sum + n);
    const Destination destination(args, n);
    if constexpr (Destination::kBytes)
      if (args.is_static && static_tiles_to(destination, args, n)) continue;
    for (size_t m = 0; m + 4 <= args.m; m += 4) {
      // Of each four rows alone, or the compiler keeps it in memory.
      WholeTile tile(args, weight_sums.of, n);
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
      args, [](WholeTile & tile, size_t m, const Rows& rows)
                __attribute__((always_inline)) { store_rows(tile, m, rows); });
}

#if !defined(VITRO_WITH_DOTPROD)
size_t whole_gelu(const LinearArgs& args) {
  using Rows = WholeRows<LinearOutput::gelu>;
  return whole_tiles<Rows>(
      args, [](const WholeTile& tile, size_t m, const Rows& rows)
                __attribute__((always_inline)) { store_gelu(tile, m, rows); });
}
#endif

template <typename Packed>
size_t whole_packed(const LinearArgs& args) {
  return whole_tiles<Packed>(
      args, [](WholeTile & tile, size_t m, const Packed& packed)
                __attribute__((always_inline)) { store_bytes(tile, m, packed); });
}

// Null where there is none.
inline WholeTiles whole_tiles_of(const LinearArgs& args) {
  if (args.m < 4 || args.n < 16 || args.k < kLeastDepth || args.k > kExactDepth) return nullptr;
  const bool in_fours = args.first_token % 4 == 0;  // packed tensors have tokens together in fours
  switch (args.output) {
    case LinearOutput::f32: break;
    case LinearOutput::s16: return whole_rows<LinearOutput::s16>;
    case LinearOutput::gelu: return whole_gelu;
    case LinearOutput::residual: return whole_rows<LinearOutput::residual>;
    case LinearOutput::s8: return whole_rows<LinearOutput::s8>;
    case LinearOutput::keys: return in_fours ? whole_packed<WholeKeys> : nullptr;
    case LinearOutput::values: return in_fours ? whole_packed<WholeValues> : nullptr;
  }
  return nullptr;
}

}  // namespace
}  // namespace vitro
