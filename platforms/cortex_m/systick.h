// SPDX-License-Identifier: Apache-2.0
// SysTick as a 64-bit clock of the CPU's cycles: every Cortex-M has it (the cycle counter of the
// debug unit is optional, and QEMU has none).
#pragma once

#include <stdint.h>

namespace vitro {

void systick_start();

/// Cycles since systick_start().
uint64_t systick_cycles();

/// The SysTick exception: once in 2^24 cycles.
void systick_wrapped();

}  // namespace vitro
