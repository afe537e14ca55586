// SPDX-License-Identifier: Apache-2.0
// Small arithmetic of the ARMv7E-M kernels: Cortex-M4 and M7, whose FPU is scalar.
// For <family>/*_dsp.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#if defined(__FAST_MATH__)
#error "the arithmetic law needs IEEE semantics: do not build with -ffast-math"
#endif

#include <arm_acle.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/inline.h"

namespace vitro {
namespace {

// Half to even, in the FPU's own rounding mode, which is that after reset; out of range saturates,
// so a clamp in float can follow in integers.
inline int32_t rhe(float x) {
  float bits;
  __asm__("vcvtr.s32.f32 %0, %1" : "=t"(bits) : "t"(x));
  int32_t rounded;
  memcpy(&rounded, &bits, sizeof rounded);
  return rounded;
}

inline int32_t sat16(int32_t x) { return __ssat(x, 16); }

// One step of Horner's rule in Q15: the rounding and the constant are added at once.
inline int32_t horner(int32_t r, int32_t x, int32_t c) {
  return (r * x + (c * 32768 + 16384)) >> 15;
}

inline int32_t load4(const void* p) {
  int32_t four;
  memcpy(&four, p, sizeof four);
  return four;
}

inline void store4(void* p, int32_t four) { memcpy(p, &four, sizeof four); }

// Two int16 in one word, the first of them below. ACLE has no intrinsics for these two, and GCC
// does not find them.
inline int32_t low_halves(int32_t first, int32_t second) {
  int32_t both;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(both) : "r"(first), "r"(second));
  return both;
}

inline int32_t high_halves(int32_t first, int32_t second) {
  int32_t both;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(both) : "r"(second), "r"(first));
  return both;
}

constexpr int32_t twice(int32_t half) {
  return static_cast<int32_t>((static_cast<uint32_t>(half) & 0xffff) * 0x10001);
}

}  // namespace
}  // namespace vitro
