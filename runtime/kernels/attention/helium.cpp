// attention for Helium, Cortex-M55, six queries at a time: scores of one head in the workspace, their weights as int16, never a whole map.
#include "runtime/kernels/helium_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::helium {

namespace {

constexpr size_t kQueries = 6;  // whole tiles
static_assert(kQueries <= kAttentionRows && kQueries % kTileRows == 0);

int32x4_t exponent_of(int32x4_t score, int32_t highest, float score_scale) {
  const float32x4_t x = vmulq_n_f32(vcvtq_f32_s32(vsubq_s32(vdupq_n_s32(highest), score)), score_scale);
  return round_even(vminnmq_f32(x, vdupq_n_f32(30719.0f)));
}

// p of eight tokens. `right` counts from the left, so it is not positive.
int16x8_t weights_of(const int32_t* scores, int32_t highest, float score_scale, int32_t right) {
  const int32x4x2_t s = vld2q_s32(scores);
  const int16x8_t x = narrow(exponent_of(s.val[0], highest, score_scale), exponent_of(s.val[1], highest, score_scale));
  const int16x8_t w = vshlq_n_s16(vandq_s16(x, vdupq_n_s16(2047)), 4);
  int16x8_t e = vdupq_n_s16(-1296);
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  const int16x8_t power = vshlq_s16(vdupq_n_s16(1), vsubq_s16(vdupq_n_s16(14), vshrq_n_s16(x, 11)));
  return vshlq_r_s16(vqrdmulhq_s16(e, power), right);
}

// A row's scores to its weights; returns what its sums are multiplied by. Scores beyond the last token, up to a multiple of 16, may be anything; weights there are 0.
float weigh(const int32_t* scores, size_t tokens, float score_scale, unsigned weight_shift, int16_t* weights) {
  int32_t highest = scores[0], sum = 0;
  for (size_t j = 0; j < tokens; j += 4) highest = vmaxvq_p_s32(highest, vld1q_s32(scores + j), vctp32q(static_cast<uint32_t>(tokens - j)));
  for (size_t j = 0; j < tokens; j += 8) {
    const int16x8_t p = weights_of(scores + j, highest, score_scale, -static_cast<int32_t>(weight_shift));
    const int16x8_t present = vpselq_s16(p, vdupq_n_s16(0), lanes8(tokens - j));
    sum = vaddvaq_s16(sum, present);
    vst1q_s16(weights + j, present);
  }
  return 258.0f / static_cast<float>(sum);
}

void store_average(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 4) {  // head_dim is a multiple of four
    const float32x4_t y = vmulq_n_f32(vcvtq_f32_s32(vld1q_s32(acc + j)), scale);
    vstrhq_s32(dst + j, vminq_s32(vmaxq_s32(round_even(y), vdupq_n_s32(-32767)), vdupq_n_s32(32767)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  int16_t* weights = reinterpret_cast<int16_t*>(scores + kAttentionRows * padded);
  int32_t acc[kQueries][16];
  float scale[kQueries];

  for (size_t m = 0; m < args.m; m += kQueries) {
    const size_t rows = args.m - m < kQueries ? args.m - m : kQueries;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim, args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i)
          for (size_t column = 0; column < 16; column += 4) vst1q_s32(scores + i * padded + j + column, vld1q_s32(acc[i] + column));
      }
      for (size_t i = 0; i < rows; ++i)
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, weights + i * padded);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        multiply_panel(weights, padded, rows, args.values + (head * value_panels + panel) * depth * 16, depth, acc);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i) store_average(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::helium
