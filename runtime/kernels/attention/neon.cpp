// attention for NEON, AArch64 and ARMv7, four queries at a time: scores of one head in the workspace, their weights as int16, never a whole map.
#include "runtime/kernels/attention/neon_softmax.h"
#include "runtime/kernels/neon_tile.h"

namespace vitro::neon {

namespace {

struct Weights {
  int16_t* row;

  void put(size_t j, int16x8_t p) const { vst1q_s16(row + j, p); }
  int32_t take(size_t j) const {
    const int32_t p = row[j];
    row[j] = 0;
    return p;
  }
};

void store_average(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 4) vst1_s16(dst + j, average_of(vld1q_s32(acc + j), scale));  // head_dim is a multiple of four
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
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, Weights{weights + i * padded});
      for (size_t panel = 0; panel < value_panels; ++panel) {
        multiply_panel(weights, padded, rows, args.values + (head * value_panels + panel) * depth * 16, depth, acc[0], 16);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i) store_average(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::neon
