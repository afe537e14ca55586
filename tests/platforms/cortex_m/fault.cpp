// SPDX-License-Identifier: Apache-2.0
// Replaces the application: executes an instruction that no CPU has.
#include "platforms/firmware/application.h"

namespace vitro {

void run_application() { __builtin_trap(); }

}  // namespace vitro
