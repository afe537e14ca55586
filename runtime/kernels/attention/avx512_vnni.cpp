// attention for AVX-512-VNNI, six queries at a time: scores of one head in the workspace, their weights as two 7-bit halves, never a whole map.
#include "runtime/kernels/avx512_vnni_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

__m512i exponent_of(__m512i distance, __m512 score_scale) { return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(distance), score_scale)); }

__m512i horner(__m512i e, __m512i w, int16_t c) { return _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(c)); }

// p of 32 tokens from their distances to the maximum, in the order that packing leaves: four of the first sixteen, four of the others, and so on.
__m512i weights_of(__m512i distance0, __m512i distance1, __m512 score_scale, __m128i weight_shift) {
  // What is too large for int32 became INT32_MIN, which packing makes 0x8000: above the limit as well.
  const __m512i x = _mm512_min_epu16(_mm512_packs_epi32(exponent_of(distance0, score_scale), exponent_of(distance1, score_scale)), _mm512_set1_epi16(30719));
  const __m512i w = _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(2047)), 4);
  __m512i e = _mm512_set1_epi16(-1296);
  e = horner(e, w, 7565);
  e = horner(e, w, -22652);
  e = horner(e, w, 32764);
  const __m512i power = _mm512_srlv_epi16(_mm512_set1_epi16(1 << 14), _mm512_srli_epi16(x, 11));
  return _mm512_srl_epi16(_mm512_mulhrs_epi16(e, power), weight_shift);
}

struct Weights {
  uint8_t *high, *low;  // upper and lower 7 bits

  // p in packing's order; the last 16 tokens only where they are `both`.
  void put(size_t j, __m512i p, bool both) const {
    const __m512i halves = _mm512_packus_epi16(_mm512_srli_epi16(p, 7), _mm512_and_si512(p, _mm512_set1_epi16(127)));
    const __m512i sorted = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), halves);
    const __mmask32 stored = both ? 0xffffffffu : 0xffffu;
    _mm256_mask_storeu_epi8(high + j, stored, _mm512_castsi512_si256(sorted));
    _mm256_mask_storeu_epi8(low + j, stored, _mm512_extracti64x4_epi64(sorted, 1));
  }
};

int32_t highest_of(const int32_t* score, size_t tokens) {
  __m512i highest = _mm512_set1_epi32(INT32_MIN);
  size_t j = 0;
  for (; j + 16 <= tokens; j += 16) highest = _mm512_max_epi32(highest, _mm512_loadu_si512(score + j));
  if (j < tokens) highest = _mm512_mask_max_epi32(highest, lanes_left(j, tokens), highest, _mm512_loadu_si512(score + j));
  return _mm512_reduce_max_epi32(highest);
}

// A row's scores to its weights; returns their sum, 16 parts of it. Tokens beyond the last, up to a multiple of 16, get weight 0.
__m512i weigh(const int32_t* score, int32_t highest_score, size_t tokens, float score_scale, unsigned weight_shift, const Weights& weights) {
  const __m512i highest = _mm512_set1_epi32(highest_score);
  const __m512 scale = _mm512_set1_ps(score_scale);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(weight_shift));
  __m512i sum = _mm512_setzero_si512();
  size_t j = 0;
  for (; j + 32 <= tokens; j += 32) {
    const __m512i distance0 = _mm512_sub_epi32(highest, _mm512_loadu_si512(score + j)), distance1 = _mm512_sub_epi32(highest, _mm512_loadu_si512(score + j + 16));
    const __m512i p = weights_of(distance0, distance1, scale, shift);
    sum = _mm512_dpwssd_epi32(sum, p, _mm512_set1_epi16(1));
    weights.put(j, p, true);
  }
  if (j < tokens) {
    const __mmask16 valid0 = lanes_left(j, tokens), valid1 = j + 16 < tokens ? lanes_left(j + 16, tokens) : 0;
    const __m512i distance0 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid0, score + j));
    const __m512i distance1 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid1, score + j + 16));
    const __m512i there = _mm512_packs_epi32(_mm512_movm_epi32(valid0), _mm512_movm_epi32(valid1));
    const __m512i p = _mm512_and_si512(weights_of(distance0, distance1, scale, shift), there);
    sum = _mm512_dpwssd_epi32(sum, p, _mm512_set1_epi16(1));
    weights.put(j, p, valid1 != 0);
  }
  return sum;
}

