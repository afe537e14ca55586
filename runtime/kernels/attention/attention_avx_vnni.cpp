// SPDX-License-Identifier: Apache-2.0
// attention for AVX-VNNI, six queries at a time: scores of one head in the workspace, their weights
// of 8 bits in their place.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX_VNNI)
VITRO_TARGET_AVX_VNNI

#include "runtime/kernels/attention/avx2_attention.h"
#include "runtime/kernels/tiles/avx_vnni_tile.h"

namespace vitro::avx_vnni {

namespace {

struct Tile {
  using Weight = uint8_t;
  static constexpr size_t kRows = kTileRows;

  static VITRO_INLINE __m256i sorted(__m256i first, __m256i other) {
    return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(first, other),
                                       _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
  static VITRO_INLINE __m256i put(Weight* weights, __m256i first, __m256i other, __m256i sums) {
    const __m256i bytes = sorted(first, other);
    store(weights, bytes);
    return add_product(sums, bytes, _mm256_set1_epi8(1));
  }
  static VITRO_INLINE __m256i put(Weight* weights, __m256i words, __m256i sums) {
    const __m256i bytes = sorted(words, _mm256_setzero_si256());
    _mm_storeu_si128(reinterpret_cast<__m128i*>(weights), _mm256_castsi256_si128(bytes));
    return add_product(sums, bytes, _mm256_set1_epi8(1));
  }
  // Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does
  // not see.
  static void make_scores(const Rows& q, const Panels& keys, size_t head_dim, int32_t* scores,
                          size_t stride) {
    multiply<Signs::rhs_plus_128>(q, keys, head_dim, scores, stride);
  }
  static void sum_values(const Weight* weights, size_t stride, size_t rows, const Panels& values,
                         size_t depth, int32_t* acc) {
    multiply<Signs::lhs_unsigned>({weights, stride, rows}, values, depth, acc, 16);
  }
};

}  // namespace

void attention(const AttentionArgs& args) { attention_by<Tile>(args); }

}  // namespace vitro::avx_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX_VNNI
