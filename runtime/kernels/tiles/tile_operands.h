// SPDX-License-Identifier: Apache-2.0
// What the accumulator tiles multiply. Types alone, no functions: per-ISA objects include it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

// A right-hand side: `count` panels of [k/4][16][4], `stride` bytes apart.
struct Panels {
  const int8_t* first;
  size_t stride, count;
};

// A left-hand side of a few rows of s8 or u8, `stride` bytes apart.
struct Rows {
  const void* first;
  size_t stride, count;
};

// vpdpbusd multiplies unsigned by signed bytes. Which side gives the unsigned ones, and how:
enum class Signs {
  lhs_plus_128,  // rows are s8 and count as row + 128
  lhs_unsigned,  // rows are u8
  rhs_plus_128,  // rows are s8, columns count as column + 128
};

}  // namespace vitro
