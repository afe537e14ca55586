// SPDX-License-Identifier: Apache-2.0
// From reset to run_application(), and what happens on an exception. The same on all of Cortex-M4,
// M7 and M55.
#include <stdint.h>
#include <string.h>

#include "platforms/cortex_m/semihosting.h"
#include "platforms/cortex_m/systick.h"
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"

extern "C" {

// By sections.ld.
extern uint32_t vitro_data_start[], vitro_data_end[], vitro_bss_start[], vitro_bss_end[],
    vitro_stack_top[];
extern const uint32_t vitro_data_load[];

[[noreturn]] void start() {
  memcpy(vitro_data_start, vitro_data_load,
         static_cast<size_t>(reinterpret_cast<uint8_t*>(vitro_data_end) -
                             reinterpret_cast<uint8_t*>(vitro_data_start)));
  memset(vitro_bss_start, 0,
         static_cast<size_t>(reinterpret_cast<uint8_t*>(vitro_bss_end) -
                             reinterpret_cast<uint8_t*>(vitro_bss_start)));
  vitro::systick_start();
  vitro::run_application();
}

// FPU and Helium (coprocessors 10 and 11 in CPACR) before the first instruction that might use
// them, so before any compiled one.
[[gnu::naked, noreturn]] void reset() {
  __asm__ volatile(
      "ldr r0, =0xe000ed88\n"
      "ldr r1, [r0]\n"
      "orr r1, r1, #0xf00000\n"
      "str r1, [r0]\n"
      "dsb\n"
      "isb\n"
      "b start\n");
}

// What the CPU pushed: r0-r3, r12, lr, pc, xpsr.
[[noreturn, gnu::used]] void report_exception(const uint32_t* frame, uint32_t number) {
  using namespace vitro;
  if (semihosting_stopped()) semihosting_sleep();  // no debugger took the breakpoint
  print("\nerror: an exception of the CPU: number ");
  print(uint64_t{number});
  print(", pc ");
  print_hex(frame[6]);
  print(", lr ");
  print_hex(frame[5]);
  print(", cfsr ");
  print_hex(*reinterpret_cast<volatile uint32_t*>(0xe000ed28));
  print(", bfar ");
  print_hex(*reinterpret_cast<volatile uint32_t*>(0xe000ed38));
  print("\nexit_code 99\n");
  board::stop(kCpuException);
}

[[gnu::naked, noreturn]] void exception() {
  __asm__ volatile(
      "mrs r0, msp\n"
      "mrs r1, ipsr\n"
      "b report_exception\n");
}

void systick() { vitro::systick_wrapped(); }

// The sixteen words that the architecture defines; no interrupt of a device is ever enabled.
[[gnu::section(".vectors"), gnu::used]] const void* const vitro_vectors[16] = {
    vitro_stack_top,
    reinterpret_cast<const void*>(reset),
    reinterpret_cast<const void*>(exception),  // NMI
    reinterpret_cast<const void*>(exception),  // HardFault, to which the others escalate
    reinterpret_cast<const void*>(exception),  // MemManage
    reinterpret_cast<const void*>(exception),  // BusFault
    reinterpret_cast<const void*>(exception),  // UsageFault
    reinterpret_cast<const void*>(exception),  // SecureFault
    nullptr,
    nullptr,
    nullptr,
    reinterpret_cast<const void*>(exception),  // SVCall
    reinterpret_cast<const void*>(exception),  // DebugMonitor
    nullptr,
    reinterpret_cast<const void*>(exception),  // PendSV
    reinterpret_cast<const void*>(systick),
};

}  // extern "C"
