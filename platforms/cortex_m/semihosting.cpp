// SPDX-License-Identifier: Apache-2.0
#include "platforms/cortex_m/semihosting.h"

#include <stdint.h>

namespace vitro {

namespace {

constexpr uint32_t kExitExtended = 0x20, kApplicationExit = 0x20026;

bool stopped = false;

}  // namespace

bool semihosting_stopped() { return stopped; }

void semihosting_sleep() {
  while (true) __asm__ volatile("wfi");
}

void semihosting_exit(int code) {
  stopped = true;
  const uint32_t block[2] = {kApplicationExit, static_cast<uint32_t>(code)};
  register uint32_t operation __asm__("r0") = kExitExtended;
  register const uint32_t* parameter __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(parameter) : "memory");
  semihosting_sleep();
}

}  // namespace vitro
