// SPDX-License-Identifier: Apache-2.0
// Small arithmetic that all NEON ISAs share, where AArch64 and ARMv7 spell it differently.
// For <family>/neon*.cpp alone; everything has internal linkage, so that no other object can pick
// it up.
#pragma once

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/law_constants.h"

namespace vitro {
namespace {

#if defined(__aarch64__)
inline int32x4_t rhe(float32x4_t x) { return vcvtnq_s32_f32(x); }
#else
inline int32x4_t rhe(float32x4_t x) {  // |x| < 2^22: adding 1.5 * 2^23 leaves no fraction
                                       // bits, and the bits count units
  return vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(x, vdupq_n_f32(kRounder))),
                   vdupq_n_s32(kRounderBits));
}
#endif

// The multiplication that an ISA's tile header gives to linear and attention, as a template
// argument: at most kTileRows rows and one panel of 16 columns, [k/4][16][4], leave their sums in
// acc[row_count][16].
using MultiplyPanel = void (*)(const int8_t* rows, size_t row_stride, size_t row_count,
                               const int8_t* panel, size_t k, int32_t* acc, size_t acc_stride);

// One step of Horner's rule in Q15.
inline int16x8_t horner(int16x8_t r, int16x8_t x, int16_t c) {
  return vaddq_s16(vqrdmulhq_s16(r, x), vdupq_n_s16(c));
}

}  // namespace
}  // namespace vitro
