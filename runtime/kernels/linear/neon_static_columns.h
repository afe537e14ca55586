// SPDX-License-Identifier: Apache-2.0
// Outputs of a static linear's whole tiles for AArch64, four rows x 16 columns. For
// linear/neon_static_tiles.h alone; everything has internal linkage, so that no other object can
// pick it up.
//
// The law lets a static linear round the real number (acc + B) * scale, B = bias / scale, in any
// way. Here sums start from B and from what the zero point takes away; then one fused
// multiply-addition of scale to a number that has no fraction bits left is rhe of it.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/neon_whole_outputs.h"

namespace vitro {
namespace {

// By instructions that GCC cannot replace by a move between registers, which takes a pipe that
// products need.
VITRO_INLINE float32x4_t loaded(const float* from) {
  float32x4_t x;
  __asm__ volatile("ldr %q0, %1" : "=w"(x) : "m"(*reinterpret_cast<const float(*)[4]>(from)));
  return x;
}

struct StaticColumns {
  // A sum s becomes the float base + s * scale, whose bits less kRounderBits are the output.
  alignas(16) int32_t start[16];
  alignas(16) float base[16];
  const float* scale;
  // Whether no scale is too large; sums are below 2^22, and start as the bits of a float; no output
  // leaves int16. A sum beyond 2^24, which a float rounds, saturates with any scale.
  bool usable, shifted, narrow;

  __attribute__((noinline)) void make(const LinearArgs& args, size_t n) {
    scale = args.scale + n;
    const int32_t largest_product = static_cast<int32_t>(128 * 127 * args.k);
    const int32x4_t zero_point = vdupq_n_s32(args.src_rows[0].zero_point);
    int32x4_t largest_start = vdupq_n_s32(0);
    float32x4_t largest_scale = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < 16; i += 4) {
      // A whole number of at most 24 bits, by the law's bound of the bias.
      const int32x4_t offset =
          vcvtq_s32_f32(vdivq_f32(vld1q_f32(args.bias + n + i), vld1q_f32(scale + i)));
      const int32x4_t from = vmlsq_s32(offset, zero_point, vld1q_s32(args.weight_sum + n + i));
      largest_start = vmaxq_s32(largest_start, vabsq_s32(from));
      largest_scale = vmaxq_f32(largest_scale, vld1q_f32(scale + i));
      vst1q_s32(start + i, from);
    }
    const int32_t most = largest_product + vmaxvq_s32(largest_start);
    const float most_scale = vmaxvq_f32(largest_scale);
    usable = most_scale <= 64.0f;
    shifted = most < 1 << 22;
    narrow = static_cast<float>(most) * most_scale < 32000.0f;
    // kRounder * scale is 3 * 2^6 times a whole number, at most 2^22: its difference to kRounder
    // has 24 bits.
    for (size_t i = 0; i < 16; i += 4) {
      const float32x4_t rounder = vdupq_n_f32(kRounder);
      vst1q_f32(base + i,
                shifted ? vsubq_f32(rounder, vmulq_f32(rounder, vld1q_f32(scale + i))) : rounder);
      if (shifted) vst1q_s32(start + i, vaddq_s32(vld1q_s32(start + i), vdupq_n_s32(kRounderBits)));
    }
  }

  // Sums of four rows, of which each began with `start`, to outputs.
  VITRO_INLINE void finish(int32x4_t (&sums)[4][4], int8x16_t (&b)[4]) const {
    if (!shifted)
      each([&](size_t i, size_t q) __attribute__((always_inline)) {
        sums[i][q] = vreinterpretq_s32_f32(vcvtq_f32_s32(sums[i][q]));
      });
    each([&](size_t i, size_t q) __attribute__((always_inline)) {
      sums[i][q] = vreinterpretq_s32_f32(vfmaq_f32(
          loaded(base + q * 4), vreinterpretq_f32_s32(sums[i][q]), vld1q_f32(scale + q * 4)));
    });
    if (!narrow)
      each([&](size_t i, size_t q) __attribute__((always_inline)) {
        sums[i][q] = vreinterpretq_s32_f32(
            vmaxq_f32(vminq_f32(vreinterpretq_f32_s32(sums[i][q]), vdupq_n_f32(kRounder + 127)),
                      vdupq_n_f32(kRounder - 127)));
      });
    // The lower half of each float's bits is the output.
    static_assert((kRounderBits & 0xffff) == 0);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      b[i] = narrow16(lower_halves(sums[i][0], sums[i][1]), lower_halves(sums[i][2], sums[i][3]));
  }

 private:
  static VITRO_INLINE int16x8_t lower_halves(int32x4_t low, int32x4_t high) {
    return vuzp1q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high));
  }

  template <typename Step>
  static VITRO_INLINE void each(Step step) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (size_t q = 0; q < 4; ++q) step(i, q);
  }
};

}  // namespace
}  // namespace vitro
