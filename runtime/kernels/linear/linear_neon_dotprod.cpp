// SPDX-License-Identifier: Apache-2.0
// linear for AArch64 with SDOT (ARMv8.2 dotprod): whole tiles in registers; others as eight rows x
// 16 columns in int32, then the outputs as neon has them, but for GELU.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON_DOTPROD)
VITRO_TARGET_NEON_DOTPROD
// For the headers: the compiler's own macro for it need not follow a pragma.
#define VITRO_WITH_DOTPROD

#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/linear/neon_walk.h"
#include "runtime/kernels/linear/neon_whole_tiles.h"
#include "runtime/kernels/tiles/neon_dotprod_tile.h"

namespace vitro::neon_dotprod {

// Every CPU with SDOT has SQRDMLAH (ARMv8.1), which neon cannot use.
Finish finish_of(LinearOutput output) {
  return output == LinearOutput::gelu ? finish<IntegerRows<LinearOutput::gelu>, false>
                                      : neon::finish_of(output);
}

void linear(const LinearArgs& args) {
  linear_by<kTileRows, multiply_panel>(args, finish_of(args.output), whole_tiles_of(args));
}

}  // namespace vitro::neon_dotprod

VITRO_TARGET_END
#endif  // VITRO_HAVE_NEON_DOTPROD
