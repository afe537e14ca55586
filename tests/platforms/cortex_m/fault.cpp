// SPDX-License-Identifier: Apache-2.0
// An instruction that no CPU has, in place of the application.
#include "platforms/firmware/application.h"

namespace vitro {

void run_application() { __builtin_trap(); }

}  // namespace vitro
