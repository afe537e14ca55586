// SPDX-License-Identifier: Apache-2.0
// Changes programs in their object form, so that the result is mostly still a program.
#pragma once

#include <functional>
#include <vector>

#include "converter/draft/program_object_generated.h"
#include "tests/fuzz/support/choices.h"

namespace vitro::fuzz {

/// Reads a file into its object form. Returns false if it has none, because its structure is broken
/// or an op is unknown.
bool unpack(const uint8_t* data, size_t size, schema::ProgramT& program);
std::vector<uint8_t> pack(const schema::ProgramT& program);

/// Makes some changes of one of the kinds below. The same choices give the same changes on every
/// machine.
void change(schema::ProgramT& program, Choices& choices);

/// Makes one change to some field, or to the order of steps and ops: near limits, between tensors.
void damage(schema::ProgramT& program, Choices& choices);

/// Adds an op of some type, which reads what the program already has and writes a tensor of its
/// own.
void grow(schema::ProgramT& program, Choices& choices);

/// Replaces one of the widths or heights by another number wherever it occurs, and makes constants
/// to match.
void reshape(schema::ProgramT& program, Choices& choices);

/// Gives the tensors in the arena from `first` on memory of their own, behind that of those before,
/// and puts every step's scratch after all of them. Those before stay where they are, since some
/// are parts of others.
void spread(schema::ProgramT& program, size_t first);

/// Corrects the sums of weights, and replaces weights of -128, so that another change is not
/// refused because of these.
void repair_weights(schema::ProgramT& program);

// ---- helpers of the above

/// A field of an op that names a tensor; -1 where there is no addend.
struct OperandRef {
  std::function<int64_t()> get;
  std::function<void(int64_t)> set;
};
/// The operands of an op; the destination is the last.
std::vector<OperandRef> operands_of(schema::OpT& op);
int64_t destination_of(schema::OpT& op);
/// Of attention, with a bias or without; else null.
schema::AttentionT* attention_of(schema::OpT& op);

/// Adds constants. Returns their offset, a multiple of 64.
uint64_t add_constants(schema::ProgramT& program, const void* data, size_t bytes);
/// Gives a linear new weights, scales and biases for the shapes of its tensors, exact ones if it is
/// static. repair_weights() adds the sums.
void fill_linear(schema::ProgramT& program, schema::LinearT& linear, Choices& choices);
/// Adds 2 * cols floats. Returns their offset.
uint64_t add_channels(schema::ProgramT& program, size_t cols, Choices& choices);
/// Adds cosines and sines from -1 to 1. Returns their offset.
uint64_t add_turns(schema::ProgramT& program, size_t count, Choices& choices);

}  // namespace vitro::fuzz
