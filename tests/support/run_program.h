// SPDX-License-Identifier: Apache-2.0
// Runs a program in guarded memory. All ways to run it must give the same logits.
#pragma once

#include <string>
#include <vector>

#include "tests/support/guarded_memory.h"

namespace vitro {

struct RunOptions {
  size_t threads = 1;
  bool real_threads =
      false;  // whether to use std::thread, instead of one task after the other, the last first
  const char* isa = nullptr;
  uint8_t arena_byte = 0;  // the content of the arena before bind
  uint32_t picture = 7;    // seed
};

/// The bytes of the logits (of all outputs, where there are others), or a fault: the status of
/// bind, or a write outside the arena.
struct RunResult {
  std::string fault;
  std::vector<uint8_t> logits;
};

RunResult run_program(const vitro_program& program, const RunOptions& options);

void backwards(void* pool, void (*task)(void* context, size_t i), void* context, size_t count);
void in_threads(void* pool, void (*task)(void* context, size_t i), void* context, size_t count);

}  // namespace vitro
