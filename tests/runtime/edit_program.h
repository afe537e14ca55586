// SPDX-License-Identifier: Apache-2.0
// Finds, changes and adds parts of a program's object form, by name.
#pragma once

#include <functional>
#include <string>

#include "tests/support/small_program.h"

namespace vitro {

/// Steps and ops of small_program().
inline constexpr const char *kNorm = "blocks.0.norm1", *kAttend = "blocks.0.attn.attention",
                            *kFc1 = "blocks.0.mlp.fc1";

/// A sound program for a test to change: one of the small programs, or one written for the test.
struct Base {
  Base(Small model) : make([model] { return unpack(small_program(model)); }) {}
  Base(std::function<schema::ProgramT()> written) : make(std::move(written)) {}
  std::function<schema::ProgramT()> make;
};

/// The tensor of that name. Throws std::out_of_range where there is none.
uint32_t index_of(const schema::ProgramT& program, const std::string& tensor);
inline schema::TensorT& tensor(schema::ProgramT& program, const std::string& name) {
  return *program.tensors[index_of(program, name)];
}
/// The step of that name. Throws std::out_of_range where there is none.
schema::StepT& step(schema::ProgramT& program, const std::string& name);
/// The arguments of the op of that name. Throws std::out_of_range where there is none.
schema::OpArgsUnion& op(schema::ProgramT& program, const std::string& name);

uint32_t add_tensor(schema::ProgramT& program, schema::Format format, schema::Storage storage,
                    uint32_t rows, uint32_t cols, uint64_t offset);
/// Inserts a step before the step of that name. It copies constants to an S16 tensor of one row and
/// 64 columns at `offset` in the arena.
void overwrite_before(schema::ProgramT& program, const std::string& step, uint64_t offset);
/// Writes a float of the constants, `at` bytes from their beginning.
void set_float(schema::ProgramT& program, uint64_t at, float value);
/// Adds `count` zero bytes to the constants, at a multiple of 64. Returns their offset.
uint64_t add_zeros(schema::ProgramT& program, size_t count);
/// Moves everything in the arena by `bytes`, so that nothing uses its first bytes.
void make_room(schema::ProgramT& program, uint64_t bytes);

}  // namespace vitro
