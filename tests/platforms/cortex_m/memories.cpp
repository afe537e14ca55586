// SPDX-License-Identifier: Apache-2.0
// Replaces the application: binds the flash image's program into two memories of the board, session
// and scratch in RAM, activations in RAM2, and runs its golden vectors. Says where what lies.
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "tests/platforms/cortex_m/flash_program.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

alignas(VITRO_ALIGNMENT) __attribute__((section(".ram2"))) uint8_t ram2[1 << 18];

constexpr uint8_t kGuard = 0x5a;

size_t padded(size_t bytes) {
  return (bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT;
}

void print_memory(const char* name, const vitro_memory& memory) {
  print(name);
  print(" ");
  print(memory.bytes);
  print(" at ");
  print(uint64_t{reinterpret_cast<uintptr_t>(memory.data)});
  print("\n");
}

// After each memory, up to the next or the end.
bool guarded(const uint8_t* from, const uint8_t* to) {
  while (from < to && *from == kGuard) ++from;
  return from == to;
}

void fill(uint8_t* from, const uint8_t* to) {
  while (from < to) *from++ = kGuard;
}

const char* run() {
  vitro_program program;
  if (const char* const fault = open_flash_program(program)) return fault;

  const board::Memory ram = board::arena();
  vitro_memories memories;
  vitro_memory_bytes(&program, 1, &memories);
  const size_t scratch_at = padded(memories.session.bytes) + VITRO_ALIGNMENT;
  if (scratch_at + memories.scratch.bytes > ram.bytes || memories.activations.bytes > sizeof ram2)
    return "the program does not fit into these memories";
  memories.session.data = ram.data;
  memories.scratch.data = ram.data + scratch_at;
  memories.activations.data = ram2;
  print_memory("session", memories.session);
  print_memory("activations", memories.activations);
  print_memory("scratch", memories.scratch);
  print("arena ");
  print(vitro_arena_bytes(&program, 1));
  print("\n");

  vitro_session* session = nullptr;
  --memories.activations.bytes;
  if (vitro_bind_memories(&program, nullptr, &memories, &session) != VITRO_MEMORY_TOO_SMALL)
    return "a byte less is not refused";
  print("refused: ");
  print(memories.fault);
  print("\n");
  ++memories.activations.bytes;
  fill(ram.data, ram.data + ram.bytes);
  fill(ram2, ram2 + sizeof ram2);
  const vitro_status bound = vitro_bind_memories(&program, nullptr, &memories, &session);
  if (bound != VITRO_OK) return vitro_status_text(bound);
  const vitro_status tested = vitro_self_test(session);
  if (tested != VITRO_OK) return vitro_status_text(tested);
  if (!guarded(ram.data + memories.session.bytes, ram.data + scratch_at) ||
      !guarded(ram.data + scratch_at + memories.scratch.bytes, ram.data + ram.bytes) ||
      !guarded(ram2 + memories.activations.bytes, ram2 + sizeof ram2))
    return "something was written outside the memories";
  print("kernels ");
  print(vitro_session_isa(session));
  print("\ngolden ok\n");
  return nullptr;
}

}  // namespace

void run_application() { stop_with(run()); }

}  // namespace vitro
