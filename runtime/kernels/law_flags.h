// SPDX-License-Identifier: Apache-2.0
// What the arithmetic law needs of the compiler, for every source that computes: no multiplication
// and addition fused into one, which many compilers do unasked, and a square root that is an
// instruction. A build that defines VITRO_FLAGS_GIVEN gives these by its own flags
// (-ffp-contract=off -fno-math-errno, and those of each ISA); then nothing is switched here.
#pragma once

#include <stdint.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/isas.h"

#if !defined(VITRO_FLAGS_GIVEN)
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif
#endif

namespace vitro {
namespace {

// For CPUs without a square root, and without the C library's: correctly rounded, of normal
// positive numbers. x is m * 2^(e - 23) with an even e, and the root of m * 2^25 has 25 bits: those
// of the answer and one more, which rounds. No answer lies halfway between two floats.
inline float integer_square_root(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const int32_t exponent = static_cast<int32_t>(bits >> 23) - 127, odd = exponent & 1;
  const uint64_t square = uint64_t{(bits & 0x7fffff) | 0x800000} << (25 + odd);
  uint32_t root = 0;
  for (uint32_t bit = 1u << 24; bit != 0; bit >>= 1)
    if (uint64_t{root + bit} * (root + bit) <= square) root += bit;
  // The leading bit of the significand counts in the exponent.
  bits = (static_cast<uint32_t>((exponent - odd) / 2 + 126) << 23) + ((root + 1) >> 1);
  __builtin_memcpy(&x, &bits, sizeof bits);
  return x;
}

// Correctly rounded, as IEEE 754 has it. Where the compiler has to set errno, __builtin_sqrtf calls
// a function of the C library for negative numbers, which there are none of.
VITRO_INLINE float square_root(float x) {
#if defined(VITRO_FLAGS_GIVEN) || defined(__NO_MATH_ERRNO__)
  return __builtin_sqrtf(x);
#elif defined(__x86_64__)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__aarch64__)
  __asm__("fsqrt %s0, %s1" : "=w"(x) : "w"(x));
  return x;
#elif defined(__ARM_FP) && (__ARM_FP & 4)
  __asm__("vsqrt.f32 %0, %1" : "=t"(x) : "t"(x));
  return x;
#else
  return integer_square_root(x);
#endif
}

}  // namespace
}  // namespace vitro
