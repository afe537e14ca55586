// SPDX-License-Identifier: Apache-2.0
// attention for AVX-512-VNNI, six queries at a time: scores of one head in the workspace, their
// weights of 8 bits in their place, never a whole map.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include "runtime/kernels/attention/avx512_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::avx512_vnni {

namespace {

// A query's average: others * its sums + leader * the leader's values.
struct Average {
  __m512 others, leader;
  const int8_t* values;  // the leader's four tokens in the first panel
  __m512i token;         // 1 where it is among four

  Average(const Factors& factors, size_t i, const int8_t* panels, uint32_t at)
      : others(_mm512_set1_ps(factors.others[i])),
        leader(_mm512_set1_ps(factors.leader[i])),
        values(panels + at / 4 * 64),
        token(_mm512_set1_epi32(static_cast<int32_t>(1u << at % 4 * 8))) {}

  VITRO_INLINE __m512i of(__m512i sums, size_t panel) const {
    const __m512i value =
        _mm512_dpbusd_epi32(_mm512_setzero_si512(), token, _mm512_loadu_si512(values + panel));
    return _mm512_cvtps_epi32(_mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), others),
                                            _mm512_mul_ps(_mm512_cvtepi32_ps(value), leader)));
  }
};

// 32 averages: saturating packs and a maximum clamp as the law does, since no average leaves int32.
inline __m512i words(__m512i low, __m512i high) {
  const __m512i packed = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7),
                                                  _mm512_packs_epi32(low, high));
  return _mm512_max_epi16(packed, _mm512_set1_epi16(-32767));
}

// Of the 64 tokens that all rows have weights for, so many before each part of the next 64.
constexpr size_t kTokensAPart = 8;
static_assert(64 / kTokensAPart >= kTileRows);

// Sums of six queries and 64 channels, while the weights to come are made: most of these
// instructions go to ports that products leave free.
__attribute__((noinline)) void multiply_weights(const uint8_t* weights, size_t row_stride,
                                                const Panels& values, size_t depth,
                                                Weighing& weighing, int32_t* sums) {
  FullTile<Signs::lhs_unsigned> tile;
  tile.start();
  const int8_t *rows = reinterpret_cast<const int8_t*>(weights), *panels = values.first;
  for (size_t left = depth; left > 0;) {
    const size_t tokens = left < kTokensAPart ? left : kTokensAPart;
    tile.add(rows, row_stride, panels, values.stride, tokens, FetchNothing());
    rows += tokens;
    panels += tokens * 16;
    left -= tokens;
    if (weighing.left()) weighing.part();
  }
  tile.write(sums, kTilePanels * 16);
}

void store_averages(const int32_t* acc, const Average& average, size_t panel_stride, int16_t* dst,
                    size_t columns) {
  size_t j = 0;
  const auto of = [&](size_t at) __attribute__((always_inline)) {
    return average.of(_mm512_load_si512(acc + at), at / 16 * panel_stride);
  };
  for (; j + 32 <= columns; j += 32) _mm512_storeu_si512(dst + j, words(of(j), of(j + 16)));
  for (; j < columns; j += 16)
    _mm256_mask_storeu_epi16(dst + j, lanes_left(j, columns),
                             _mm512_castsi512_si256(words(of(j), _mm512_setzero_si512())));
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const uint8_t* const weights = static_cast<const uint8_t*>(args.workspace);
  alignas(64) int32_t acc[kTileRows][kTilePanels * 16], first[16], second[16], sum[16] = {};
  uint32_t leader[kTileRows];

  for (size_t head = 0; head < args.heads; ++head) {
    const size_t key_head = args.shared_keys ? 0 : head, value_head = args.shared_values ? 0 : head;
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      // Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax
      // does not see.
      const Panels keys{args.keys + key_head * padded * args.head_dim, args.head_dim * 16,
                        padded / 16};
      multiply<Signs::rhs_plus_128>({args.q + m * dim + head * args.head_dim, dim, rows}, keys,
                                    args.head_dim, scores, padded);
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      // Step by step for all rows: hides the latency of each row's horizontal reductions.
      for (size_t i = 0; i < rows; ++i) {
        const TwoHighest highest =
            HighestLanes(scores + i * padded, args.tokens).reduce(args.tokens);
        first[i] = highest.first;
        second[i] = highest.second;
      }
      Weighing weighing(scores, padded, rows, args.tokens, second, args.score_scale[head]);
      // Of the rest, whole tiles make weights while they multiply.
      const bool whole = rows == kTileRows && args.value_dim >= kTilePanels * 16;
      for (size_t i = 0; whole ? i < rows : weighing.left(); ++i) weighing.part();
      Factors factors;
      for (size_t panel = 0; panel < value_panels; panel += kTilePanels) {
        const size_t left = args.value_dim - panel * 16, count = value_panels - panel < kTilePanels
                                                                     ? value_panels - panel
                                                                     : kTilePanels;
        const Panels values{args.values + (value_head * value_panels + panel) * depth * 16,
                            depth * 16, count};
        if (rows == kTileRows && left >= kTilePanels * 16)
          multiply_weights(weights, padded * 4, values, depth, weighing, acc[0]);
        else
          multiply<Signs::lhs_unsigned>({weights, padded * 4, rows}, values, depth, acc[0],
                                        kTilePanels * 16);
        if (panel == 0) {
          weighing.finish(sum, leader);
          factors.make(first, second, sum, args.score_scale[head]);
        }
        int16_t* const dst = args.dst + m * dst_dim + head * args.value_dim + panel * 16;
        for (size_t i = 0; i < rows; ++i)
          store_averages(acc[i], Average(factors, i, values.first, leader[i]), values.stride,
                         dst + i * dst_dim, left < count * 16 ? left : count * 16);
      }
    }
  }
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
