// SPDX-License-Identifier: Apache-2.0
// Finds, changes and adds parts of a program's object form, by name.
#pragma once

#include <functional>
#include <string>

#include "tests/support/small_program.h"

namespace vitro {

/// A sound program for a test to change: a small one, or one written for it.
struct Base {
  Base(Small model) : make([model] { return unpack(small_program(model)); }) {}
  Base(std::function<schema::ProgramT()> written) : make(std::move(written)) {}
  std::function<schema::ProgramT()> make;
};

/// The tensor of that name. Throws std::out_of_range.
uint32_t index_of(const schema::ProgramT& program, const std::string& tensor);
inline schema::TensorT& tensor(schema::ProgramT& program, const std::string& name) {
  return *program.tensors[index_of(program, name)];
}
/// The step of that name. Throws std::out_of_range.
schema::StepT& step(schema::ProgramT& program, const std::string& name);
/// The arguments of the op of that name. Throws std::out_of_range.
schema::OpArgsUnion& op(schema::ProgramT& program, const std::string& name);

uint32_t add_tensor(schema::ProgramT& program, schema::Format format, schema::Storage storage,
                    uint32_t rows, uint32_t cols, uint64_t offset);
/// A step, before the step of that name, that copies constants over an S16 tensor of one row and 64
/// columns at `offset` of the arena.
void overwrite_before(schema::ProgramT& program, const std::string& step, uint64_t offset);
/// `count` zero bytes at a multiple of 64; the offset.
uint64_t add_zeros(schema::ProgramT& program, size_t count);
/// Moves all that lies in the arena, so that nothing touches its first bytes.
void make_room(schema::ProgramT& program, uint64_t bytes);

}  // namespace vitro
