// SPDX-License-Identifier: Apache-2.0
// Runs a program in guarded memory, in ways that must all give the same logits.
#pragma once

#include <string>
#include <vector>

#include "tests/support/guarded_memory.h"

namespace vitro {

struct RunOptions {
  size_t threads = 1;
  bool real_threads =
      false;  // std::thread; otherwise the tasks run one after the other, the last first
  const char* isa = nullptr;
  uint8_t arena_byte = 0;  // what the arena holds before bind
  uint32_t picture = 7;    // seed
};

/// The logits' bytes (of all outputs, where there are others), or a fault: bind's status, a write
/// outside the arena.
struct RunResult {
  std::string fault;
  std::vector<uint8_t> logits;
};

RunResult run_program(const vitro_program& program, const RunOptions& options);

void backwards(void* pool, void (*task)(void* context, size_t i), void* context, size_t count);
void in_threads(void* pool, void (*task)(void* context, size_t i), void* context, size_t count);

}  // namespace vitro
