// SPDX-License-Identifier: Apache-2.0
// rotate_pairs for NEON, AArch64 and ARMv7: 8 pairs at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro::neon {

namespace {

constexpr size_t kPairs = 8;

VITRO_INLINE float32x4_t scaled(int32x4_t sums, float scale) {
  const float32x4_t y = vmulq_n_f32(vcvtq_f32_s32(sums), scale);
  return vmaxq_f32(vminq_f32(y, vdupq_n_f32(127)), vdupq_n_f32(-127));
}

VITRO_INLINE int8x8_t rounded(int32x4_t low, int32x4_t high, float scale) {
  return vmovn_s16(round_s16(scaled(low, scale), scaled(high, scale)));
}

// a[i], b[i] and turns[i]{cosine, sine} -> low[i], high[i].
VITRO_INLINE void rotate(const int16_t* a, const int16_t* b, const int16_t* turns, float scale,
                         int8_t* low, int8_t* high) {
  const int16x8_t x = vld1q_s16(a), y = vld1q_s16(b);
  const int16x8x2_t turn = vld2q_s16(turns);
  const int16x4_t x0 = vget_low_s16(x), x1 = vget_high_s16(x), y0 = vget_low_s16(y),
                  y1 = vget_high_s16(y), c0 = vget_low_s16(turn.val[0]),
                  c1 = vget_high_s16(turn.val[0]), s0 = vget_low_s16(turn.val[1]),
                  s1 = vget_high_s16(turn.val[1]);
  vst1_s8(low, rounded(vmlsl_s16(vmull_s16(x0, c0), y0, s0), vmlsl_s16(vmull_s16(x1, c1), y1, s1),
                       scale));
  vst1_s8(high, rounded(vmlal_s16(vmull_s16(y0, c0), x0, s0), vmlal_s16(vmull_s16(y1, c1), x1, s1),
                        scale));
}

// The same of fewer pairs.
void rotate_rest(const RotatePairsArgs& args, size_t at, float scale, const int16_t* x,
                 int8_t* dst) {
  const size_t half = args.head_dim / 2, count = half - at;
  int16_t a[kPairs] = {}, b[kPairs] = {}, turns[2 * kPairs] = {};
  int8_t low[kPairs], high[kPairs];
  memcpy(a, x + at, count * 2);
  memcpy(b, x + half + at, count * 2);
  memcpy(turns, args.turns + 2 * at, count * 4);
  rotate(a, b, turns, scale, low, high);
  memcpy(dst + at, low, count);
  memcpy(dst + half + at, high, count);
}

}  // namespace

void rotate_pairs(const RotatePairsArgs& args) {
  const size_t half = args.head_dim / 2;
  const int16_t* x = args.src;
  int8_t* dst = args.dst;
  for (size_t h = 0; h < args.heads; ++h, x += args.head_dim, dst += args.head_dim) {
    const float scale = args.scale[h];
    size_t i = 0;
    for (; i + kPairs <= half; i += kPairs)
      rotate(x + i, x + half + i, args.turns + 2 * i, scale, dst + i, dst + half + i);
    if (i < half) rotate_rest(args, i, scale, x, dst);
  }
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
