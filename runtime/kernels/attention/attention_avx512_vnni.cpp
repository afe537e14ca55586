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

// Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does
// not see.
constexpr Signs kKeySigns = Signs::rhs_plus_128;

// Scores of six queries and 64 tokens, first of all or further ones, and the highest so far.
__attribute__((noinline)) void score_tile(const Rows& q, const int8_t* keys, size_t head_dim,
                                          int32_t* scores, size_t padded, bool first,
                                          TwoHighest* highest) {
  FullTile<kKeySigns> tile;
  tile.start();
  tile.add(static_cast<const int8_t*>(q.first), q.stride, keys, head_dim * 16, head_dim,
           FetchNothing());
  tile.write(scores, padded);
  const auto add = [&](TwoHighest & row, const auto& sums) __attribute__((always_inline)) {
    TwoHighest lanes = row;
    if (first) lanes.start();
    lanes.add(sums);
    row = lanes;
  };
  add(highest[0], tile.row0);
  add(highest[1], tile.row1);
  add(highest[2], tile.row2);
  add(highest[3], tile.row3);
  add(highest[4], tile.row4);
  add(highest[5], tile.row5);
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

// The averages of up to six rows, which wait as sums until the next rows have their scores: these
// instructions fill the time that those wait for each other.
struct WaitingAverages {
  alignas(64) int32_t sums[kTileRows][kTilePanels * 16];
  Factors factors;
  uint32_t leader[kTileRows];
  Panels values;
  int16_t* dst;
  size_t dst_dim, columns, rows = 0;

  void put() {
    for (size_t i = 0; i < rows; ++i)
      put(sums[i], Average(factors, i, values.first, leader[i]), dst + i * dst_dim);
    rows = 0;
  }

 private:
  void put(const int32_t* row, const Average& average, int16_t* to) const {
    const auto of = [&](size_t at) __attribute__((always_inline)) {
      return average.of(_mm512_load_si512(row + at), at / 16 * values.stride);
    };
    size_t j = 0;
    for (; j + 32 <= columns; j += 32) _mm512_storeu_si512(to + j, words(of(j), of(j + 16)));
    for (; j < columns; j += 16)
      _mm256_mask_storeu_epi16(to + j, lanes_left(j, columns),
                               _mm512_castsi512_si256(words(of(j), _mm512_setzero_si512())));
  }
};

// Scores of rows m .. m + rows, whose two highest are in lanes 0 .. rows - 1.
TwoHighest make_scores(const AttentionArgs& args, size_t head, size_t m, size_t rows,
                       int32_t* scores, WaitingAverages& before) {
  const size_t dim = args.heads * args.head_dim, panels = VITRO_KEY_PANELS(args.tokens),
               padded = panels * 16, panel_bytes = args.head_dim * 16;
  const Rows q{args.q + m * dim + head * args.head_dim, dim, rows};
  const int8_t* const keys = args.keys + (args.shared_keys ? 0 : head) * panels * panel_bytes;
  TwoHighest highest[kTileRows];
  size_t scored = 0;  // panels
  if (rows == kTileRows && !args.terms)
    for (; (scored + kTilePanels) * 16 <= args.tokens; scored += kTilePanels)
      score_tile(q, keys + scored * panel_bytes, args.head_dim, scores + scored * 16, padded,
                 scored == 0, highest);
  multiply<kKeySigns>(q, {keys + scored * panel_bytes, panel_bytes, panels - scored}, args.head_dim,
                      scores + scored * 16, padded);
  if (args.terms) add_terms(args, head, m, rows, scores, padded);
  before.put();
  for (size_t i = 0; i < kTileRows; ++i) {
    if (scored == 0) highest[i].start();
    if (i < rows) highest[i].add(scores + i * padded, scored * 16, args.tokens);
  }
  TwoHighest two = by_row(highest);
  if (args.tokens == 1) two.second = two.first;  // one token is its own second
  return two;
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dst_dim = args.heads * args.value_dim, padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const uint8_t* const weights = static_cast<const uint8_t*>(args.workspace);
  alignas(64) int32_t first[16], second[16], sum[16] = {};
  WaitingAverages averages;

  for (size_t head = 0; head < args.heads; ++head) {
    const size_t value_head = args.shared_values ? 0 : head;
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      const TwoHighest highest = make_scores(args, head, m, rows, scores, averages);
      _mm512_store_si512(first, highest.first);
      _mm512_store_si512(second, highest.second);
      Weighing weighing(scores, padded, rows, args.tokens, second, args.score_scale[head]);
      // Of the rest, whole tiles make weights while they multiply.
      const bool whole = rows == kTileRows && args.value_dim >= kTilePanels * 16;
      for (size_t i = 0; whole ? i < rows : weighing.left(); ++i) weighing.part();
      for (size_t panel = 0; panel < value_panels; panel += kTilePanels) {
        const size_t left = args.value_dim - panel * 16, count = value_panels - panel < kTilePanels
                                                                     ? value_panels - panel
                                                                     : kTilePanels;
        const Panels values{args.values + (value_head * value_panels + panel) * depth * 16,
                            depth * 16, count};
        averages.put();
        if (rows == kTileRows && left >= kTilePanels * 16)
          multiply_weights(weights, padded * 4, values, depth, weighing, averages.sums[0]);
        else
          multiply<Signs::lhs_unsigned>({weights, padded * 4, rows}, values, depth,
                                        averages.sums[0], kTilePanels * 16);
        if (panel == 0) {
          weighing.finish(sum, averages.leader);
          averages.factors.make(first, second, sum, args.score_scale[head]);
        }
        averages.values = values;
        averages.dst = args.dst + m * dst_dim + head * args.value_dim + panel * 16;
        averages.dst_dim = dst_dim;
        averages.columns = left < count * 16 ? left : count * 16;
        averages.rows = rows;
      }
    }
  }
  averages.put();
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
