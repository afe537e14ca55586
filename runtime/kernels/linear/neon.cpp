// SPDX-License-Identifier: Apache-2.0
// linear for NEON, AArch64 and ARMv7: four rows x 16 columns in int32, then the outputs, eight
// columns at a time.
#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/tiles/neon_tile.h"

namespace vitro::neon {

void linear(const LinearArgs& args) { linear_by<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon
