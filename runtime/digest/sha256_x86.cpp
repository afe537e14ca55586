// SPDX-License-Identifier: Apache-2.0
// SHA-256 by x86's SHA extensions (Intel SDM, SHA256RNDS2, SHA256MSG1, SHA256MSG2).
#include "runtime/kernels/targets.h"

#if defined(__x86_64__) && defined(VITRO_HAVE_SHA256_INSTRUCTIONS)
VITRO_TARGET_SHA_X86

#include "runtime/digest/sha256_blocks.h"

namespace vitro {

void sha256_blocks_by_instructions(uint32_t* state, const uint8_t* bytes, size_t count) {
  __m128i* const halves = reinterpret_cast<__m128i*>(state);
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  // The instructions want the words a, b, e, f in one register and c, d, g, h in the other.
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(halves), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(halves + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

  for (; count > 0; --count, bytes += kSha256BlockBytes) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];  // the last 16 words of the schedule
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& now = w[i % 4];
      if (i < 4) {
        const __m128i* const block = reinterpret_cast<const __m128i*>(bytes);
        now = _mm_shuffle_epi8(_mm_loadu_si128(block + i), big_endian);
      } else {
        const __m128i last = w[(i + 3) % 4];
        now = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) % 4]),
                            _mm_alignr_epi8(last, w[(i + 2) % 4], 4));
        now = _mm_sha256msg2_epu32(now, last);
      }
      const __m128i* const constants = reinterpret_cast<const __m128i*>(kSha256Round);
      const __m128i wk = _mm_add_epi32(now, _mm_loadu_si128(constants + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }

  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(halves, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(halves + 1, _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace vitro

VITRO_TARGET_END
#endif  // VITRO_HAVE_SHA256_INSTRUCTIONS
