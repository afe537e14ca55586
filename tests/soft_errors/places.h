// SPDX-License-Identifier: Apache-2.0
// Where a bit can flip while a program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vitro/vitro.h"

namespace vitro::soft_errors {

enum class Region {
  // Of the program, for good: whatever runs afterwards meets them.
  weights,         // of linears
  channel_floats,  // scales and biases of linears, and of other ops what they have for each column
  weight_sums,     // of linears: for kernels that take unsigned activations
  constant_rows,   // int16: class token, positions
  tables,          // of lookups
  structure,  // of the file: which op, which shape, where; scales of ops, labels, golden vectors
  session,    // addresses and numbers that vitro_bind wrote into the arena
  // Of one run, after the step that wrote them.
  int16_rows,
  int8_rows,  // keys and values among them
  row_scales,
  row_zero_points,
  outputs,  // floats
  // Any byte of the planned region before any step: input, what lives, what is over, scratch.
  arena,
};
constexpr int kRegions = 13;

const char* name_of(Region region);
/// Whether a flip stays after the run that met it.
bool stays(Region region);

/// Elements of one kind, `stride` bytes apart: in the program's bytes from `offset`, or in the
/// arena, flipped before step `step`.
struct Place {
  uint64_t offset, count;
  uint32_t bits, stride;
  size_t step;
};

/// All of a region: none where the program has nothing of it.
std::vector<Place> places_of(Region region, const vitro_program& program,
                             const vitro_session& session);

}  // namespace vitro::soft_errors
