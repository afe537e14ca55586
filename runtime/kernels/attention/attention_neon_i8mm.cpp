// SPDX-License-Identifier: Apache-2.0
// attention for AArch64 with SMMLA: eight queries at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON_I8MM)
VITRO_TARGET_NEON_I8MM
// For the headers: the compiler's own macro for it need not follow a pragma.
#define VITRO_WITH_DOTPROD

#include "runtime/kernels/attention/neon_attention.h"
#include "runtime/kernels/tiles/neon_i8mm_tile.h"

namespace vitro::neon_i8mm {

void attention(const AttentionArgs& args) { attention_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon_i8mm

VITRO_TARGET_END
#endif  // VITRO_HAVE_NEON_I8MM
