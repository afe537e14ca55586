// SPDX-License-Identifier: Apache-2.0
// The oracle for programs: whatever vitro_open accepts runs, and every kernel variant, number of
// threads and content of the arena before gives the same bytes in every tensor after every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vitro/vitro.h"

namespace vitro::fuzz {

/// How much of a program's execution is worth its time.
struct Effort {
  double work = 1e6;  // multiplications and bytes touched, of one run
  size_t arena_bytes = size_t{8} << 20;
};

enum class Verdict { refused, heavy, agreed };

/// Opens the program, whose bytes need no alignment, and runs it in all ways; fail()s where two
/// differ or something is touched that may not be.
Verdict check_program(const uint8_t* data, size_t size, const Effort& effort = {});

bool too_heavy(const vitro_program& program, const Effort& effort);

struct Way {
  const char* isa;
  size_t threads;
  uint8_t arena_byte;  // what the arena holds before
};

/// For each step the bytes that its ops wrote into arena tensors, without padding; last the
/// outputs. fail()s where a step changes anything in the arena but its destinations and scratch.
std::vector<std::vector<uint8_t>> bytes_of_steps(const vitro_program& program, const Way& way);

}  // namespace vitro::fuzz
