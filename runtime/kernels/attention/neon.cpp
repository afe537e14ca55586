// attention for NEON, AArch64 and ARMv7, four queries at a time: scores of one head in the workspace, their weights as int16, never a whole map.
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/neon_tile.h"

namespace vitro::neon {

namespace {

int16x8_t horner(int16x8_t e, int16x8_t w, int16_t c) { return vaddq_s16(vqrdmulhq_s16(e, w), vdupq_n_s16(c)); }

int16x4_t exponent_of(int32x4_t distance, float32x4_t score_scale) {
  return vmovn_s32(round_even(vminq_f32(vmulq_f32(vcvtq_f32_s32(distance), score_scale), vdupq_n_f32(30719.0f))));
}

// p of eight tokens from their distances to the maximum. weight_shift counts from the right, so it is not positive.
int16x8_t weights_of(int32x4_t distance0, int32x4_t distance1, float32x4_t score_scale, int16x8_t weight_shift) {
  const int16x8_t x = vcombine_s16(exponent_of(distance0, score_scale), exponent_of(distance1, score_scale));
  const int16x8_t w = vshlq_n_s16(vandq_s16(x, vdupq_n_s16(2047)), 4);
  int16x8_t e = vdupq_n_s16(-1296);
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  const int16x8_t power = vshlq_s16(vdupq_n_s16(1), vsubq_s16(vdupq_n_s16(14), vshrq_n_s16(x, 11)));
  return vshlq_s16(vqrdmulhq_s16(e, power), weight_shift);
}

int32_t reduce_add(int32x4_t v) {
  const int32x2_t s = vadd_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpadd_s32(s, s), 0);
}

int32_t reduce_max(int32x4_t v) {
  const int32x2_t s = vmax_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmax_s32(s, s), 0);
}

// A row's scores to its weights; returns what its sums are multiplied by. Tokens beyond the last, up to a multiple of 16, get weight 0.
float weigh(int32_t* scores, size_t tokens, float score_scale, unsigned weight_shift, int16_t* weights) {
  const size_t padded = (tokens + 15) / 16 * 16;
  for (size_t j = tokens; j < padded; ++j) scores[j] = scores[0];
  int32x4_t highest = vld1q_s32(scores);
  for (size_t j = 4; j < padded; j += 4) highest = vmaxq_s32(highest, vld1q_s32(scores + j));
  highest = vdupq_n_s32(reduce_max(highest));

  const float32x4_t scale = vdupq_n_f32(score_scale);
  const int16x8_t shift = vdupq_n_s16(static_cast<int16_t>(-static_cast<int>(weight_shift)));
  int32x4_t sums = vdupq_n_s32(0);
  for (size_t j = 0; j < padded; j += 8) {
    const int16x8_t p = weights_of(vsubq_s32(highest, vld1q_s32(scores + j)), vsubq_s32(highest, vld1q_s32(scores + j + 4)), scale, shift);
    sums = vpadalq_s16(sums, p);
    vst1q_s16(weights + j, p);
  }
  int32_t sum = reduce_add(sums);
  for (size_t j = tokens; j < padded; ++j) {
    sum -= weights[j];
    weights[j] = 0;
  }
  return 258.0f / static_cast<float>(sum);
}

int16x4_t average_of(const int32_t* acc, float32x4_t scale) {
  const float32x4_t y = vmulq_f32(vcvtq_f32_s32(vld1q_s32(acc)), scale);
  return vmovn_s32(round_even(vminq_f32(vmaxq_f32(y, vdupq_n_f32(-32767.0f)), vdupq_n_f32(32767.0f))));
}

void store_average(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 4) {
    const int16x4_t out = average_of(acc + j, vdupq_n_f32(scale));
    vst1_s16(dst + j, out);  // head_dim is a multiple of four
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  int16_t* weights = reinterpret_cast<int16_t*>(scores + kAttentionRows * padded);
  int32_t acc[kTileRows][16];
  float scale[kTileRows];

  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16)
        multiply_panel(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim, args.head_dim, scores + j, padded);
      for (size_t i = 0; i < rows; ++i)
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, weights + i * padded);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        multiply_panel(weights, padded, rows, args.values + (head * value_panels + panel) * depth * 16, depth, acc[0], 16);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i) store_average(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::neon