void store_averages(const int32_t* acc, float scale, int16_t* dst, size_t columns) {
  for (size_t j = 0; j < columns; j += 16) {
    __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(acc + j)), _mm512_set1_ps(scale));
    y = _mm512_min_ps(_mm512_max_ps(y, _mm512_set1_ps(-32767.0f)), _mm512_set1_ps(32767.0f));
    _mm256_mask_storeu_epi16(dst + j, lanes_left(j, columns), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(y)));
  }
}

// 64 averages of a row: saturating packs and a maximum clamp as the law does, since no average leaves int32.
template <class TileRow>
inline __attribute__((always_inline)) void store_row(const TileRow& sums, float scale, int16_t* dst) {
  const auto integer = [&](__m512i acc) __attribute__((always_inline)) { return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), _mm512_set1_ps(scale))); };
  const auto words = [&](__m512i low, __m512i high) __attribute__((always_inline)) {
    const __m512i packed = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), _mm512_packs_epi32(integer(low), integer(high)));
    return _mm512_max_epi16(packed, _mm512_set1_epi16(-32767));
  };
  _mm512_storeu_si512(dst, words(sums.acc0, sums.acc1));
  _mm512_storeu_si512(dst + 32, words(sums.acc2, sums.acc3));
}

// Averages of six queries and 64 channels.
__attribute__((noinline)) void average_full_tile(const uint8_t* high, const uint8_t* low, size_t row_stride, const Panels& values, size_t depth, const float* scale,
                                                 int16_t* dst, size_t dst_stride) {
  FullTile<Bytes::unsigned_lhs> tile;
  tile.start();
  tile.add(reinterpret_cast<const int8_t*>(high), row_stride, values.first, values.stride, depth);
  tile.shift_left(7);
  tile.add(reinterpret_cast<const int8_t*>(low), row_stride, values.first, values.stride, depth);
  store_row(tile.row0, scale[0], dst);
  store_row(tile.row1, scale[1], dst + dst_stride);
  store_row(tile.row2, scale[2], dst + 2 * dst_stride);
  store_row(tile.row3, scale[3], dst + 3 * dst_stride);
  store_row(tile.row4, scale[4], dst + 4 * dst_stride);
  store_row(tile.row5, scale[5], dst + 5 * dst_stride);
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, padded = (args.tokens + 15) / 16 * 16, depth = (args.tokens + 3) / 4 * 4;
  const size_t value_panels = (args.head_dim + 15) / 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  uint8_t* high = reinterpret_cast<uint8_t*>(scores + kAttentionRows * padded);
  uint8_t* low = high + kAttentionRows * padded;
  alignas(64) int32_t acc[kTileRows][kTilePanels * 16];
  int32_t highest[kTileRows];
  __m512i sums[kTileRows];
  float scale[kTileRows];

  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t at = m * dim + head * args.head_dim;
      // Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does not see.
      const Panels keys{args.keys + head * padded * args.head_dim, args.head_dim * 16, padded / 16};
      multiply<Bytes::biased_rhs>({args.q + at, dim, rows}, keys, args.head_dim, scores, padded);
      // One thing after another for all rows: what waits for the lanes of one row to meet is done meanwhile for the next.
      for (size_t i = 0; i < rows; ++i) highest[i] = highest_of(scores + i * padded, args.tokens);
      for (size_t i = 0; i < rows; ++i)
        sums[i] = weigh(scores + i * padded, highest[i], args.tokens, args.score_scale[head], args.weight_shift, Weights{high + i * padded, low + i * padded});
      for (size_t i = 0; i < rows; ++i) scale[i] = 258.0f / static_cast<float>(_mm512_reduce_add_epi32(sums[i]));
      for (size_t panel = 0; panel < value_panels; panel += kTilePanels) {
        const size_t left = args.head_dim - panel * 16, count = value_panels - panel < kTilePanels ? value_panels - panel : kTilePanels;
        const Panels values{args.values + (head * value_panels + panel) * depth * 16, depth * 16, count};
        if (rows == kTileRows && left >= kTilePanels * 16) {
          average_full_tile(high, low, padded, values, depth, scale, args.dst + at + panel * 16, dim);
          continue;
        }
        multiply<Bytes::unsigned_lhs>({high, padded, rows}, values, depth, acc[0], kTilePanels * 16);
        multiply<Bytes::unsigned_lhs>({low, padded, rows}, values, depth, acc[0], kTilePanels * 16, true);
        for (size_t i = 0; i < rows; ++i)
          store_averages(acc[i], scale[i], args.dst + at + i * dim + panel * 16, left < count * 16 ? left : count * 16);
      }
    }
  }
}

}  // namespace vitro::avx512_vnni
