// SPDX-License-Identifier: Apache-2.0
// smmla: 32 MAC in an instruction, 16 independent accumulators.
#include <arm_neon.h>

#include "platforms/host/limit/limit.h"

namespace vitro::neon_i8mm {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  int8x16_t a = vdupq_n_s8(static_cast<int8_t>(*sink + 1)),
            w = vdupq_n_s8(static_cast<int8_t>(*sink + 2));
  int32x4_t s[16];
  for (int32x4_t& x : s) x = vdupq_n_s32(*sink);
  for (uint64_t i = 0; i < rounds; ++i) {
    for (int32x4_t& x : s) x = vmmlaq_s32(x, w, a);
    __asm__ volatile("" : "+w"(a), "+w"(w));
  }
  int32x4_t sum = s[0];
  for (int j = 1; j < 16; ++j) sum = vaddq_s32(sum, s[j]);
  *sink = vgetq_lane_s32(sum, 0) & 1;
  return rounds * 16 * 32;
}

}  // namespace vitro::neon_i8mm
