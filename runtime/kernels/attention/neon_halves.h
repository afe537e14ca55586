// attention for ISAs that multiply int8 alone: a weight of 14 bits is 128 * high + low, two rows of int8 to the tile, and so are its sums.
// For attention/neon*.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/attention/neon_softmax.h"

namespace vitro {
namespace {

struct Halves {
  int8_t *high, *low;

  void put(size_t j, int16x8_t p) const {
    vst1_s8(high + j, vmovn_s16(vshrq_n_s16(p, 7)));
    vst1_s8(low + j, vmovn_s16(vandq_s16(p, vdupq_n_s16(127))));
  }
  int32_t take(size_t j) const {
    const int32_t p = high[j] * 128 + low[j];
    high[j] = low[j] = 0;
    return p;
  }
};

void store_average(const int32_t* high, const int32_t* low, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 4)  // head_dim is a multiple of four
    vst1_s16(dst + j, average_of(vaddq_s32(vshlq_n_s32(vld1q_s32(high + j), 7), vld1q_s32(low + j)), scale));
}

// At most Rows queries at a time: scores of one head in the workspace, never a whole map.
template <size_t Rows, MultiplyPanel multiply>
inline void attention_by_halves(const AttentionArgs& args) {
  static_assert(Rows <= kAttentionRows && Rows % 2 == 0);
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  int8_t* halves = reinterpret_cast<int8_t*>(scores + kAttentionRows * padded);  // of each query: the high row, the low row
  int32_t acc[Rows][16];
  float scale[Rows];

  for (size_t m = 0; m < args.m; m += Rows) {
    const size_t rows = args.m - m < Rows ? args.m - m : Rows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      for (size_t j = 0; j < padded; j += 16)
        multiply(args.q + at, dim, rows, args.keys + (head * padded + j) * args.head_dim, args.head_dim, scores + j, padded);
      for (size_t i = 0; i < rows; ++i) {
        int8_t* high = halves + i * 2 * padded;
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, Halves{high, high + padded});
      }
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* values = args.values + (head * value_panels + panel) * depth * 16;
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; i += Rows / 2) {
          const size_t queries = rows - i < Rows / 2 ? rows - i : Rows / 2;
          multiply(halves + i * 2 * padded, padded, queries * 2, values, depth, acc[0], 16);
          for (size_t j = 0; j < queries; ++j)
            store_average(acc[j * 2], acc[j * 2 + 1], scale[i + j], args.dst + at + (i + j) * dim + panel * 16, left < 16 ? left : 16);
        }
      }
    }
  }
}

}  // namespace
}  // namespace vitro
