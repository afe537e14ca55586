// SPDX-License-Identifier: Apache-2.0
// Arm MPS2 with the Cortex-M4 image AN386.
#include <stdint.h>

namespace vitro::board {
constexpr char kName[] = "MPS2 AN386, Cortex-M4";
constexpr uint32_t kClock = 25000000;
constexpr uintptr_t kUartAddress = 0x40004000;  // UART0
}  // namespace vitro::board
