// SPDX-License-Identifier: Apache-2.0
// The NEON ISAs' attention by the tile of int8 that linear has: weights go into it less 128, and
// 128 times the sums of the values' columns are added to what comes out. For
// attention/attention_neon*.cpp alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include "runtime/kernels/attention/neon_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

// 128 times the sums of the 16 columns of a panel [quads][16][4].
inline void column_sums(const int8_t* panel, size_t quads, int32_t* sums) {
  constexpr size_t kMost = 64;  // quads whose sums stay within int16
  int32x4_t total[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  while (quads > 0) {
    const size_t some = quads < kMost ? quads : kMost;
    int16x8_t pairs[4] = {vdupq_n_s16(0), vdupq_n_s16(0), vdupq_n_s16(0), vdupq_n_s16(0)};
    for (const int8_t* const end = panel + some * 64; panel < end; panel += 64)
#pragma GCC unroll 4
      for (size_t i = 0; i < 4; ++i) pairs[i] = vpadalq_s8(pairs[i], vld1q_s8(panel + i * 16));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) total[i] = vpadalq_s16(total[i], pairs[i]);
    quads -= some;
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) vst1q_s32(sums + i * 4, vshlq_n_s32(total[i], 7));
}

// A query's averages: others * its sums + leader * the leader's values.
struct Average {
  float32x4_t others, leader;
  int32x4_t shift;  // brings the leader's byte of four to the top
  size_t four;      // where the leader's four tokens lie in a panel

  void set(const Factors& factors, size_t i, uint32_t token) {
    others = vdupq_n_f32(factors.others[i]);
    leader = vdupq_n_f32(factors.leader[i]);
    shift = vdupq_n_s32(static_cast<int32_t>(24 - token % 4 * 8));
    four = token / 4 * 64;
  }

  VITRO_INLINE float32x4_t of(int32x4_t sum, const int8_t* values) const {
    const int32x4_t value =
        vshrq_n_s32(vshlq_s32(vreinterpretq_s32_s8(vld1q_s8(values)), shift), 24);
    return vaddq_f32(vmulq_f32(vcvtq_f32_s32(sum), others),
                     vmulq_f32(vcvtq_f32_s32(value), leader));
  }

  // Eight columns, whose sums are acc + offset. Saturation and a maximum clamp as the law does.
  VITRO_INLINE int16x8_t of(const int32_t* acc, const int32_t* offset, const int8_t* values) const {
    const int32x4_t low = vaddq_s32(vld1q_s32(acc), vld1q_s32(offset)),
                    high = vaddq_s32(vld1q_s32(acc + 4), vld1q_s32(offset + 4));
    return vmaxq_s16(round_s16(of(low, values), of(high, values + 16)), vdupq_n_s16(-32767));
  }

  VITRO_INLINE void store(const int32_t* acc, const int32_t* offset, const int8_t* panel,
                          int16_t* dst) const {
    vst1q_s16(dst, of(acc, offset, panel + four));
    vst1q_s16(dst + 8, of(acc + 8, offset + 8, panel + four + 32));
  }
};

// Averages of `rows` queries and up to 16 columns.
inline void store_averages(const Average* averages, size_t rows, const int32_t (*acc)[16],
                           const int32_t* offset, const int8_t* panel, int16_t* dst,
                           size_t dst_stride, size_t columns) {
  if (columns >= 16) {
    for (size_t i = 0; i < rows; ++i)
      averages[i].store(acc[i], offset, panel, dst + i * dst_stride);
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    int16_t lanes[16];
    averages[i].store(acc[i], offset, panel, lanes);
    memcpy(dst + i * dst_stride, lanes, columns * 2);
  }
}

// At most Rows queries at a time: scores of one head in the workspace, never a whole map. Head by
// head, so that its values are summed once.
// With multiply_shifted, which leaves ShiftedScores, those where they fit.
template <size_t Rows, MultiplyPanel multiply, MultiplyPanel multiply_shifted = nullptr>
inline void attention_by(const AttentionArgs& args) {
  static_assert(Rows <= kAttentionRows);
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const int8_t* const weights = static_cast<const int8_t*>(args.workspace);
  int32_t acc[Rows][16];
  int32_t offset[kLargestHead];  // 128 times the columns' sums: weights are read as int8
  WeighedRow weighed[Rows];
  Average averages[Rows];
  const bool shifted = multiply_shifted && ShiftedScores::hold(args);
  const MultiplyPanel multiply_keys = shifted ? multiply_shifted : multiply;

  for (size_t head = 0; head < args.heads; ++head) {
    const size_t key_head = args.shared_keys ? 0 : head, value_head = args.shared_values ? 0 : head;
    const int8_t* const keys = args.keys + key_head * padded * args.head_dim;
    const int8_t* const values = args.values + value_head * value_panels * depth * 16;
    for (size_t panel = 0; panel < value_panels; ++panel)
      column_sums(values + panel * depth * 16, depth / 4, offset + panel * 16);
    for (size_t m = 0; m < args.m; m += Rows) {
      const size_t rows = args.m - m < Rows ? args.m - m : Rows;
      const int8_t* const q = args.q + m * dim + head * args.head_dim;
      int16_t* const dst = args.dst + m * dst_dim + head * args.value_dim;
      for (size_t j = 0; j < padded; j += 16)
        multiply_keys(q, dim, rows, keys + j * args.head_dim, args.head_dim, scores + j, padded);
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      for (size_t i = 0; i < rows; ++i)
        weighed[i] = (shifted ? weigh<ShiftedScores>
                              : weigh<IntegerScores>)(scores + i * padded, args.tokens,
                                                      args.score_scale[head]);
      const Factors factors(weighed, rows, args.score_scale[head]);
      for (size_t i = 0; i < rows; ++i) averages[i].set(factors, i, weighed[i].leader);
      for (size_t column = 0; column < args.value_dim; column += 16) {
        const int8_t* const panel = values + column * depth;
        multiply(weights, padded * 4, rows, panel, depth, acc[0], 16);
        store_averages(averages, rows, acc, offset + column, panel, dst + column, dst_dim,
                       args.value_dim - column);
      }
    }
  }
}

}  // namespace
}  // namespace vitro
