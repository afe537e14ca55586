// attention for ARMv7E-M, Cortex-M4 and M7, eight queries at a time: scores of one head in the workspace, their weights as int16, never a whole map.
#include "runtime/kernels/dsp_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::dsp {

namespace {

// 16383 * 2^-(x / 2048), x in [0, 30719].
inline int32_t exp2_weight(int32_t x, unsigned weight_shift) {
  const int32_t w = (x & 2047) << 4;
  int32_t e = -1296;
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  const unsigned i = static_cast<unsigned>(x) >> 11;
  return (e + (1 << i)) >> (i + 1 + weight_shift);
}

// A row's scores to its weights; returns what its sums are multiplied by. Tokens beyond the last, up to a multiple of four, get weight 0.
__attribute__((noinline)) float weigh(const int32_t* scores, size_t tokens, float score_scale, unsigned weight_shift, int16_t* weights) {
  int32_t highest = scores[0];
  for (size_t j = 1; j < tokens; ++j) highest = scores[j] > highest ? scores[j] : highest;
  int32_t sum = 0;
#pragma GCC unroll 4
  for (size_t j = 0; j < tokens; ++j) {
    const int32_t x = round_even(static_cast<float>(highest - scores[j]) * score_scale);
    const int32_t p = exp2_weight(x < 30719 ? x : 30719, weight_shift);
    sum += p;
    weights[j] = static_cast<int16_t>(p);
  }
  for (size_t j = tokens; j % 4; ++j) weights[j] = 0;
  return 258.0f / static_cast<float>(sum);
}

inline int16_t average(int32_t sum, float scale) {
  const int32_t rounded = sat16(round_even(static_cast<float>(sum) * scale));
  return static_cast<int16_t>(rounded + (rounded == -32768));
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  int16_t* weights = reinterpret_cast<int16_t*>(scores + kAttentionRows * padded);
  int32_t acc[kAttentionRows][16];
  float scale[kAttentionRows];

  for (size_t m = 0; m < args.m; m += kAttentionRows) {
    const size_t rows = args.m - m < kAttentionRows ? args.m - m : kAttentionRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim, args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i) memcpy(scores + i * padded + j, acc[i], sizeof acc[i]);
      }
      for (size_t i = 0; i < rows; ++i)
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, weights + i * padded);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        multiply_panel(weights, padded, rows, args.values + (head * value_panels + panel) * depth * 16, depth, acc);
        const size_t left = args.head_dim - panel * 16, columns = left < 16 ? left : 16;
        for (size_t i = 0; i < rows; ++i) {
          int16_t* dst = args.dst + at + i * dim + panel * 16;
          for (size_t j = 0; j < columns; ++j) dst[j] = average(acc[i][j], scale[i]);
        }
      }
    }
  }
}

}  // namespace vitro::dsp
