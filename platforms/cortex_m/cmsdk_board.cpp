// SPDX-License-Identifier: Apache-2.0
// board.h on Arm's MPS2 and MPS3 boards, which have the CMSDK's UART. The constants come from
// boards/<board>.h, the memories from boards/<board>.ld.
#include "platforms/firmware/board.h"

#include VITRO_BOARD_HEADER
#include "platforms/cortex_m/semihosting.h"
#include "platforms/cortex_m/systick.h"

extern "C" {
// By sections.ld.
extern uint8_t vitro_arena_start[], vitro_arena_end[], vitro_stack_bottom[], vitro_stack_top[];
extern const uint8_t vitro_flash_start[], vitro_flash_end[];
}

namespace vitro::board {

namespace {

struct Uart {
  volatile uint32_t data, state, control, interrupt, baud_divider;
};

Uart* const kUart = reinterpret_cast<Uart*>(kUartAddress);

constexpr uint32_t kTransmitterFull = 1, kReceiverFull = 2;  // state
constexpr uint32_t kTransmit = 1, kReceive = 2;              // control
constexpr uint32_t kBaud = 115200;

void start_uart() {
  if (kUart->control == (kTransmit | kReceive)) return;
  kUart->baud_divider = kClock / kBaud;
  kUart->control = kTransmit | kReceive;
}

void send(char byte) {
  while (kUart->state & kTransmitterFull) {
  }
  kUart->data = static_cast<uint8_t>(byte);
}

}  // namespace

const char* name() { return kName; }

void write(const char* text, size_t length) {
  start_uart();
  for (; length > 0; --length, ++text) {
    if (*text == '\n') send('\r');
    send(*text);
  }
}

int read(uint32_t milliseconds) {
  start_uart();
  const uint64_t start = systick_cycles(), limit = uint64_t{milliseconds} * (kClock / 1000);
  while (!(kUart->state & kReceiverFull))
    if (systick_cycles() - start > limit) return -1;
  return static_cast<int>(kUart->data & 0xff);
}

uint64_t ticks() { return systick_cycles(); }

uint64_t ticks_per_second() { return kClock; }

Memory arena() {
  return {vitro_arena_start, static_cast<size_t>(vitro_arena_end - vitro_arena_start)};
}

Flash flash() {
  return {vitro_flash_start, static_cast<size_t>(vitro_flash_end - vitro_flash_start)};
}

Cores cores() { return {1, nullptr}; }

Memory stack(size_t) {
  return {vitro_stack_bottom, static_cast<size_t>(vitro_stack_top - vitro_stack_bottom)};
}

void stop(int exit_code) { semihosting_exit(exit_code); }

}  // namespace vitro::board
