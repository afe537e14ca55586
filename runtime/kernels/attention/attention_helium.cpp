// SPDX-License-Identifier: Apache-2.0
// attention for Helium, Cortex-M55, six queries at a time: scores of one head in the workspace,
// their weights behind them as uint8, never a whole map.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_HELIUM)
VITRO_TARGET_HELIUM

#include "runtime/kernels/attention/helium_softmax.h"
#include "runtime/kernels/attention/score_terms.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/helium_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::helium {

namespace {

constexpr size_t kQueries = 6;  // whole tiles
static_assert(kQueries * 4 + kQueries <= kAttentionRows * 4 && kQueries % kTileRows == 0,
              "the workspace holds scores and weights");

void store_averages(const int32_t* acc, const WeighedRow& row, const int8_t* panel, int16_t* dst,
                    size_t columns) {
  const int8_t* const values = panel + row.token / 4 * 64 + row.token % 4;
  for (size_t j = 0; j < columns; j += 4) {  // head_dim is a multiple of four
    const float32x4_t others =
        vmulq_n_f32(vcvtq_f32_s32(vsubq_n_s32(vld1q_s32(acc + j), row.excess)), row.others);
    const int32x4_t value =
        vldrbq_gather_offset_s32(values + j * 4, vshlq_n_u32(vidupq_n_u32(0, 1), 2));
    const float32x4_t y = vaddq_f32(others, vmulq_n_f32(vcvtq_f32_s32(value), row.leader));
    vstrhq_s32(dst + j, vminq_s32(vmaxq_s32(rhe(y), vdupq_n_s32(-32767)), vdupq_n_s32(32767)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim, dst_dim = args.heads * args.value_dim,
               padded = VITRO_KEY_PANELS(args.tokens) * 16,
               depth = VITRO_VALUE_QUADS(args.tokens) * 4;
  const size_t value_panels = VITRO_VALUE_PANELS(args.value_dim);
  int32_t* const scores = static_cast<int32_t*>(args.workspace);
  uint8_t* const weights = reinterpret_cast<uint8_t*>(scores + kQueries * padded);
  int32_t acc[kQueries][16];
  WeighedRow weighed[kQueries];

  for (size_t m = 0; m < args.m; m += kQueries) {
    const size_t rows = args.m - m < kQueries ? args.m - m : kQueries;
    for (size_t head = 0; head < args.heads; ++head) {
      const size_t key_head = args.shared_keys ? 0 : head,
                   value_head = args.shared_values ? 0 : head;
      for (size_t j = 0; j < padded; j += 16) {
        multiply_panel(args.q + m * dim + head * args.head_dim, dim, rows,
                       args.keys + (key_head * padded + j) * args.head_dim, args.head_dim, acc);
        for (size_t i = 0; i < rows; ++i)
          for (size_t column = 0; column < 16; column += 4)
            vst1q_s32(scores + i * padded + j + column, vld1q_s32(acc[i] + column));
      }
      if (args.terms) add_terms(args, head, m, rows, scores, padded);
      for (size_t i = 0; i < rows; ++i)
        weighed[i] =
            weigh(scores + i * padded, args.tokens, args.score_scale[head], weights + i * padded);
      for (size_t panel = 0; panel < value_panels; ++panel) {
        const int8_t* const values = args.values + (value_head * value_panels + panel) * depth * 16;
        multiply_panel(weights, padded, rows, values, depth, acc);
        const size_t left = args.value_dim - panel * 16;
        for (size_t i = 0; i < rows; ++i)
          store_averages(acc[i], weighed[i], values,
                         args.dst + (m + i) * dst_dim + head * args.value_dim + panel * 16,
                         left < 16 ? left : 16);
      }
    }
  }
}

}  // namespace vitro::helium

VITRO_BASELINE_END
#endif  // VITRO_HAVE_HELIUM
