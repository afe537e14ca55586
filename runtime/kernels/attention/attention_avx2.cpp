// SPDX-License-Identifier: Apache-2.0
// attention for AVX2, six queries at a time: scores of one head in the workspace, their weights in
// their place as int16.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/attention/avx2_attention.h"
#include "runtime/kernels/tiles/avx2_tile.h"

namespace vitro::avx2 {

namespace {

struct Tile {
  using Weight = int16_t;
  static constexpr size_t kRows = kTileRows;

  static VITRO_INLINE __m256i put(Weight* weights, __m256i words, __m256i sums) {
    store(weights, even_odd(_mm256_permute4x64_epi64(words, 0xd8)));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
  }
  static VITRO_INLINE __m256i put(Weight* weights, __m256i first, __m256i other, __m256i sums) {
    return put(weights + 16, other, put(weights, first, sums));
  }
  static void make_scores(const Rows& q, const Panels& keys, size_t head_dim, int32_t* scores,
                          size_t stride) {
    WideRows(static_cast<const int8_t*>(q.first), q.stride, q.count, head_dim)
        .multiply(keys, scores, stride);
  }
  static void sum_values(const Weight* weights, size_t stride, size_t rows, const Panels& values,
                         size_t depth, int32_t* acc) {
    for (size_t j = 0; j < depth; j += kUnsignedDepth) {
      const size_t part = depth - j < kUnsignedDepth ? depth - j : kUnsignedDepth;
      multiply_s16(weights + j, stride, rows, {values.first + j * 16, 0, 1}, part, acc, 16, j > 0);
    }
  }
};

}  // namespace

void attention(const AttentionArgs& args) { attention_by<Tile>(args); }

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
