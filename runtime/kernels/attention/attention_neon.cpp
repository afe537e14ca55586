// SPDX-License-Identifier: Apache-2.0
// attention for NEON, AArch64 and ARMv7: four queries at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/attention/neon_attention.h"
#include "runtime/kernels/tiles/neon_tile.h"

namespace vitro::neon {

void attention(const AttentionArgs& args) { attention_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
