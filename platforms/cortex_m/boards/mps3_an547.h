// SPDX-License-Identifier: Apache-2.0
// Arm MPS3 with the Cortex-M55 image AN547 (Corstone SSE-300).
#include <stdint.h>

namespace vitro::board {
constexpr char kName[] = "MPS3 AN547, Cortex-M55";
constexpr uint32_t kClock = 32000000;
constexpr uintptr_t kUartAddress = 0x59303000;  // UART0, as the secure state sees it
}  // namespace vitro::board
