// SPDX-License-Identifier: Apache-2.0
// GELU of the NEON ISAs' linears. For linear/linear_neon*.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/neon_math.h"

namespace vitro {
namespace {

// The law's coefficients, each in all lanes.
#define VITRO_LANES(c) \
  { c, c, c, c, c, c, c, c }
alignas(16) constexpr int16_t kGeluLanes[8][8] = {
    VITRO_LANES(kGelu[0]), VITRO_LANES(kGelu[1]), VITRO_LANES(kGelu[2]), VITRO_LANES(kGelu[3]),
    VITRO_LANES(kGelu[4]), VITRO_LANES(kGelu[5]), VITRO_LANES(kGelu[6]), VITRO_LANES(kGelu[7])};
#undef VITRO_LANES

#if defined(__ARM_FEATURE_QRDMX)

// Loaded for each use, not copied from a register: the instruction overwrites it, and the pipes for
// loads have more time than those for vectors.
VITRO_INLINE int16x8_t fresh(const int16_t (&lanes)[8]) {
  int16x8_t v;
  __asm__ volatile("ldr %q0, %1" : "=w"(v) : "m"(lanes));
  return v;
}

// r * w + c for all of r; the sum is rounded as the product alone would be.
template <size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count],
                            const int16_t (&c)[8]) {
  for (size_t v = 0; v < Count; ++v) r[v] = vqrdmlahq_s16(fresh(c), r[v], w[v]);
}

#else

template <size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count],
                            const int16_t (&c)[8]) {
  for (size_t v = 0; v < Count; ++v) r[v] = vqrdmulhq_s16(r[v], w[v]);
  const int16x8_t lanes = vld1q_s16(c);
  for (size_t v = 0; v < Count; ++v) r[v] = vaddq_s16(r[v], lanes);
}

#endif

struct Gelu {
  int16x8_t limit, shift, to_unit;

  explicit Gelu(unsigned fraction_bits)
      : limit(vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1))),
        shift(vdupq_n_s16(static_cast<int16_t>(14 - fraction_bits))),
        to_unit(vdupq_n_s16(static_cast<int16_t>(fraction_bits - 15))) {}

  // On all vectors abreast: one alone would wait for each of its own products.
  template <size_t Count>
  VITRO_INLINE void apply(int16x8_t (&h)[Count]) const {
    int16x8_t w[Count], r[Count];
    for (size_t v = 0; v < Count; ++v) w[v] = vqabsq_s16(h[v]);
    for (size_t v = 0; v < Count; ++v) w[v] = vminq_s16(w[v], limit);
    for (size_t v = 0; v < Count; ++v) w[v] = vshlq_s16(w[v], shift);
    for (size_t v = 0; v < Count; ++v)
      w[v] = veorq_s16(w[v], vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
    for (size_t v = 0; v < Count; ++v) r[v] = vld1q_s16(kGeluLanes[0]);
    gelu_step(r, w, kGeluLanes[1]);
    gelu_step(r, w, kGeluLanes[2]);
    gelu_step(r, w, kGeluLanes[3]);
    gelu_step(r, w, kGeluLanes[4]);
    gelu_step(r, w, kGeluLanes[5]);
    gelu_step(r, w, kGeluLanes[6]);
    gelu_step(r, w, kGeluLanes[7]);
    for (size_t v = 0; v < Count; ++v)  // the law's product with a power of two: a rounding shift
      r[v] = vrshlq_s16(r[v], to_unit);
    for (size_t v = 0; v < Count; ++v) h[v] = vmaxq_s16(h[v], vdupq_n_s16(0));
    for (size_t v = 0; v < Count; ++v) h[v] = vqsubq_s16(h[v], r[v]);
  }
};

}  // namespace
}  // namespace vitro
