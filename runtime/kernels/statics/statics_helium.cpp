// SPDX-License-Identifier: Apache-2.0
// static_norm, static_quantise and static_add for Helium, Cortex-M55: four values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_HELIUM)
VITRO_TARGET_HELIUM

#include "runtime/kernels/norms/norm_rows.h"
#include "runtime/kernels/tiles/helium_math.h"

namespace vitro::helium {

namespace {

mve_pred16_t lanes4(size_t left) { return vctp32q(static_cast<uint32_t>(left)); }

NormSums sums(const int16_t* x, size_t dim) {
  NormSums s{0, 0};
  for (size_t c = 0; c < dim; c += 8) {
    const int16x8_t v = vld1q_z_s16(x + c, lanes8(dim - c));
    s.sum = vaddvaq_s16(s.sum, v);
    s.squares = vmlaldavaq_s16(s.squares, v, v);
  }
  return s;
}

// Products stay below 2^22, so what clamps may follow.
VITRO_INLINE int32x4_t rounded(int32x4_t x, float scale) {
  return rhe(vmulq_n_f32(vcvtq_f32_s32(x), scale));
}

// (x * dim - sum) * scale.
struct Quantiser {
  int32_t dim, sum;
  float scale;
  int32_t zero_point;
};

__attribute__((noinline)) void quantise(Quantiser by, const int16_t* x, size_t count, int8_t* dst) {
  for (size_t i = 0; i < count; i += 4) {
    const mve_pred16_t present = lanes4(count - i);
    const int32x4_t centred =
        vsubq_n_s32(vmulq_n_s32(vldrhq_z_s32(x + i, present), by.dim), by.sum);
    const int32x4_t q = vaddq_n_s32(rounded(centred, by.scale), by.zero_point);
    vstrbq_p_s32(dst + i, vmaxq_s32(vminq_s32(q, vdupq_n_s32(127)), vdupq_n_s32(-128)), present);
  }
}

void normalise(const StaticNormArgs& args, size_t m, int32_t sum, float inverse_deviation) {
  const size_t at = m * args.dim;
  quantise({static_cast<int32_t>(args.dim), sum, inverse_deviation * args.scale, args.zero_point},
           args.src + at, args.dim, args.dst + at);
}

}  // namespace

void static_norm(const StaticNormArgs& args) { norm_rows<sums, normalise>(args); }

void static_quantise(const StaticQuantiseArgs& args) {
  quantise({1, 0, args.scale, args.zero_point}, args.src, args.count, args.dst);
}

void static_add(const StaticAddArgs& args) {
  for (size_t i = 0; i < args.count; i += 4) {
    const mve_pred16_t present = lanes4(args.count - i);
    const int32x4_t sum = vaddq_s32(rounded(vldrbq_z_s32(args.src + i, present), args.scale),
                                    vldrhq_z_s32(args.addend + i, present));
    vstrhq_p_s32(args.dst + i, vmaxq_s32(vminq_s32(sum, vdupq_n_s32(32767)), vdupq_n_s32(-32768)),
                 present);
  }
}

}  // namespace vitro::helium

VITRO_BASELINE_END
#endif  // VITRO_HAVE_HELIUM
