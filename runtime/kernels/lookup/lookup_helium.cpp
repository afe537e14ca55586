// SPDX-License-Identifier: Apache-2.0
// lookup for Helium, Cortex-M55: sixteen values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_HELIUM)
VITRO_TARGET_HELIUM

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/helium_math.h"

namespace vitro::helium {

void lookup(const LookupArgs& args) {
  for (size_t i = 0; i < args.count; i += 16) {
    const mve_pred16_t present = vctp8q(static_cast<uint32_t>(args.count - i));
    const uint8x16_t at =
        veorq_u8(vreinterpretq_u8_s8(vld1q_z_s8(args.src + i, present)), vdupq_n_u8(0x80));
    vst1q_p_s8(args.dst + i, vldrbq_gather_offset_s8(args.table, at), present);
  }
}

}  // namespace vitro::helium

VITRO_BASELINE_END
#endif  // VITRO_HAVE_HELIUM
