// SPDX-License-Identifier: Apache-2.0
// Changes programs by their object form, so that what comes of it is mostly a program still.
#pragma once

#include <functional>
#include <vector>

#include "converter/draft/program_object_generated.h"
#include "tests/fuzz/support/choices.h"

namespace vitro::fuzz {

/// A file's object form; false where it has none, since its structure is broken or an op unknown.
bool unpack(const uint8_t* data, size_t size, schema::ProgramT& program);
std::vector<uint8_t> pack(const schema::ProgramT& program);

/// Some changes of one kind, as below: the same for the same choices on every machine.
void change(schema::ProgramT& program, Choices& choices);

/// One change of some field, or of the order of steps and ops: near limits, between tensors.
void damage(schema::ProgramT& program, Choices& choices);

/// Adds an op of some type that reads what the program has already, into a tensor of its own.
void grow(schema::ProgramT& program, Choices& choices);

/// Another number for one of the widths or heights, wherever it occurs, and constants to match.
void reshape(schema::ProgramT& program, Choices& choices);

/// Gives every arena tensor memory of its own, every step its scratch behind all of them.
void spread(schema::ProgramT& program);

/// Makes the sums of weights right, and no weight -128, so that the change of something else is
/// not refused for these.
void repair_weights(schema::ProgramT& program);

// ---- for the above

/// A field of an op that names a tensor; -1 where there is no addend.
struct OperandRef {
  std::function<int64_t()> get;
  std::function<void(int64_t)> set;
};
/// The destination is the last.
std::vector<OperandRef> operands_of(schema::OpT& op);
int64_t destination_of(schema::OpT& op);

/// Their offset, a multiple of 64.
uint64_t add_constants(schema::ProgramT& program, const void* data, size_t bytes);
/// New weights, scales and biases for the shapes of its tensors, of a static linear exact ones; the
/// sums are repair_weights()'s.
void fill_linear(schema::ProgramT& program, schema::LinearT& linear, Choices& choices);
/// 2 * cols floats; their offset.
uint64_t add_channels(schema::ProgramT& program, size_t cols, Choices& choices);

}  // namespace vitro::fuzz
