// SPDX-License-Identifier: Apache-2.0
// attention for ARMv7E-M, Cortex-M4 and M7, eight queries at a time: scores of one head in the
// workspace, their weights in their place as uint8, never a whole map.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/attention/dsp_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/dsp_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::dsp {

namespace {

inline int16_t average(int32_t sum, int8_t value, const WeighedRow& row) {
  const int32_t rounded =
      sat16(rhe(static_cast<float>(sum) * row.others + static_cast<float>(value) * row.leader));
  return static_cast<int16_t>(rounded + (rounded == -32768));
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  const uint8_t* const weights = static_cast<const uint8_t*>(args.workspace);
  int32_t acc[kAttentionRows][16];
  WeighedRow weighed[kAttentionRows];

  for (size_t m = 0; m < args.m; m += kAttentionRows) {
    const size_t rows = args.m - m < kAttentionRows ? args.m - m : kAttentionRows;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t key_head = args.shared_keys ? 0 : head,
                   value_head = args.shared_values ? 0 : head;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + m * dim + head * args.head_dim, dim, rows,
                       args.keys + (key_head * padded + j) * args.head_dim, args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i) memcpy(scores + i * padded + j, acc[i], sizeof acc[i]);
      }
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      for (size_t i = 0; i < rows; ++i)
        weighed[i] = weigh(scores + i * padded, args.tokens, args.score_scale[head]);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (value_head * value_panels + panel) * depth * 16;
        multiply_panel(weights, padded * 4, rows, values, depth, acc);
        const size_t left = args.value_dim - panel * 16, columns = left < 16 ? left : 16;
        for (size_t i = 0; i < rows; ++i) {
          const int8_t* const value = values + weighed[i].token / 4 * 64 + weighed[i].token % 4;
          int16_t* const dst = args.dst + (m + i) * dst_dim + head * args.value_dim + panel * 16;
          for (size_t j = 0; j < columns; ++j)
            dst[j] = average(acc[i][j], value[j * 4], weighed[i]);
        }
      }
    }
  }
}

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
