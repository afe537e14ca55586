// SPDX-License-Identifier: Apache-2.0
// The board: PL011 serial console, the CPU's own counter, memories by the linker script, an end by
// semihosting or in sleep. VITRO_UART and VITRO_GPIO (0: none) are addresses, VITRO_BOARD a name.
#include "platforms/firmware/board.h"

#include <string.h>

#include <atomic>
#include <initializer_list>

#include "platforms/aarch64_bare/cores.h"
#include "platforms/aarch64_bare/linker.h"
#include "platforms/firmware/application.h"
#include "platforms/firmware/console.h"

extern "C" {
[[noreturn]] void board_main(uint64_t entry_level);
[[noreturn]] void board_exception(uint64_t syndrome, uint64_t address, uint64_t fault_address);
}

namespace vitro::board {

namespace {

enum Pl011 : uintptr_t {
  kData = 0x00,
  kFlags = 0x18,
  kBaudWhole = 0x24,
  kBaudFraction = 0x28,
  kLine = 0x2c,
  kControl = 0x30,
  kClear = 0x44
};
constexpr uint32_t kReceiveEmpty = 1 << 4, kTransmitFull = 1 << 5, kBusy = 1 << 3;

volatile uint32_t& uart(Pl011 at) { return *reinterpret_cast<volatile uint32_t*>(VITRO_UART + at); }

char board_name[80];
bool stopping;
std::atomic<bool> failed{false};  // more than one core may

uint64_t counter() {
  uint64_t value;
  __asm__ volatile("isb\n mrs %0, cntvct_el0" : "=r"(value)::"memory");
  return value;
}

void start_uart() {
  uart(kControl) = 0;
#if VITRO_GPIO
  // Pins 14 and 15 (8 and 10 of the header) to the PL011, wherever the Pi's firmware has it: 3 bits
  // a pin, 4 is "alternative 0".
  volatile uint32_t& select = *reinterpret_cast<volatile uint32_t*>(uintptr_t{VITRO_GPIO} + 4);
  select = (select & ~(077u << 12)) | 044u << 12;
#endif
  uart(kClear) = 0x7ff;
  uart(kBaudWhole) = 26;  // 115200 baud of the 48 MHz that the Pi's firmware sets
  uart(kBaudFraction) = 3;
  uart(kLine) = 0x70;      // 8 bits, no parity, 1 stop bit, FIFOs
  uart(kControl) = 0x301;  // receiver, transmitter, on
}

const char* cpu_name() {
  uint64_t id;
  __asm__("mrs %0, midr_el1" : "=r"(id));
  switch (id >> 4 & 0xfff) {
    case 0xd03: return "Cortex-A53";
    case 0xd07: return "Cortex-A57";
    case 0xd08: return "Cortex-A72";
    case 0xd0b: return "Cortex-A76";
  }
  return "AArch64";
}

void set_name(uint64_t entry_level) {
  char* end = board_name;
  const char level[] = {static_cast<char>('0' + entry_level), '\0'};
  for (const char* part : {VITRO_BOARD, ", ", cpu_name(), ", entered at EL", level}) {
    const size_t size = strlen(part);
    memcpy(end, part, size + 1);
    end += size;
  }
}

[[noreturn]] void sleep() {
  while (true) __asm__ volatile("wfi");
}

}  // namespace

const char* name() { return board_name; }

void write(const char* text, size_t length) {
  const auto put = [](char c) {
    while (uart(kFlags) & kTransmitFull) {
    }
    uart(kData) = static_cast<uint8_t>(c);
  };
  for (size_t i = 0; i < length; ++i) {
    if (text[i] == '\n') put('\r');
    put(text[i]);
  }
}

int read(uint32_t milliseconds) {
  const uint64_t start = counter(), limit = ticks_per_second() * milliseconds / 1000;
  while (uart(kFlags) & kReceiveEmpty)
    if (counter() - start > limit) return -1;
  return static_cast<int>(uart(kData) & 0xff);
}

uint64_t ticks() { return counter(); }

uint64_t ticks_per_second() {
  uint64_t frequency;
  __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
}

Memory arena() { return {arena_begin, static_cast<size_t>(arena_end - arena_begin)}; }

Flash flash() { return {image_end, static_cast<size_t>(writable_begin - image_end)}; }

// HLT 0xf000 asks a simulator or a debugger to end. Where there is none it is an undefined
// instruction, and its exception ends in sleep.
void stop(int exit_code) {
  while (uart(kFlags) & kBusy) {
  }
  stopping = true;
  const uint64_t block[2] = {0x20026,
                             static_cast<uint64_t>(exit_code)};  // ADP_Stopped_ApplicationExit
  register uint64_t operation __asm__("x0") = 0x18;              // SYS_EXIT
  register const uint64_t* parameters __asm__("x1") = block;
  __asm__ volatile("hlt #0xf000" : "+r"(operation) : "r"(parameters) : "memory");
  sleep();
}

}  // namespace vitro::board

void board_main(uint64_t entry_level) {
  vitro::board::start_uart();
  vitro::board::set_name(entry_level);
  vitro::board::wake_cores(entry_level);
  vitro::run_application();
}

void board_exception(uint64_t syndrome, uint64_t address, uint64_t fault_address) {
  if (vitro::board::stopping || vitro::board::failed.exchange(true)) vitro::board::sleep();
  vitro::print("error: an exception of the CPU: ESR ");
  vitro::print_hex(syndrome);
  vitro::print(", ELR ");
  vitro::print_hex(address);
  vitro::print(", FAR ");
  vitro::print_hex(fault_address);
  vitro::print("\nexit_code ");
  vitro::print(uint64_t{vitro::kCpuException});
  vitro::print("\n");
  vitro::board::stop(vitro::kCpuException);
}
