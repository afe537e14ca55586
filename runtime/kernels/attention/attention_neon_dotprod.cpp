// SPDX-License-Identifier: Apache-2.0
// attention for AArch64 with SDOT: eight queries at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON_DOTPROD)
VITRO_TARGET_NEON_DOTPROD
// For the headers: the compiler's own macro for it need not follow a pragma.
#define VITRO_WITH_DOTPROD

#include "runtime/kernels/attention/neon_attention.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro::neon_dotprod {

namespace {

void multiply_shifted(const int8_t* rows, size_t row_stride, size_t row_count, const int8_t* panel,
                      size_t k, int32_t* acc, size_t acc_stride) {
  multiply_panel_from<kRounders>(rows, row_stride, row_count, panel, k, acc, acc_stride);
}

// Of the few attentions with a bias or large heads. One function, for its size.
__attribute__((noinline, noclone)) void multiply(const int8_t* rows, size_t row_stride,
                                                 size_t row_count, const int8_t* panel, size_t k,
                                                 int32_t* acc, size_t acc_stride) {
  multiply_panel(rows, row_stride, row_count, panel, k, acc, acc_stride);
}

}  // namespace

void attention(const AttentionArgs& args) {
  // Three columns of zeros at most fill the last four tokens.
  const bool shifted = ShiftedScores::hold(args) && args.tokens + 3 <= kShiftedDepth;
  if (shifted)
    attention_by<kTileRows, multiply_shifted, ShiftedScores, ShiftedSums>(args);
  else
    attention_by<kTileRows, multiply>(args);
}

}  // namespace vitro::neon_dotprod

VITRO_TARGET_END
#endif  // VITRO_HAVE_NEON_DOTPROD
