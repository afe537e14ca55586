// SPDX-License-Identifier: Apache-2.0
// Where a bit can flip while a program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vitro/vitro.h"

namespace vitro::soft_errors {

enum class Region {
  // Regions of the program: flips stay, so that all later runs meet them.
  weights,         // of linears
  channel_floats,  // scales and biases of linears, and what other ops have for each column
  weight_sums,     // of linears: for kernels that take unsigned activations
  constant_rows,   // int16: class token, positions
  tables,          // of lookups
  structure,  // of the file: which op, which shape, where; scales of ops, labels, golden vectors
  session,    // addresses and numbers that vitro_bind wrote into the arena
  // Regions of one run: flips happen after the step that wrote them.
  int16_rows,
  int8_rows,  // keys and values among them
  row_scales,
  row_zero_points,
  outputs,  // floats
  // Any byte of the planned region, before any step: input, tensors in use or no longer in use,
  // scratch.
  arena,
};
constexpr int kRegions = 13;

const char* name_of(Region region);
/// Whether a flip stays after the run in which it happened.
bool stays(Region region);

/// Elements of one kind, `stride` bytes apart, from `offset` on: in the program, or in the arena,
/// where they are flipped before step `step`.
struct Place {
  uint64_t offset, count;
  uint32_t bits, stride;
  size_t step;
};

/// All places of a region; empty where the program has nothing in it.
std::vector<Place> places_of(Region region, const vitro_program& program,
                             const vitro_session& session);

}  // namespace vitro::soft_errors
