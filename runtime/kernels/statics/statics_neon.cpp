// SPDX-License-Identifier: Apache-2.0
// static_norm, static_quantise and static_add for NEON, AArch64 and ARMv7: 16 values at a time,
// each step for all of them, for cores that run in order.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/inline.h"
#include "runtime/kernels/norms/neon_sums.h"
#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro::neon {

namespace {

constexpr size_t kAtOnce = 16;

using Sixteen = int32x4_t[4];

template <typename Step>
VITRO_INLINE void for_all(Step step) {
#pragma GCC unroll 4
  for (size_t v = 0; v < 4; ++v) step(v);
}

// x * scale, rounded half to even; below 2^22.
VITRO_INLINE void scale(Sixteen& x, float by) {
  float32x4_t y[4];
  for_all([&](size_t v) __attribute__((always_inline)) { y[v] = vcvtq_f32_s32(x[v]); });
  for_all([&](size_t v) __attribute__((always_inline)) { y[v] = vmulq_n_f32(y[v], by); });
#if defined(__aarch64__)
  for_all([&](size_t v) __attribute__((always_inline)) { x[v] = vcvtnq_s32_f32(y[v]); });
#else
  for_all([&](size_t v)
              __attribute__((always_inline)) { y[v] = vaddq_f32(y[v], vdupq_n_f32(kRounder)); });
  for_all([&](size_t v) __attribute__((always_inline)) {
    x[v] = vsubq_s32(vreinterpretq_s32_f32(y[v]), vdupq_n_s32(kRounderBits));
  });
#endif
}

struct Words {
  int16x8_t first, second;
};

VITRO_INLINE Words narrow(const Sixteen& x) {
  int16x4_t y[4];
  for_all([&](size_t v) __attribute__((always_inline)) { y[v] = vqmovn_s32(x[v]); });
  return {vcombine_s16(y[0], y[1]), vcombine_s16(y[2], y[3])};
}

// Of rows: their numbers as they are.
struct Numbers {
  VITRO_INLINE int32x4_t four(int16x4_t x) const { return vmovl_s16(x); }
};

// Of a row that is normalised.
struct Centred {
  int16x4_t dim;
  int32x4_t sum;

  VITRO_INLINE int32x4_t four(int16x4_t x) const { return vsubq_s32(vmull_s16(x, dim), sum); }
};

template <typename Values>
VITRO_INLINE void quantise16(const int16_t* src, const Values& values, float by,
                             int16x8_t zero_point, int8_t* dst) {
  const int16x8_t x0 = vld1q_s16(src), x1 = vld1q_s16(src + 8);
  Sixteen x = {values.four(vget_low_s16(x0)), values.four(vget_high_s16(x0)),
               values.four(vget_low_s16(x1)), values.four(vget_high_s16(x1))};
  scale(x, by);
  const Words words = narrow(x);
  vst1q_s8(dst, vcombine_s8(vqmovn_s16(vqaddq_s16(words.first, zero_point)),
                            vqmovn_s16(vqaddq_s16(words.second, zero_point))));
}

template <typename Values>
VITRO_INLINE void quantise(const int16_t* src, size_t count, const Values& values, float by,
                           int32_t zero, int8_t* dst) {
  const int16x8_t zero_point = vdupq_n_s16(static_cast<int16_t>(zero));
  size_t i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) quantise16(src + i, values, by, zero_point, dst + i);
  if (i == count) return;
  int16_t x[kAtOnce] = {};
  int8_t y[kAtOnce];
  memcpy(x, src + i, (count - i) * sizeof *x);
  quantise16(x, values, by, zero_point, y);
  memcpy(dst + i, y, count - i);
}

void normalise(const StaticNormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const Centred values{vdup_n_s16(static_cast<int16_t>(args.dim)), vdupq_n_s32(sum)};
  quantise(args.src + m * args.dim, args.dim, values, inverse_deviation * args.scale,
           args.zero_point, args.dst + m * args.dim);
}

VITRO_INLINE void add16(const int8_t* src, const int16_t* addend, float by, int16_t* dst) {
  const int8x16_t q = vld1q_s8(src);
  const int16x8_t q0 = vmovl_s8(vget_low_s8(q)), q1 = vmovl_s8(vget_high_s8(q)),
                  a0 = vld1q_s16(addend), a1 = vld1q_s16(addend + 8);
  Sixteen x = {vmovl_s16(vget_low_s16(q0)), vmovl_s16(vget_high_s16(q0)),
               vmovl_s16(vget_low_s16(q1)), vmovl_s16(vget_high_s16(q1))};
  scale(x, by);
  x[0] = vaddw_s16(x[0], vget_low_s16(a0));
  x[1] = vaddw_s16(x[1], vget_high_s16(a0));
  x[2] = vaddw_s16(x[2], vget_low_s16(a1));
  x[3] = vaddw_s16(x[3], vget_high_s16(a1));
  const Words words = narrow(x);
  vst1q_s16(dst, words.first);
  vst1q_s16(dst + 8, words.second);
}

}  // namespace

void static_norm(const StaticNormArgs& args) { norm_rows<sums, normalise>(args); }

void static_quantise(const StaticQuantiseArgs& args) {
  quantise(args.src, args.count, Numbers{}, args.scale, args.zero_point, args.dst);
}

void static_add(const StaticAddArgs& args) {
  const size_t count = args.count;
  const float by = args.scale;
  size_t i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) add16(args.src + i, args.addend + i, by, args.dst + i);
  if (i == count) return;
  int8_t q[kAtOnce] = {};
  int16_t sum[kAtOnce] = {};
  memcpy(q, args.src + i, count - i);
  memcpy(sum, args.addend + i, (count - i) * sizeof *sum);
  add16(q, sum, by, sum);
  memcpy(args.dst + i, sum, (count - i) * sizeof *sum);
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
