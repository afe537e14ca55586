// SPDX-License-Identifier: Apache-2.0
// attention for Helium, Cortex-M55, six queries at a time: scores of one head in the workspace,
// their weights behind them as uint8, never a whole map.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/helium_tile.h"

namespace vitro::helium {

namespace {

constexpr size_t kQueries = 6;  // whole tiles
static_assert(kQueries * 4 + kQueries <= kAttentionRows * 4 && kQueries % kTileRows == 0,
              "the workspace holds scores and weights");

int32x4_t product(int32x4_t score, int32_t zero, float factor) {
  return rhe(vmulq_n_f32(vcvtq_f32_s32(vsubq_n_s32(score, zero)), factor));
}

// rhe(float(score - zero) * factor), saturated to int16.
uint16x8_t exponents_of(int32x4x2_t scores, int32_t zero, float factor) {
  return vreinterpretq_u16_s16(
      narrow(product(scores.val[0], zero, factor), product(scores.val[1], zero, factor)));
}

// The law's exp2_weight.
uint16x8_t exp2_weight(uint16x8_t x) {
  const int16x8_t w = vreinterpretq_s16_u16(vshrq_n_u16(vshlq_n_u16(x, 5), 1));
  const int16x8_t e = horner(vaddq_n_s16(vqrdmulhq_n_s16(w, kExp2[0]), kExp2[1]), w, kExp2[2]);
  return vreinterpretq_u16_s16(vshlq_s16(e, vnegq_s16(vreinterpretq_s16_u16(vshrq_n_u16(x, 11)))));
}

struct TwoHighest {
  int32_t first, second;
};

TwoHighest two_highest(const int32_t* scores, size_t tokens) {
  const int32x4_t lowest = vdupq_n_s32(INT32_MIN);
  const size_t last = (tokens - 1) / 4 * 4;
  int32x4_t first = vpselq_s32(vld1q_s32(scores + last), lowest,
                               vctp32q(static_cast<uint32_t>(tokens - last))),
            second = lowest;
  for (size_t j = 0; j < last; j += 4) {
    const int32x4_t s = vld1q_s32(scores + j);
    second = vmaxq_s32(second, vminq_s32(first, s));
    first = vmaxq_s32(first, s);
  }
  // Lanes 0 and 2 of both with lanes 1 and 3, then with one another. By maxima alone: a condition
  // may become a branch, which some pictures take and others do not.
  const int32x4_t other = vrev64q_s32(first);
  second = vmaxq_s32(vmaxq_s32(second, vrev64q_s32(second)), vminq_s32(first, other));
  first = vmaxq_s32(first, other);
  const int32_t a = vgetq_lane_s32(first, 0), b = vgetq_lane_s32(first, 2);
  const int32_t highest = a > b ? a : b;
  const int32_t next = vmaxvq_s32(a > b ? b : a, second);
  return {highest, tokens == 1 ? highest : next};
}

// A row's averages: others * (its sums - excess) + leader * the leader's values.
struct WeighedRow {
  float others, leader;
  int32_t excess;
  size_t token;  // the leader's where it leads, else any
};

// A row's scores to its weights. Scores and weights beyond the last token, up to a multiple of 8,
// are written to; weights there are 0.
__attribute__((noinline)) WeighedRow weigh(int32_t* scores, size_t tokens, float score_scale,
                                           uint8_t* weights) {
  const TwoHighest highest = two_highest(scores, tokens);
  for (size_t j = tokens; j % 8 != 0; ++j) scores[j] = highest.second;
  uint32_t sum = 0;
  uint16x8_t leads =
      vdupq_n_u16(0);  // 1 + the first token of the leader's eight, in the leader's lane
  for (size_t first = 0; first < 32; first += 8) {
    uint16x8_t remainders = vld1q_u16(kFirstRemainders + first);
    for (size_t j = first; j < tokens; j += 32) {
      const int32x4x2_t s = vld2q_s32(
          scores +
          j);  // the scores' distances would be the negative ones of these, as the factor is
      const uint16x8_t x = exponents_of(s, highest.second, -score_scale);
      leads = vmlaq_n_u16(leads, vshrq_n_u16(x, 15), static_cast<uint16_t>(j + 1));
      const uint16x8_t u =
          vaddq_u16(exp2_weight(vminq_u16(x, vdupq_n_u16(kLargestExponent))), remainders);
      remainders = vandq_u16(u, vdupq_n_u16(63));
      const uint16x8_t b = vshrq_n_u16(u, 6);
      sum = vaddvaq_u16(sum, b);
      vstrbq_u16(weights + j, b);
    }
  }
  for (size_t j = tokens; j % 8 != 0; ++j) {
    sum -= weights[j];
    weights[j] = 0;
  }
  const uint32_t eight = vmaxvq_u16(0, leads),
                 lane = vaddvq_p_u16(vidupq_n_u16(0, 1), vcmpneq_n_u16(leads, 0));

  const int32x4_t top = vdupq_n_s32(highest.first);
  const uint16x8_t lead = vminq_u16(exponents_of({top, top}, highest.second, score_scale),
                                    vdupq_n_u16(kLargestExponent));
  const mve_pred16_t alone = vcmpeqq_n_u16(lead, 0);
  const float others =
      static_cast<float>(vgetq_lane_u16(vpselq_u16(vdupq_n_u16(1), exp2_weight(lead), alone), 0));
  const float leader =
      vgetq_lane_f32(vpselq_f32(vdupq_n_f32(0.0f), vdupq_n_f32(kLeader), alone), 0);
  const float norm = kAttentionUnits / (static_cast<float>(sum) * others + leader);
  return {others * norm, leader * norm, static_cast<int32_t>(sum) * 128,
          eight - (eight > 0) + lane};
}

void store_averages(const int32_t* acc, const WeighedRow& row, const int8_t* panel, int16_t* dst,
                    size_t columns) {
  const int8_t* const values = panel + row.token / 4 * 64 + row.token % 4;
  for (size_t j = 0; j < columns; j += 4) {  // head_dim is a multiple of four
    const float32x4_t others =
        vmulq_n_f32(vcvtq_f32_s32(vsubq_n_s32(vld1q_s32(acc + j), row.excess)), row.others);
    const int32x4_t value =
        vldrbq_gather_offset_s32(values + j * 4, vshlq_n_u32(vidupq_n_u32(0, 1), 2));
    const float32x4_t y = vaddq_f32(others, vmulq_n_f32(vcvtq_f32_s32(value), row.leader));
    vstrhq_s32(dst + j, vminq_s32(vmaxq_s32(rhe(y), vdupq_n_s32(-32767)), vdupq_n_s32(32767)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16,
               depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  uint8_t* const weights = reinterpret_cast<uint8_t*>(scores + kQueries * padded);
  int32_t acc[kQueries][16];
  WeighedRow weighed[kQueries];

  for (size_t m = 0; m < args.m; m += kQueries) {
    const size_t rows = args.m - m < kQueries ? args.m - m : kQueries;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim,
                       args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i)
          for (size_t column = 0; column < 16; column += 4)
            vst1q_s32(scores + i * padded + j + column, vld1q_s32(acc[i] + column));
      }
      for (size_t i = 0; i < rows; ++i)
        weighed[i] =
            weigh(scores + i * padded, args.tokens, args.score_scale[head], weights + i * padded);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (head * value_panels + panel) * depth * 16;
        multiply_panel(weights, padded, rows, values, depth, acc);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i)
          store_averages(acc[i], weighed[i], values, args.dst + at + i * dim + panel * 16,
                         left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::helium
