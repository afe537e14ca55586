// SPDX-License-Identifier: Apache-2.0
#include "platforms/cortex_m/systick.h"

namespace vitro {

namespace {

volatile uint32_t* const kControl = reinterpret_cast<volatile uint32_t*>(0xe000e010);
volatile uint32_t* const kReload = reinterpret_cast<volatile uint32_t*>(0xe000e014);
volatile uint32_t* const kValue = reinterpret_cast<volatile uint32_t*>(0xe000e018);
volatile uint32_t* const kInterruptState = reinterpret_cast<volatile uint32_t*>(0xe000ed04);

constexpr uint32_t kEnable = 1, kException = 2, kCpuClock = 4;
constexpr uint32_t kPending = 1u << 26;
constexpr uint32_t kLargest = 0xffffff;

volatile uint32_t wraps = 0;

}  // namespace

void systick_start() {
  *kReload = kLargest;
  *kValue = 0;
  *kControl = kEnable | kException | kCpuClock;
}

void systick_wrapped() { wraps = wraps + 1; }

uint64_t systick_cycles() {
  uint32_t before, elapsed, pending;
  do {
    before = wraps;
    elapsed = (0 - *kValue) & kLargest;  // it counts down, and 0, with which a period begins, is
                                         // when the exception is raised
    pending = *kInterruptState & kPending;
  } while (before != wraps);
  const uint32_t missed = pending && elapsed < kLargest / 2;  // raised, and not taken yet
  return (uint64_t{before} + missed) << 24 | elapsed;
}

}  // namespace vitro
