// SPDX-License-Identifier: Apache-2.0
// What the functions that add ops to a program share.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "tests/fuzz/programs/mutate.h"

namespace vitro::fuzz {

/// In the arena, of one group and one head. Returns its index.
uint32_t add_tensor(schema::ProgramT& program, schema::Format format, uint32_t rows, uint32_t cols);
/// Constant int16 rows.
uint32_t add_rows(schema::ProgramT& program, uint32_t rows, uint32_t cols, Choices& choices);
/// A tensor of this format, in the arena, which an op writes.
std::optional<uint32_t> written(schema::ProgramT& program, schema::Format format, Choices& choices);

void append_step(schema::ProgramT& program, uint32_t rows, Choices& choices);
/// To the last step.
template <class Args>
void append_op(schema::ProgramT& program, Args args) {
  auto op = std::make_unique<schema::OpT>();
  op->args.Set(std::move(args));
  program.steps.back()->ops.push_back(std::move(op));
}

/// Adds head_norm, rotate_pairs or multiply of the int16 rows `src`.
void grow_heads(schema::ProgramT& program, uint32_t src, Choices& choices);

/// Adds rollout, from the first token and from what that gives, arg_max of it and, of int16 rows
/// that there are, pick_rows.
struct Compared {
  uint32_t q, k;
  uint32_t head_dim;
};
void grow_parts(schema::ProgramT& program, const Compared& compared, Choices& choices);
/// Adds another way of cutting the picture into patches.
void grow_patches(schema::ProgramT& program, Choices& choices);

}  // namespace vitro::fuzz
