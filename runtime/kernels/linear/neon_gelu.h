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

// [fraction bits - 6]: what |h| is added to.
#define VITRO_START(bits) VITRO_LANES(-(2 << bits))
alignas(16) constexpr int16_t kGeluStarts[8][8] = {
    VITRO_START(6),  VITRO_START(7),  VITRO_START(8),  VITRO_START(9),
    VITRO_START(10), VITRO_START(11), VITRO_START(12), VITRO_START(13)};
#undef VITRO_START

#if defined(__ARM_FEATURE_QRDMX)

// start + |h|. The start is loaded as horner's constants are.
VITRO_INLINE int16x8_t add_magnitude(const int16_t* start, int16x8_t h) {
  int16x8_t sum;
  __asm__ volatile("ldr %q0, [%1]" : "=w"(sum) : "r"(start));
  return vabaq_s16(sum, h, vdupq_n_s16(0));
}

// r * w + kGelu[Step] for all of r.
template <size_t Step, size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count]) {
  for (size_t v = 0; v < Count; ++v) r[v] = horner<Step>(r[v], w[v], kGeluLanes);
}

#else

VITRO_INLINE int16x8_t add_magnitude(const int16_t* start, int16x8_t h) {
  return vaddq_s16(vld1q_s16(start), vabsq_s16(h));
}

template <size_t Step, size_t Count>
VITRO_INLINE void gelu_step(int16x8_t (&r)[Count], const int16x8_t (&w)[Count]) {
  for (size_t v = 0; v < Count; ++v) r[v] = vqrdmulhq_s16(r[v], w[v]);
  const int16x8_t lanes = vld1q_s16(kGeluLanes[Step]);
  for (size_t v = 0; v < Count; ++v) r[v] = vaddq_s16(r[v], lanes);
}

#endif

struct Gelu {
  const int16_t* start;
  int16x8_t shift, whole, to_unit;

  explicit Gelu(unsigned fraction_bits)
      : start(kGeluStarts[(fraction_bits - 6) % 8]),
        shift(vdupq_n_s16(static_cast<int16_t>(14 - fraction_bits))),
        whole(vshlq_s16(vdupq_n_s16(-1), shift)),
        to_unit(vdupq_n_s16(static_cast<int16_t>(fraction_bits - 15))) {}

  // On all vectors abreast: one alone would wait for each of its own products. Calls between(0..7)
  // behind its steps.
  template <size_t Count, typename Between>
  VITRO_INLINE void apply(int16x8_t (&h)[Count], Between between) const {
    int16x8_t w[Count], r[Count];
    // |h| << shift, less 32768, saturated; without the bits below `shift`, that is the law's limit.
    for (size_t v = 0; v < Count; ++v) w[v] = add_magnitude(start, h[v]);
    for (size_t v = 0; v < Count; ++v) w[v] = vqshlq_s16(w[v], shift);
    for (size_t v = 0; v < Count; ++v) w[v] = vandq_s16(w[v], whole);
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
