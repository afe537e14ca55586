// SPDX-License-Identifier: Apache-2.0
// linear for NEON, AArch64 and ARMv7: four rows x 16 columns in int32, then the outputs, eight
// columns at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_NEON)
VITRO_TARGET_NEON

#include "runtime/kernels/linear/neon_outputs.h"
#include "runtime/kernels/linear/neon_walk.h"
#if defined(__aarch64__)
#include "runtime/kernels/linear/neon_whole_tiles.h"
#endif
#include "runtime/kernels/tiles/neon_tile.h"

namespace vitro::neon {

Finish finish_of(LinearOutput output) {
  switch (output) {
    case LinearOutput::f32: return finish<FloatRows, false>;
    case LinearOutput::s16: return finish<IntegerRows<LinearOutput::s16>, false>;
    case LinearOutput::gelu: return finish<IntegerRows<LinearOutput::gelu>, false>;
    case LinearOutput::residual: return finish<IntegerRows<LinearOutput::residual>, false>;
    case LinearOutput::s8: return finish<IntegerRows<LinearOutput::s8>, false>;
    case LinearOutput::keys: return finish<KeyRows, true>;
    case LinearOutput::values: break;
  }
  return finish<ValueRows, true>;
}

void linear(const LinearArgs& args) {
#if defined(__aarch64__)
  linear_by<kTileRows, multiply_panel>(args, finish_of(args.output), whole_tiles_of(args));
#else
  linear_by<kTileRows, multiply_panel>(args, finish_of(args.output));
#endif
}

}  // namespace vitro::neon

VITRO_BASELINE_END
#endif  // VITRO_HAVE_NEON
