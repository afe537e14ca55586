// attention for AVX2, six queries at a time: scores of one head in the workspace, their weights in their place as int16, never a whole map.
#include "runtime/kernels/attention/avx2_softmax.h"
#include "runtime/kernels/avx2_tile.h"

namespace vitro::avx2 {

namespace {

void put(int16_t* weights, __m256i words) { store(weights, words); }

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const int16_t* const weights = static_cast<const int16_t*>(args.workspace);
  alignas(32) int32_t acc[kTileRows][16];
  WeighedRow weighed[kTileRows];

  for (size_t head = 0; head < args.heads; ++head) {
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      const size_t at = m * dim + head * args.head_dim;
      const Panels keys{args.keys + head * padded * args.head_dim, args.head_dim * 16, padded / 16};
      WideRows(args.q + at, dim, rows, args.head_dim).multiply(keys, scores, padded);
      for (size_t i = 0; i < rows; ++i) weighed[i] = weigh<int16_t>(scores + i * padded, args.tokens, args.score_scale[head], put);
      const Factors factors(weighed, rows, args.score_scale[head]);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (head * value_panels + panel) * depth * 16;
        multiply_s16(weights, padded * 2, rows, {values, 0, 1}, depth, acc[0], 16, false);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i)
          Average(factors, i, values, weighed[i].leader).store(acc[i], args.dst + at + i * dim + panel * 16, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::avx2
