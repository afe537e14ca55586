// SPDX-License-Identifier: Apache-2.0
// linear for AArch64 with SMMLA (ARMv8.6 i8mm): eight rows x 16 columns in int32, then the outputs
// as neon_dotprod has them.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON_I8MM)
VITRO_TARGET_NEON_I8MM

#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/tiles/neon_i8mm_tile.h"

namespace vitro::neon_i8mm {

void linear(const LinearArgs& args) {
  linear_by<kTileRows, multiply_panel>(args, neon_dotprod::finish_of(args.output));
}

}  // namespace vitro::neon_i8mm

VITRO_TARGET_END
#endif  // VITRO_HAVE_NEON_I8MM
