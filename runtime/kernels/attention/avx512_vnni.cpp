// attention for AVX-512-VNNI, six queries at a time: scores of one head in the workspace, their weights as two 7-bit halves, never a whole map.
#include "runtime/kernels/avx512_vnni_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

// p of 32 tokens from their distances to the maximum.
__m512i weights_of(__m512i distance0, __m512i distance1, __m512 score_scale, unsigned weight_shift) {
  const __m512 limit = _mm512_set1_ps(30719.0f);
  const __m512i x0 = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(distance0), score_scale), limit));
  const __m512i x1 = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(distance1), score_scale), limit));
  const __m512i x = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(x0)), _mm512_cvtepi32_epi16(x1), 1);
  const __m512i w = _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(2047)), 4);
  __m512i e = _mm512_set1_epi16(-1296);
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(7565));
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(-22652));
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(32764));
  const __m512i power = _mm512_srlv_epi16(_mm512_set1_epi16(1 << 14), _mm512_srli_epi16(x, 11));
  return _mm512_srl_epi16(_mm512_mulhrs_epi16(e, power), _mm_cvtsi32_si128(static_cast<int>(weight_shift)));
}

struct Weights {
  uint8_t *high, *low;  // upper and lower 7 bits
};

// A row's scores to its weights; returns what its sums are multiplied by. Tokens beyond the last, up to a multiple of 16, get weight 0.
float weigh(const int32_t* score, size_t tokens, float score_scale, unsigned weight_shift, const Weights& weights) {
  __m512i highest = _mm512_set1_epi32(INT32_MIN);
  for (size_t j = 0; j < tokens; j += 16)
    highest = _mm512_mask_max_epi32(highest, lanes_left(j, tokens), highest, _mm512_loadu_si512(score + j));
  highest = _mm512_set1_epi32(_mm512_reduce_max_epi32(highest));

  const __m512 scale = _mm512_set1_ps(score_scale);
  __m512i sum = _mm512_setzero_si512();
  for (size_t j = 0; j < tokens; j += 32) {
    const __mmask16 valid0 = lanes_left(j, tokens), valid1 = j + 16 < tokens ? lanes_left(j + 16, tokens) : 0;
    const __m512i distance0 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid0, score + j));
    const __m512i distance1 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid1, score + j + 16));
    const __mmask32 valid = static_cast<__mmask32>(valid0) | static_cast<__mmask32>(valid1) << 16;
    const __m512i p = _mm512_maskz_mov_epi16(valid, weights_of(distance0, distance1, scale, weight_shift));
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(p, _mm512_set1_epi16(1)));
    const __mmask32 stored = valid1 ? 0xffffffffu : 0xffffu;
    _mm256_mask_storeu_epi8(weights.high + j, stored, _mm512_cvtepi16_epi8(_mm512_srli_epi16(p, 7)));
    _mm256_mask_storeu_epi8(weights.low + j, stored, _mm512_cvtepi16_epi8(_mm512_and_si512(p, _mm512_set1_epi16(127))));
  }
  return 258.0f / static_cast<float>(_mm512_reduce_add_epi32(sum));
}

void store_averages(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 16) {
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(acc + j)), _mm512_set1_ps(scale));
    y = _mm512_min_ps(_mm512_max_ps(y, _mm512_set1_ps(-32767.0f)), _mm512_set1_ps(32767.0f));
    _mm256_mask_storeu_epi16(dst + j, lanes_left(j, columns), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(y)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  uint8_t* high = reinterpret_cast<uint8_t*>(scores + kAttentionRows * padded);
  uint8_t* low = high + kAttentionRows * padded;
  alignas(64) int32_t acc[kTileRows][kTilePanels * 16];
  float scale[kTileRows];

  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      // Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does not see.
      const Panels keys{args.keys + head * padded * args.head_dim, args.head_dim * 16, padded / 16};
      multiply<Bytes::biased_rhs>({args.q + at, dim, rows}, keys, args.head_dim, scores, padded);
      for (size_t i = 0; i < rows; ++i)
        scale[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head], args.weight_shift, {high + i * padded, low + i * padded});
      for (size_t panel = 0; panel < value_panels; panel += kTilePanels) {
        const size_t left = args.head_dim - panel * 16, count = value_panels - panel < kTilePanels ? value_panels - panel : kTilePanels;
        const Panels values{args.values + (head * value_panels + panel) * depth * 16, depth * 16, count};
        multiply<Bytes::unsigned_lhs>({high, padded, rows}, values, depth, acc[0], kTilePanels * 16);
        multiply<Bytes::unsigned_lhs>({low, padded, rows}, values, depth, acc[0], kTilePanels * 16, true);
        for (size_t i = 0; i < rows; ++i)
          store_averages(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < count * 16 ? left : count * 16);
      }
    }
  }
}

}  // namespace vitro::avx512_vnni
