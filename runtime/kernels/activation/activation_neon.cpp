// SPDX-License-Identifier: Apache-2.0
// silu for NEON, AArch64 and ARMv7: 16 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro::neon {

namespace {

constexpr size_t kVectors = 2;

// On all vectors abreast: one alone would wait for each of its own products.
VITRO_INLINE void apply(int16x8_t (&h)[kVectors], unsigned fraction_bits) {
  const int16x8_t limit = vdupq_n_s16(static_cast<int16_t>((12 << fraction_bits) - 1)),
                  up = vdupq_n_s16(static_cast<int16_t>(11 - fraction_bits)),
                  to_unit = vdupq_n_s16(static_cast<int16_t>(fraction_bits - 14));
  int16x8_t w[kVectors], r[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    const int16x8_t t = vshlq_s16(vminq_s16(vqabsq_s16(h[v]), limit), up);
    const int16x8_t sixths = vshlq_n_s16(vqrdmulhq_n_s16(t, kTwoThirds), 2);
    w[v] = veorq_s16(sixths, vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
    r[v] = vdupq_n_s16(kSilu[0]);
  }
  for (size_t i = 1; i < 12; ++i)
    for (size_t v = 0; v < kVectors; ++v)
      r[v] = vaddq_s16(vqrdmulhq_s16(r[v], w[v]), vdupq_n_s16(kSilu[i]));
  for (size_t v = 0; v < kVectors; ++v)
    h[v] = vqsubq_s16(vmaxq_s16(h[v], vdupq_n_s16(0)), vrshlq_s16(r[v], to_unit));
}

}  // namespace

void silu(const SiluArgs& args) {
  size_t i = 0;
  for (; i + 16 <= args.count; i += 16) {
    int16x8_t h[kVectors] = {vld1q_s16(args.values + i), vld1q_s16(args.values + i + 8)};
    apply(h, args.fraction_bits);
    vst1q_s16(args.values + i, h[0]);
    vst1q_s16(args.values + i + 8, h[1]);
  }
  if (i == args.count) return;
  int16_t rest[16] = {};
  memcpy(rest, args.values + i, (args.count - i) * 2);
  int16x8_t h[kVectors] = {vld1q_s16(rest), vld1q_s16(rest + 8)};
  apply(h, args.fraction_bits);
  vst1q_s16(rest, h[0]);
  vst1q_s16(rest + 8, h[1]);
  memcpy(args.values + i, rest, (args.count - i) * 2);
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
