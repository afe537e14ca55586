// SPDX-License-Identifier: Apache-2.0
// What a board gives to the application that all boards share (application.h). One board is linked
// into an image; each function is called from one core.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vitro/vitro.h"

namespace vitro::board {

struct Memory {
  uint8_t* data;
  size_t bytes;
};

/// For people, in one line: the board and how its CPU was entered.
const char* name();

/// Writes to the console. A board whose console is a serial line sends "\r\n" for "\n".
void write(const char* text, size_t length);

/// The next byte from the serial console, 0 .. 255, or -1 when none came within this time.
int read(uint32_t milliseconds);

/// A free-running counter, started before the application and not to wrap in an hour.
uint64_t ticks();
uint64_t ticks_per_second();

/// For the program's arena. At a multiple of 64 bytes.
Memory arena();

/// Where a flash image may lie, from its first byte to the end of that memory. At a multiple of 64
/// bytes.
struct Flash {
  const uint8_t* data;
  size_t bytes;
};
Flash flash();

/// How many cores share the work of a run, and how; null for one.
struct Cores {
  size_t count;
  vitro_parallel_for parallel_for;
};
Cores cores();

/// The stack of a core, below cores().count, lowest address first; the application runs on core 0.
/// Cores other than that paint theirs (stack.h).
Memory stack(size_t core);

/// Ends: a simulated board hands the exit code to its host, a real one sleeps.
[[noreturn]] void stop(int exit_code);

}  // namespace vitro::board
