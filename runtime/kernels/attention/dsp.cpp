// SPDX-License-Identifier: Apache-2.0
// attention for ARMv7E-M, Cortex-M4 and M7, eight queries at a time: scores of one head in the
// workspace, their weights in their place as uint8, never a whole map.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/dsp_tile.h"

namespace vitro::dsp {

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

inline int16_t average(int32_t sum, int8_t value, const WeighedRow& row) {
  const int32_t rounded =
      sat16(rhe(static_cast<float>(sum) * row.others + static_cast<float>(value) * row.leader));
  return static_cast<int16_t>(rounded + (rounded == -32768));
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16,
               depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const uint8_t* const weights = static_cast<const uint8_t*>(args.workspace);
  int32_t acc[kAttentionRows][16];
  WeighedRow weighed[kAttentionRows];

  for (size_t m = 0; m < args.m; m += kAttentionRows) {
    const size_t rows = args.m - m < kAttentionRows ? args.m - m : kAttentionRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim,
                       args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i) memcpy(scores + i * padded + j, acc[i], sizeof acc[i]);
      }
      for (size_t i = 0; i < rows; ++i)
        weighed[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head]);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (head * value_panels + panel) * depth * 16;
        multiply_panel(weights, padded * 4, rows, values, depth, acc);
        const size_t left = args.head_dim - panel * 16, columns = left < 16 ? left : 16;
        for (size_t i = 0; i < rows; ++i) {
          const int8_t* const value = values + weighed[i].token / 4 * 64 + weighed[i].token % 4;
          int16_t* const dst = args.dst + at + i * dim + panel * 16;
          for (size_t j = 0; j < columns; ++j)
            dst[j] = average(acc[i][j], value[j * 4], weighed[i]);
        }
      }
    }
  }
}

}  // namespace vitro::dsp
