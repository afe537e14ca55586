// SPDX-License-Identifier: Apache-2.0
// smull, smlal (two products stay inside int16), sadalp: 16 MAC in three instructions, 12
// independent accumulators.
#include <arm_neon.h>

#include "platforms/host/limit/limit.h"

namespace vitro::neon {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  int8x8_t a = vdup_n_s8(static_cast<int8_t>(*sink + 1)),
           w = vdup_n_s8(static_cast<int8_t>(*sink + 2));
  int32x4_t s[12];
  for (int32x4_t& x : s) x = vdupq_n_s32(*sink);
  for (uint64_t i = 0; i < rounds; ++i) {
    for (int32x4_t& x : s) x = vpadalq_s16(x, vmlal_s8(vmull_s8(a, w), a, w));
    __asm__ volatile("" : "+w"(a), "+w"(w));
  }
  int32x4_t sum = s[0];
  for (int j = 1; j < 12; ++j) sum = vaddq_s32(sum, s[j]);
  *sink = vgetq_lane_s32(sum, 0) & 1;
  return rounds * 12 * 16;
}

}  // namespace vitro::neon
