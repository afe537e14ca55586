// SPDX-License-Identifier: Apache-2.0
// Small arithmetic that all NEON ISAs share, where AArch64 and ARMv7 spell it differently.
// For <family>/neon*.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/law_constants.h"

namespace vitro {
namespace {

#if defined(__aarch64__)
// Rounds half to even and saturates.
inline int16x8_t round_s16(float32x4_t low, float32x4_t high) {
  return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(low)), vcvtnq_s32_f32(high));
}
#else
inline int16x4_t round_s16(float32x4_t x) {  // the bits of what is too large for the
                                             // sum are still on the right side, and saturate
  return vqmovn_s32(vqsubq_s32(vreinterpretq_s32_f32(vaddq_f32(x, vdupq_n_f32(kRounder))),
                               vdupq_n_s32(kRounderBits)));
}
// Rounds half to even and saturates.
inline int16x8_t round_s16(float32x4_t low, float32x4_t high) {
  return vcombine_s16(round_s16(low), round_s16(high));
}
#endif

// Rounds half to even what is within int16.
#if defined(VITRO_WITH_DOTPROD)
// Where a sum with kRounder has the integer in its lower half: cores with SDOT have one pipe of two
// for conversions.
VITRO_INLINE int16x8_t round_small(float32x4_t low, float32x4_t high) {
  const float32x4_t rounder = vdupq_n_f32(kRounder);
  return vuzp1q_s16(vreinterpretq_s16_f32(vaddq_f32(low, rounder)),
                    vreinterpretq_s16_f32(vaddq_f32(high, rounder)));
}
#elif defined(__aarch64__)
inline int16x8_t round_small(float32x4_t low, float32x4_t high) {
  return vmovn_high_s32(vmovn_s32(vcvtnq_s32_f32(low)), vcvtnq_s32_f32(high));
}
#else
inline int16x8_t round_small(float32x4_t low, float32x4_t high) {
  const float32x4_t rounder = vdupq_n_f32(kRounder);
  return vcombine_s16(vmovn_s32(vreinterpretq_s32_f32(vaddq_f32(low, rounder))),
                      vmovn_s32(vreinterpretq_s32_f32(vaddq_f32(high, rounder))));
}
#endif

// Two vectors one behind the other. By one instruction, which takes the pipes for vectors half as
// long as two on cores with SDOT; GCC makes two where addresses have an index.
template <typename Number, typename Vector>
VITRO_INLINE void store_pair(Number* to, Vector first, Vector second) {
#if defined(__aarch64__)
  using Lanes = Number[32 / sizeof(Number)];
  __asm__("stp %q1, %q2, %0" : "=Q"(*reinterpret_cast<Lanes*>(to)) : "w"(first), "w"(second));
#else
  memcpy(to, &first, 16);
  memcpy(to + 16 / sizeof(Number), &second, 16);
#endif
}

// The multiplication that an ISA's tile header gives to linear and attention, as a template
// argument: at most kTileRows rows and one panel of 16 columns, [k/4][16][4], leave their sums in
// acc[row_count][16].
using MultiplyPanel = void (*)(const int8_t* rows, size_t row_stride, size_t row_count,
                               const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride);

#define VITRO_LANES(c) \
  { c, c, c, c, c, c, c, c }

// One step of Horner's rule in Q15: r * x + c, with c = lanes[Row].
#if defined(__ARM_FEATURE_QRDMX)

// The sum is rounded as the product alone would be. The constant is loaded for each use, not copied
// from a register: the instruction overwrites it, and the pipes for loads have more time than those
// for vectors. By its address: with a memory operand GCC takes this for a reader of all memory, and
// stores what it need not.
template <size_t Row>
VITRO_INLINE int16x8_t horner(int16x8_t r, int16x8_t x, const int16_t (*lanes)[8]) {
  int16x8_t c;
  __asm__ volatile("ldr %q0, [%1, %2]" : "=w"(c) : "r"(lanes), "i"(Row * 16));
  return vqrdmlahq_s16(c, r, x);
}

#else

template <size_t Row>
VITRO_INLINE int16x8_t horner(int16x8_t r, int16x8_t x, const int16_t (*lanes)[8]) {
  return vaddq_s16(vqrdmulhq_s16(r, x), vld1q_s16(lanes[Row]));
}

#endif

}  // namespace
}  // namespace vitro
