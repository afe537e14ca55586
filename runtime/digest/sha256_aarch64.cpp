// SPDX-License-Identifier: Apache-2.0
// SHA-256 by AArch64's SHA2 instructions (Arm ARM, SHA256H, SHA256H2, SHA256SU0, SHA256SU1).
#include "runtime/kernels/targets.h"

#if defined(__aarch64__) && defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
VITRO_TARGET_SHA_AARCH64

#include "runtime/digest/sha256_blocks.h"

namespace vitro {

void sha256_blocks_by_instructions(uint32_t* state, const uint8_t* bytes, size_t count) {
  uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
  for (; count > 0; --count, bytes += kSha256BlockBytes) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4];  // the last 16 words of the schedule
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      uint32x4_t& now = w[i % 4];
      if (i < 4)
        now = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes + 16 * i)));
      else
        now = vsha256su1q_u32(vsha256su0q_u32(now, w[(i + 1) % 4]), w[(i + 2) % 4], w[(i + 3) % 4]);
      const uint32x4_t wk = vaddq_u32(now, vld1q_u32(kSha256Round + 4 * i)), before = abcd;
      abcd = vsha256hq_u32(abcd, efgh, wk);
      efgh = vsha256h2q_u32(efgh, before, wk);
    }
    abcd = vaddq_u32(abcd, abcd_before);
    efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(state, abcd);
  vst1q_u32(state + 4, efgh);
}

}  // namespace vitro

VITRO_TARGET_END
#endif  // VITRO_HAVE_SHA256_INSTRUCTIONS
