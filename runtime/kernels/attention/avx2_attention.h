// SPDX-License-Identifier: Apache-2.0
// The 256-bit ISAs' attention: averages, and the way through a tile of queries, given an ISA's
// products. For attention/attention_avx2.cpp and attention/attention_avx_vnni.cpp alone; everything
// has internal linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/attention/avx2_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

// A query's averages of the columns of one panel: others * its sums + leader * the leader's values.
struct Average {
  __m256 others, leader;
  const int8_t* values;
  __m128i shift;  // brings the leader's byte of four to the top

  Average(const Factors& factors, size_t i, const int8_t* panel, uint32_t token)
      : others(_mm256_set1_ps(factors.others[i])),
        leader(_mm256_set1_ps(factors.leader[i])),
        values(panel + token / 4 * 64),
        shift(_mm_cvtsi32_si128(static_cast<int>(24 - token % 4 * 8))) {}

  __m256i of(const int32_t* acc, size_t column) const {
    const __m256i value = _mm256_srai_epi32(_mm256_sll_epi32(load(values + column * 4), shift), 24);
    const __m256 y = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(load(acc + column)), others),
                                   _mm256_mul_ps(_mm256_cvtepi32_ps(value), leader));
    return _mm256_cvtps_epi32(y);
  }

  // Up to 16 columns; saturating packs and a maximum clamp as the law does, since no average leaves
  // int32.
  void store(const int32_t* acc, int16_t* dst, size_t columns) const {
    const __m256i out =
        _mm256_max_epi16(narrow16(of(acc, 0), of(acc, 8)), _mm256_set1_epi16(-32767));
    if (columns >= 16) return vitro::store(dst, out);
    int16_t lanes[16];
    vitro::store(lanes, out);
    memcpy(dst, lanes, columns * 2);
  }
};

// At most Tile::kRows queries at a time: scores of one head in the workspace, never a whole map.
// Head by head, while its keys and values lie in L1. Tile: the type that weights are kept as; put()
// 16 of them; the products that make scores of queries, and averages' sums of weights and a panel
// of values.
template <class Tile>
VITRO_INLINE void attention_by(const AttentionArgs& args) {
  using Weight = typename Tile::Weight;
  static_assert(Tile::kRows <= kAttentionRows);
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const Weight* const weights = static_cast<const Weight*>(args.workspace);
  alignas(32) int32_t acc[Tile::kRows][16];
  WeighedRow weighed[Tile::kRows];

  for (size_t head = 0; head < args.heads; ++head) {
    const size_t key_head = args.shared_keys ? 0 : head, value_head = args.shared_values ? 0 : head;
    const Panels keys{args.keys + key_head * padded * args.head_dim, args.head_dim * 16,
                      padded / 16};
    for (size_t m = 0; m < args.m; m += Tile::kRows) {
      const size_t rows = args.m - m < Tile::kRows ? args.m - m : Tile::kRows;
      Tile::make_scores({args.q + m * dim + head * args.head_dim, dim, rows}, keys, args.head_dim,
                        scores, padded);
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      Weighing<Tile> weighing(scores, padded, rows, args.tokens, args.score_scale[head]);
      weighing.all();
      weighing.finish(weighed);
      const Factors factors(weighed, rows, args.score_scale[head]);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (value_head * value_panels + panel) * depth * 16;
        Tile::sum_values(weights, padded * sizeof(int32_t) / sizeof(Weight), rows, {values, 0, 1},
                         depth, acc[0]);
        const size_t left = args.value_dim - panel * 16;
        int16_t* const dst = args.dst + m * dst_dim + head * args.value_dim + panel * 16;
#pragma GCC unroll 1
        for (size_t i = 0; i < rows; ++i)
          Average(factors, i, values, weighed[i].leader)
              .store(acc[i], dst + i * dst_dim, left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace
}  // namespace vitro
