// SPDX-License-Identifier: Apache-2.0
// Where the outputs of whole tiles go: four rows x 16 columns of AArch64. For
// linear/neon_whole_tiles.h alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/linear/neon_outputs.h"

namespace vitro {
namespace {

VITRO_INLINE int8x16_t narrow16(int16x8_t low, int16x8_t high) {
  return vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), vdupq_n_s8(-127));
}

// Each stores sixteen outputs of rows from m on.

template <LinearOutput output>
struct WholeRows {
  static constexpr bool kBytes = output == LinearOutput::s8;
  using Number = typename NumberOf<output>::Type;

  Number* dst;            // row 0 of the first column
  const int16_t* addend;  // likewise
  size_t stride;
  Gelu gelu;

  WholeRows(const LinearArgs& args, size_t n)
      : dst(static_cast<Number*>(args.dst) + n),
        addend(output == LinearOutput::residual ? static_cast<const int16_t*>(args.addend) + n
                                                : nullptr),
        stride(args.dst_stride),
        gelu(args.fraction_bits) {}

  template <size_t Vectors>
  VITRO_INLINE void store(size_t m, int16x8_t (&h)[Vectors]) const {
#pragma GCC unroll 4
    for (size_t i = 0; i < Vectors; i += 2) {
      const size_t at = (m + i / 2) * stride;
      if constexpr (output == LinearOutput::residual) {
        h[i] = vqaddq_s16(vld1q_s16(addend + at), h[i]);
        h[i + 1] = vqaddq_s16(vld1q_s16(addend + at + 8), h[i + 1]);
      }
      if constexpr (output == LinearOutput::s8)
        vst1q_s8(dst + at, narrow16(h[i], h[i + 1]));
      else
        store_pair(dst + at, h[i], h[i + 1]);
    }
  }

  VITRO_INLINE void store(size_t m, const int8x16_t (&b)[4]) const {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) vst1q_s8(dst + (m + i) * stride, b[i]);
  }
};

// Whole tiles of packed tensors: four tokens that lie together.
struct WholeKeys {
  static constexpr bool kBytes = true;
  const KeyRows first, second;

  WholeKeys(const LinearArgs& args, size_t n) : first(args, n, 8), second(args, n + 8, 8) {}

  VITRO_INLINE void store(size_t m, const int8x16_t (&b)[4]) const {
    const size_t at = first.at(m);
    const int32x4_t r0 = vreinterpretq_s32_s8(b[0]), r1 = vreinterpretq_s32_s8(b[1]),
                    r2 = vreinterpretq_s32_s8(b[2]), r3 = vreinterpretq_s32_s8(b[3]);
    const int64x2_t even01 = vreinterpretq_s64_s32(vtrn1q_s32(r0, r1)),
                    even23 = vreinterpretq_s64_s32(vtrn1q_s32(r2, r3)),
                    odd01 = vreinterpretq_s64_s32(vtrn2q_s32(r0, r1)),
                    odd23 = vreinterpretq_s64_s32(vtrn2q_s32(r2, r3));
    vst1q_s8(first.quads[0] + at, vreinterpretq_s8_s64(vtrn1q_s64(even01, even23)));
    vst1q_s8(first.quads[1] + at, vreinterpretq_s8_s64(vtrn1q_s64(odd01, odd23)));
    vst1q_s8(second.quads[0] + at, vreinterpretq_s8_s64(vtrn2q_s64(even01, even23)));
    vst1q_s8(second.quads[1] + at, vreinterpretq_s8_s64(vtrn2q_s64(odd01, odd23)));
  }
};

struct WholeValues {
  static constexpr bool kBytes = true;
  const ValueRows first, second;
  const bool one_panel;  // all sixteen columns

  WholeValues(const LinearArgs& args, size_t n)
      : first(args, n, 8), second(args, n + 8, 8), one_panel(args.head_dim % 16 == 0) {}

  VITRO_INLINE void store(size_t m, const int8x16_t (&b)[4]) const {
    if (one_panel) {
      // GCC takes registers behind each other through memory.
      register int8x16_t b0 asm("v16") = b[0], b1 asm("v17") = b[1], b2 asm("v18") = b[2],
                            b3 asm("v19") = b[3];
      __asm__("st4 {v16.16b-v19.16b}, %0"
              : "=Q"(*reinterpret_cast<int8_t(*)[64]>(first.first + first.tokens_at(m)))
              : "w"(b0), "w"(b1), "w"(b2), "w"(b3));
      return;
    }
    first.store_bytes(
        m, {{vget_low_s8(b[0]), vget_low_s8(b[1]), vget_low_s8(b[2]), vget_low_s8(b[3])}});
    second.store_bytes(
        m, {{vget_high_s8(b[0]), vget_high_s8(b[1]), vget_high_s8(b[2]), vget_high_s8(b[3])}});
  }
};

}  // namespace
}  // namespace vitro
