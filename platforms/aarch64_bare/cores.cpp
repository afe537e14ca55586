// SPDX-License-Identifier: Apache-2.0
// The work of a run on all cores: whoever comes takes a share. Cores without work wait for an event
// (WFE), in which they need little power. Nobody waits for a core that has taken no share, so one
// that never comes only makes a run slower.
#include "platforms/aarch64_bare/cores.h"

#include <atomic>

#include "platforms/aarch64_bare/core_stacks.h"
#include "platforms/aarch64_bare/linker.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/stack.h"

extern "C" {
void enter();
[[noreturn]] void core_main(uint64_t core);
}

namespace vitro::board {

namespace {

size_t others;  // cores beside the first

void (*task)(void*, size_t);
void* task_context;
std::atomic<uint32_t> shares;  // how many, in the upper half; the next to be taken, in the lower
std::atomic<uint32_t> unfinished;

// What was stored before is visible to whoever the event wakes. An event that comes just before a
// WFE is not lost: the core remembers it.
void send_event() { __asm__ volatile("dsb ish\n sev" ::: "memory"); }
void wait_for_event() { __asm__ volatile("wfe" ::: "memory"); }

// False if there was none. What the share is of is read after it was taken: it stays until it is
// finished.
bool work_on_a_share() {
  uint32_t taken = shares.load(std::memory_order_acquire);
  do {
    if ((taken & 0xffff) >= taken >> 16) return false;
  } while (!shares.compare_exchange_weak(taken, taken + 1, std::memory_order_acquire));
  task(task_context, taken & 0xffff);
  if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) send_event();
  return true;
}

void share(void*, void (*new_task)(void*, size_t), void* context, size_t count) {
  task = new_task;
  task_context = context;
  unfinished.store(static_cast<uint32_t>(count), std::memory_order_relaxed);
  shares.store(static_cast<uint32_t>(count) << 16, std::memory_order_release);
  send_event();
  while (work_on_a_share()) {
  }
  while (unfinished.load(std::memory_order_acquire) > 0) wait_for_event();
}

#ifdef VITRO_PSCI
// CPU_ON of the Power State Coordination Interface (Arm DEN 0022): false if there is no such core.
// It is the hypervisor's where the machine has none of its own for us, else the firmware's.
bool turn_on(uint64_t core, bool by_firmware) {
  register uint64_t function __asm__("x0") = 0xc4000003;
  register uint64_t target __asm__("x1") = core;
  register uint64_t entry __asm__("x2") = reinterpret_cast<uint64_t>(enter);
  register uint64_t context __asm__("x3") = 0;
  if (by_firmware)
    __asm__ volatile("smc #0" : "+r"(function), "+r"(target), "+r"(entry), "+r"(context)::"memory");
  else
    __asm__ volatile("hvc #0" : "+r"(function), "+r"(target), "+r"(entry), "+r"(context)::"memory");
  return function == 0;
}
#endif

}  // namespace

// Entered at EL3, there is nothing below us that would have kept or could wake them.
void wake_cores(uint64_t entry_level) {
  if (entry_level == 3) return;
#ifdef VITRO_PSCI
  while (others + 1 < CORES && turn_on(others + 1, entry_level == 2)) ++others;
#endif
#ifdef VITRO_SPIN_TABLE
  others = CORES - 1;  // start.S has woken them
#endif
}

Cores cores() { return {others + 1, others > 0 ? share : nullptr}; }

Memory stack(size_t core) {
  if (core == 0) return {stack_begin, static_cast<size_t>(stack_end - stack_begin)};
  return {core_stacks_begin + (core - 1) * CORE_STACK_STRIDE + CORE_GUARD_BYTES, CORE_STACK_BYTES};
}

}  // namespace vitro::board

void core_main(uint64_t core) {
  using namespace vitro;
  paint_stack(board::stack(core));
  while (true) {
    while (board::work_on_a_share()) {
    }
    board::wait_for_event();
  }
}
