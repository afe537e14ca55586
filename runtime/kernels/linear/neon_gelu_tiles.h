// SPDX-License-Identifier: Apache-2.0
// Whole tiles of linear with GELU for AArch64 with SDOT: GELU of a row stands between the
// instructions of the next row on its way from sums to int16, since it takes one of two pipes. For
// linear/neon_whole_tiles.h alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include <type_traits>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_gelu.h"
#include "runtime/kernels/linear/neon_whole_tile.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

// What made x stands before what follows.
template <typename Vector>
VITRO_INLINE void pin(Vector x) {
  __asm__ volatile("" : : "w"(x));
}
// Loaded here, and again for the next row: there are not enough registers to keep it. What is
// loaded was written before the last multiply_four_rows, which GCC takes for a reader of all
// memory.
template <size_t At, typename Number>
VITRO_INLINE auto load_here(const Number* from) {
  std::conditional_t<sizeof(Number) == 4, float32x4_t, int16x8_t> x;
  __asm__ volatile("ldr %q0, [%1, %2]" : "=w"(x) : "r"(from), "i"(At * sizeof(Number)));
  return x;
}

// Sixteen columns of a row of a tile on their way from sums to int16, instruction by instruction,
// so that they can stand between others.
template <bool shifted, size_t Row>
struct RowOnItsWay {
  static constexpr size_t kNarrowing = 28, kInstructions = kNarrowing + 4;

  const TileOperands& tile;
  float32x4_t rounder;
  float32x4_t y[4], next;  // next: what the next instruction needs beside y
  int16x8_t h[2];

  VITRO_INLINE RowOnItsWay(const WholeTile& whole, float32x4_t all_rounders)
      : tile(whole), rounder(all_rounders) {
#pragma GCC unroll 4
    for (size_t q = 0; q < 4; ++q) y[q] = vreinterpretq_f32_s32(whole.sum<Row>(q));
  }

  template <size_t Number>
  VITRO_INLINE void instruction() {
    if constexpr (Number >= kNarrowing) {
      narrow<Number - kNarrowing>();
    } else {
      const float32x4_t operand = next;
      load_for<Number + 1>();
      y[Number % 4] = stepped<Number / 4>(y[Number % 4], operand);
      pin(y[Number % 4]);
    }
  }

 private:
  template <size_t Number>
  VITRO_INLINE void load_for() {
    constexpr size_t at = Number % 4 * 4;
    if constexpr (Number / 4 == 1) next = load_here<at>(tile.weight_sum);
    if constexpr (Number / 4 == 3) next = load_here<at>(tile.scale);
    if constexpr (Number / 4 == 4) next = load_here<at>(tile.bias);
  }
  template <size_t Step>
  VITRO_INLINE float32x4_t stepped(float32x4_t x, float32x4_t operand) const {
    switch (Step) {
      case 0: return shifted ? vsubq_f32(x, rounder) : vcvtq_f32_s32(vreinterpretq_s32_f32(x));
      case 1: return less_product<Row>(x, operand, tile.zero_points);
      case 2: return tile.scaled<Row>(x);
      case 3: return vmulq_f32(x, operand);
      case 4: return vaddq_f32(x, operand);
      case 5: return vaddq_f32(x, rounder);
      default:  // see Part
        return vreinterpretq_f32_s32(
            vqsubq_s32(vreinterpretq_s32_f32(x), vreinterpretq_s32_f32(rounder)));
    }
  }
  template <size_t Number>
  VITRO_INLINE void narrow() {
    int16x8_t& half = h[Number % 2];
    const int32x4_t x = vreinterpretq_s32_f32(y[Number % 2 * 2 + Number / 2]);
    half = Number < 2 ? vcombine_s16(vqmovn_s32(x), vdup_n_s16(0))
                      : vqmovn_high_s32(vget_low_s16(half), x);
    pin(half);
  }
};

// Calls instructions From .. To of another.
template <size_t From, size_t To, typename Other>
VITRO_INLINE void instructions(Other& other) {
  if constexpr (From < To) {
    other.template instruction<From>();
    instructions<From + 1, To>(other);
  }
}

// GELU of a row as Gelu::apply has it, each of its instructions followed by its share of another's.
// What is loaded stands before the share, for cores that run in order.
template <typename Other>
struct GeluBeside {
  static constexpr size_t kInstructions = 26;

  const Gelu& gelu;
  Other& other;

  VITRO_INLINE void apply(int16x8_t (&h)[2]) const {
    const int16x8_t start0 = load_here<0>(gelu.start), start1 = load_here<0>(gelu.start);
    const int16x8_t w0 = vabaq_s16(start0, h[0], vdupq_n_s16(0));
    share<0>(w0);
    const int16x8_t w1 = vabaq_s16(start1, h[1], vdupq_n_s16(0));
    share<1>(w1);
    const int16x8_t x0 = vqshlq_s16(w0, gelu.shift);
    share<2>(x0);
    const int16x8_t x1 = vqshlq_s16(w1, gelu.shift);
    share<3>(x1);
    const int16x8_t t0 = vandq_s16(x0, gelu.whole);
    share<4>(t0);
    const int16x8_t c = load_here<8>(kGeluLanes[0]), t1 = vandq_s16(x1, gelu.whole);
    share<5>(t1);
    const int16x8_t first = vld1q_s16(kGeluLanes[0]);
    step<1>(first, first, t0, t1, c, h);
  }

