// SPDX-License-Identifier: Apache-2.0
// attention for AArch64 with SDOT: eight queries at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON_DOTPROD)
VITRO_TARGET_NEON_DOTPROD

#include "runtime/kernels/attention/neon_attention.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro::neon_dotprod {

void attention(const AttentionArgs& args) { attention_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon_dotprod

VITRO_TARGET_END
#endif  // VITRO_HAVE_NEON_DOTPROD
