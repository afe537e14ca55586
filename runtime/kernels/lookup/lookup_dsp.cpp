// SPDX-License-Identifier: Apache-2.0
// lookup for ARMv7E-M, Cortex-M4 and M7: four values at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/lookup/lookup_by_four.h"

namespace vitro::dsp {

void lookup(const LookupArgs& args) { lookup_by_four(args); }

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