 private:
  template <size_t Number>
  VITRO_INLINE void share(int16x8_t made) const {
    pin(made);
    instructions<Number * Other::kInstructions / kInstructions,
                 (Number + 1) * Other::kInstructions / kInstructions>(other);
  }

  // One step of Horner's rule for both: c is its constant for the first.
  template <size_t Step>
  VITRO_INLINE void step(int16x8_t r0, int16x8_t r1, int16x8_t t0, int16x8_t t1, int16x8_t c,
                         int16x8_t (&h)[2]) const {
    const int16x8_t c1 = load_here<Step * 8>(kGeluLanes[0]);
    const int16x8_t s0 = vqrdmlahq_s16(c, r0, t0);
    share<4 + Step * 2>(s0);
    const int16x8_t next = constant<Step + 1>(), s1 = vqrdmlahq_s16(c1, r1, t1);
    share<5 + Step * 2>(s1);
    if constexpr (Step < 7)
      step<Step + 1>(s0, s1, t0, t1, next, h);
    else
      finish(s0, s1, h);
  }
  template <size_t Step>
  VITRO_INLINE static int16x8_t constant() {
    if constexpr (Step < 8)
      return load_here<Step * 8>(kGeluLanes[0]);
    else
      return vdupq_n_s16(0);
  }

  VITRO_INLINE void finish(int16x8_t r0, int16x8_t r1, int16x8_t (&h)[2]) const {
    const int16x8_t most0 = vmaxq_s16(h[0], vdupq_n_s16(0));
    share<20>(most0);
    const int16x8_t most1 = vmaxq_s16(h[1], vdupq_n_s16(0));
    share<21>(most1);
    const int16x8_t s0 = vrshlq_s16(r0, gelu.to_unit);
    share<22>(s0);
    const int16x8_t s1 = vrshlq_s16(r1, gelu.to_unit);
    share<23>(s1);
    h[0] = vqsubq_s16(most0, s0);
    share<24>(h[0]);
    h[1] = vqsubq_s16(most1, s1);
    share<25>(h[1]);
  }
};

// GELU of a row stands beside the next row on its way, that of a tile's last row beside the next
// tile's first.
struct GeluTiles {
  const LinearArgs& args;
  Gelu gelu;
  int16x8_t last[2];  // on its way to GELU
  int16_t* last_to;

  // Until there is a last row, anything goes where the first row will be.
  explicit GeluTiles(const LinearArgs& all)
      : args(all),
        gelu(all.fraction_bits),
        last{vdupq_n_s16(0), vdupq_n_s16(0)},
        last_to(static_cast<int16_t*>(all.dst)) {}

  template <bool shifted>
  VITRO_INLINE void add(const WholeTile& tile, int16_t* dst) {
    // One register for all: the compiler would take one for each type and sign.
    float32x4_t rounder = vdupq_n_f32(kRounder);
    __asm__("" : "+w"(rounder));
    const size_t stride = args.dst_stride;
    RowOnItsWay<shifted, 0> row0(tile, rounder);
    store_beside(last, last_to, row0);
    RowOnItsWay<shifted, 1> row1(tile, rounder);
    store_beside(row0.h, dst, row1);
    RowOnItsWay<shifted, 2> row2(tile, rounder);
    store_beside(row1.h, dst + stride, row2);
    RowOnItsWay<shifted, 3> row3(tile, rounder);
    store_beside(row2.h, dst + stride * 2, row3);
    last[0] = row3.h[0];
    last[1] = row3.h[1];
    last_to = dst + stride * 3;
  }

  void finish() {
    gelu.apply(last);
    store_pair(last_to, last[0], last[1]);
  }

 private:
  template <typename Other>
  VITRO_INLINE void store_beside(int16x8_t (&h)[2], int16_t* to, Other& other) const {
    GeluBeside<Other>{gelu, other}.apply(h);
    store_pair(to, h[0], h[1]);
  }
};

size_t whole_gelu(const LinearArgs& args) {
  GeluTiles tiles(args);
  for (size_t n = 0; n + 16 <= args.n; n += 16) {
    const WeightSums weight_sums(args.weight_sum + n);
    int16_t* dst = static_cast<int16_t*>(args.dst) + n;
    for (size_t m = 0; m + 4 <= args.m; m += 4, dst += 4 * args.dst_stride) {
      WholeTile tile(args, weight_sums.of, n);
      tile.multiply(m);
      if (tile.shifted())
        tiles.add<true>(tile, dst);
      else
        tiles.add<false>(tile, dst);
    }
  }
  tiles.finish();
  return args.m / 4 * 4;
}

}  // namespace
}  // namespace vitro
