// SPDX-License-Identifier: Apache-2.0
// Small arithmetic of the Helium kernels. In pairs of vectors the first holds the even lanes of
// eight numbers and the second the odd ones, since that is how MVE loads two (vld2) and narrows two
// into one (vmovnb, vmovnt). For <family>/*_helium.cpp alone; everything has internal linkage, so
// that no other object can pick it up.
#pragma once

#if defined(__FAST_MATH__)
#error "the arithmetic law needs IEEE semantics: do not build with -ffast-math"
#endif

#include <arm_mve.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace vitro {
namespace {

// Rounds half to even and saturates, so a clamp in float can follow in integers.
inline int32x4_t rhe(float32x4_t x) { return vcvtnq_s32_f32(x); }

// Eight int16 of two times four int32, saturated.
inline int16x8_t narrow(int32x4_t even, int32x4_t odd) {
  return vqmovntq_s32(vqmovnbq_s32(vuninitializedq_s16(), even), odd);
}

// One step of Horner's rule in Q15.
inline int16x8_t horner(int16x8_t r, int16x8_t x, int16_t c) {
  return vaddq_n_s16(vqrdmulhq_s16(r, x), c);
}

// The first `left` of eight lanes.
inline mve_pred16_t lanes8(size_t left) { return vctp16q(static_cast<uint32_t>(left)); }

}  // namespace
}  // namespace vitro
