// SPDX-License-Identifier: Apache-2.0
// How much of a stack was ever used: painted at first, looked at in the end.
#pragma once

#include "platforms/firmware/board.h"

namespace vitro {

constexpr uint32_t kPaint = 0xc0ffee00;
constexpr size_t kKept = 256;  // bytes below the frame that painting itself may use

/// Paints what lies below the caller's frame.
__attribute__((always_inline)) inline void paint_stack(const board::Memory& stack) {
  volatile uint32_t* const lowest = reinterpret_cast<volatile uint32_t*>(stack.data);
  const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - kKept;
  for (size_t i = 0;
       i < stack.bytes / sizeof *lowest && reinterpret_cast<uintptr_t>(lowest + i) < here; ++i)
    lowest[i] = kPaint;
}

/// The bytes that were used at any time since.
inline size_t used_stack(const board::Memory& stack) {
  const volatile uint32_t* const lowest = reinterpret_cast<volatile uint32_t*>(stack.data);
  size_t untouched = 0;
  while (untouched < stack.bytes / sizeof *lowest && lowest[untouched] == kPaint) ++untouched;
  return stack.bytes - untouched * sizeof *lowest;
}

}  // namespace vitro
