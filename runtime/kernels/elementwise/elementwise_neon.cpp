// SPDX-License-Identifier: Apache-2.0
// affine and multiply for NEON, AArch64 and ARMv7: 8 values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro::neon {

namespace {

constexpr size_t kLanes = 8;

VITRO_INLINE float32x4_t affine4(int16x4_t x, const float* scale, const float* shift) {
  return vaddq_f32(vmulq_f32(vcvtq_f32_s32(vmovl_s16(x)), vld1q_f32(scale)), vld1q_f32(shift));
}

VITRO_INLINE int16x8_t affine8(const int16_t* x, const float* scale, const float* shift) {
  const int16x8_t values = vld1q_s16(x);
  return round_s16(affine4(vget_low_s16(values), scale, shift),
                   affine4(vget_high_s16(values), scale + 4, shift + 4));
}

VITRO_INLINE int16x8_t multiply8(const int16_t* a, const int16_t* b, float scale) {
  const int16x8_t x = vld1q_s16(a), y = vld1q_s16(b);
  const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y)),
                  high = vmull_s16(vget_high_s16(x), vget_high_s16(y));
  return round_s16(vmulq_n_f32(vcvtq_f32_s32(low), scale), vmulq_n_f32(vcvtq_f32_s32(high), scale));
}

// The last columns of a row: fewer than kLanes.
void affine_rest(const AffineArgs& args, size_t row, size_t column) {
  const size_t at = row * args.dim + column, count = args.dim - column;
  int16_t x[kLanes] = {}, addend[kLanes] = {};
  float scale[kLanes] = {}, shift[kLanes] = {};
  memcpy(x, args.src + at, count * sizeof *x);
  if (args.addend) memcpy(addend, args.addend + at, count * sizeof *addend);
  memcpy(scale, args.scale + column, count * sizeof *scale);
  memcpy(shift, args.shift + column, count * sizeof *shift);
  vst1q_s16(x, vqaddq_s16(affine8(x, scale, shift), vld1q_s16(addend)));
  memcpy(args.dst + at, x, count * sizeof *x);
}

}  // namespace

void affine(const AffineArgs& args) {
  for (size_t r = 0; r < args.m; ++r) {
    const size_t first = r * args.dim;
    size_t c = 0;
    for (; c + kLanes <= args.dim; c += kLanes) {
      int16x8_t y = affine8(args.src + first + c, args.scale + c, args.shift + c);
      if (args.addend) y = vqaddq_s16(y, vld1q_s16(args.addend + first + c));
      vst1q_s16(args.dst + first + c, y);
    }
    if (c < args.dim) affine_rest(args, r, c);
  }
}

void multiply(const MultiplyArgs& args) {
  size_t i = 0;
  for (; i + kLanes <= args.count; i += kLanes)
    vst1q_s16(args.dst + i, multiply8(args.a + i, args.b + i, args.scale));
  if (i == args.count) return;
  int16_t a[kLanes] = {}, b[kLanes] = {};
  memcpy(a, args.a + i, (args.count - i) * sizeof *a);
  memcpy(b, args.b + i, (args.count - i) * sizeof *b);
  vst1q_s16(a, multiply8(a, b, args.scale));
  memcpy(args.dst + i, a, (args.count - i) * sizeof *a);
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
