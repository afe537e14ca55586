// SPDX-License-Identifier: Apache-2.0
// attention for AArch64 with SDOT: eight queries at a time.
#include "runtime/kernels/attention/neon_attention.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro::neon_dotprod {

void attention(const AttentionArgs& args) { attention_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon_dotprod
