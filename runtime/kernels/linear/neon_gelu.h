// SPDX-License-Identifier: Apache-2.0
// GELU of the NEON ISAs' linears. For linear/linear_neon*.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

// The law's coefficients, each in all lanes.
alignas(16) constexpr int16_t kGeluLanes[8][8] = {
    VITRO_LANES(kGelu[0]), VITRO_LANES(kGelu[1]), VITRO_LANES(kGelu[2]), VITRO_LANES(kGelu[3]),
    VITRO_LANES(kGelu[4]), VITRO_LANES(kGelu[5]), VITRO_LANES(kGelu[6]), VITRO_LANES(kGelu[7])};

#if defined(__ARM_FEATURE_QRDMX)

// r * w + kGelu[Step] for all of r.
template <size_t Step, size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count]) {
  for (size_t v = 0; v < Count; ++v) r[v] = horner<Step>(r[v], w[v], kGeluLanes);
}

#else

template <size_t Step, size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count]) {
  for (size_t v = 0; v < Count; ++v) r[v] = vqrdmulhq_s16(r[v], w[v]);
  const int16x8_t lanes = vld1q_s16(kGeluLanes[Step]);
  for (size_t v = 0; v < Count; ++v) r[v] = vaddq_s16(r[v], lanes);
}

#endif

struct Gelu {
  int16x8_t limit, shift, to_unit;

  explicit Gelu(unsigned fraction_bits)
      : limit(vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1))),
        shift(vdupq_n_s16(static_cast<int16_t>(14 - fraction_bits))),
        to_unit(vdupq_n_s16(static_cast<int16_t>(fraction_bits - 15))) {}

  // On all vectors abreast: one alone would wait for each of its own products. Calls between(0..7)
  // behind its steps.
  template <size_t Count, typename Between>
  VITRO_INLINE void apply(int16x8_t (&h)[Count], Between between) const {
    int16x8_t w[Count], r[Count];
    for (size_t v = 0; v < Count; ++v) w[v] = vqabsq_s16(h[v]);
    for (size_t v = 0; v < Count; ++v) w[v] = vminq_s16(w[v], limit);
    for (size_t v = 0; v < Count; ++v) w[v] = vshlq_s16(w[v], shift);
    for (size_t v = 0; v < Count; ++v)
      w[v] = veorq_s16(w[v], vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
    for (size_t v = 0; v < Count; ++v) r[v] = vld1q_s16(kGeluLanes[0]);
    between(0);
    gelu_step<1>(r, w);
    between(1);
    gelu_step<2>(r, w);
    between(2);
    gelu_step<3>(r, w);
    between(3);
    gelu_step<4>(r, w);
    between(4);
    gelu_step<5>(r, w);
    between(5);
    gelu_step<6>(r, w);
    between(6);
    gelu_step<7>(r, w);
    between(7);
    for (size_t v = 0; v < Count; ++v)  // the law's product with a power of two: a rounding shift
      r[v] = vrshlq_s16(r[v], to_unit);
    for (size_t v = 0; v < Count; ++v) h[v] = vmaxq_s16(h[v], vdupq_n_s16(0));
    for (size_t v = 0; v < Count; ++v) h[v] = vqsubq_s16(h[v], r[v]);
  }

  template <size_t Count>
  VITRO_INLINE void apply(int16x8_t (&h)[Count]) const {
    apply(h, [](size_t) {});
  }
};

}  // namespace
}  // namespace vitro
