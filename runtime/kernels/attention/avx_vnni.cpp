// attention for AVX-VNNI, six queries at a time: scores of one head in the workspace, their weights as two 7-bit halves, never a whole map.
#include "runtime/kernels/attention/avx2_softmax.h"
#include "runtime/kernels/avx_vnni_tile.h"

namespace vitro::avx_vnni {

namespace {

struct Weights {
  uint8_t *high, *low;  // upper and lower 7 bits

  void put(size_t j, __m256i p) const {
    const __m256i halves = _mm256_packus_epi16(_mm256_srli_epi16(p, 7), _mm256_and_si256(p, _mm256_set1_epi16(127)));
    const __m256i sorted = _mm256_permute4x64_epi64(halves, 0xd8);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high + j), _mm256_castsi256_si128(sorted));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low + j), _mm256_extracti128_si256(sorted, 1));
  }
  int32_t take(size_t j) const {
    const int32_t p = high[j] * 128 + low[j];
    high[j] = low[j] = 0;
    return p;
  }
};

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  uint8_t* high = reinterpret_cast<uint8_t*>(scores + kAttentionRows * padded);
  uint8_t* low = high + kAttentionRows * padded;
  alignas(32) int32_t acc[kTileRows][16];
  float scale[kTileRows];

  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      // Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does not see.
      const Panels keys{args.keys + head * padded * args.head_dim, args.head_dim * 16, padded / 16};
      multiply<Bytes::biased_rhs>({args.q + at, dim, rows}, keys, args.head_dim, scores, padded);
      for (size_t i = 0; i < rows; ++i)
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, Weights{high + i * padded, low + i * padded});
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const Panels values{args.values + (head * value_panels + panel) * depth * 16, 0, 1};
        multiply<Bytes::unsigned_lhs>({high, padded, rows}, values, depth, acc[0], 16);
        multiply<Bytes::unsigned_lhs>({low, padded, rows}, values, depth, acc[0], 16, true);
        const size_t left = args.head_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i) store_average(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::avx_vnni
