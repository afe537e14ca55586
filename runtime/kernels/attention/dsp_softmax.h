// SPDX-License-Identifier: Apache-2.0
// Softmax of ARMv7E-M's attention: a row of scores to weights of 8 bits, and what averages are
// scaled with. For attention/attention_dsp.cpp alone; everything has internal linkage, so that no
// other object can pick it up.
#pragma once

#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/dsp_math.h"

namespace vitro {
namespace {

inline int32_t exponent_of(int32_t distance, float score_scale) {
  return rhe(static_cast<float>(distance) * score_scale);
}

// The law's exp2_weight, and 0 where x is negative or more than 30719: a shift by the low byte of
// all ones, or by 15 at least, leaves nothing.
inline int32_t exp2_weight(int32_t x) {
  const int32_t w = (x & 2047) << 4;
  int32_t shift, weight = horner(horner(kExp2[0], w, kExp2[1]), w, kExp2[2]);
  __asm__("usat %0, #8, %1, asr #11\n\torr %0, %0, %1, asr #31" : "=&r"(shift) : "r"(x));
  __asm__("asr %0, %0, %1" : "+r"(weight) : "r"(shift));
  return weight;
}

struct Highest {
  int32_t first, second;
  size_t token;
};

inline Highest two_highest(const int32_t* scores, size_t tokens) {
  int32_t first = scores[0], second = INT32_MIN;
  const int32_t *at = scores, *const end = scores + tokens;
#pragma GCC unroll 4
  for (const int32_t* next = scores + 1; next != end; ++next) {
    int32_t s = *next;
    // second = max(second, s); changes places with first if it is more. GCC would branch, and
    // pictures take different times.
    __asm__(
        "cmp %[s], %[second]\n\tit gt\n\tmovgt %[second], %[s]\n\tcmp %[second], %[first]\n\titttt "
        "gt\n\t"
        "movgt %[s], %[first]\n\tmovgt %[first], %[second]\n\tmovgt %[second], %[s]\n\tmovgt "
        "%[at], %[next]"
        : [first] "+r"(first), [second] "+r"(second), [at] "+r"(at), [s] "+r"(s)
        : [next] "r"(next)
        : "cc");
  }
  return {first, tokens == 1 ? first : second, static_cast<size_t>(at - scores)};
}

// A row's averages: others * its sums + leader * the leader's values.
struct WeighedRow {
  float others, leader;
  size_t token;
};

// A row's scores to its weights, in their place. Tokens beyond the last, up to a multiple of four,
// get weight 0.
__attribute__((noinline)) WeighedRow weigh(int32_t* scores, size_t tokens, float score_scale) {
  const Highest highest = two_highest(scores, tokens);
  uint8_t* const weights = reinterpret_cast<uint8_t*>(scores);
  uint16_t remainders[32];
  memcpy(remainders, kFirstRemainders, sizeof remainders);
  int32_t sum = 0;
  for (size_t j = 0; j < tokens;) {
    const size_t end = tokens - j < 32 ? tokens : j + 32;
    for (uint16_t* remainder = remainders; j < end; ++j, ++remainder) {
      const int32_t u =
          exp2_weight(exponent_of(highest.second - scores[j], score_scale)) + *remainder;
      *remainder = static_cast<uint16_t>(u & 63);
      sum += u >> 6;
      weights[j] = static_cast<uint8_t>(u >> 6);
    }
  }
  for (size_t j = tokens; j % 4 != 0; ++j) weights[j] = 0;

  // Without a condition, which may become a branch.
  const int32_t lead = exponent_of(highest.first - highest.second, score_scale),
                leads = static_cast<int32_t>(static_cast<uint32_t>(-lead) >> 31);
  const float others = static_cast<float>(1 + leads * (exp2_weight(lead) - 1)),
              leader = static_cast<float>(leads) * kLeader;
  const float norm = kAttentionUnits / (static_cast<float>(sum) * others + leader);
  return {others * norm, leader * norm, highest.token};
}

}  // namespace
}  // namespace vitro
