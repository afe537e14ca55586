// SPDX-License-Identifier: Apache-2.0
// The oracle for programs: whatever vitro_open accepts must run, and every tensor must have the
// same bytes after every step, with every kernel variant, number of threads and previous content of
// the arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vitro/vitro.h"

namespace vitro::fuzz {

/// How much time a program's execution may take.
struct Effort {
  double work = 1e6;  // multiplications and bytes accessed in one run
  size_t arena_bytes = size_t{8} << 20;
};

enum class Verdict { refused, heavy, agreed };

/// Opens the program, whose bytes need no alignment, and runs it in all ways. Calls fail() where
/// two ways differ, or where something is accessed that must not be.
Verdict check_program(const uint8_t* data, size_t size, const Effort& effort = {});

bool too_heavy(const vitro_program& program, const Effort& effort);

struct Way {
  const char* isa;
  size_t threads;
  uint8_t arena_byte;  // the arena's previous content
};

/// For each step, the bytes that its ops wrote to tensors in the arena, without padding; then the
/// outputs. Calls fail() where a step changes anything in the arena except its destinations and
/// scratch.
std::vector<std::vector<uint8_t>> bytes_of_steps(const vitro_program& program, const Way& way);

}  // namespace vitro::fuzz
