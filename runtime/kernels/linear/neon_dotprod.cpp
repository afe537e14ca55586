// SPDX-License-Identifier: Apache-2.0
// linear for AArch64 with SDOT (ARMv8.2 dotprod): eight rows x 16 columns in int32, then the
// outputs as neon has them.
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro::neon_dotprod {

void linear(const LinearArgs& args) { linear_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon_dotprod
