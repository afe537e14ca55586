// SPDX-License-Identifier: Apache-2.0
// The ops of the schema: how each is verified, bound and run. One file each; the table at the end
// of ops.cpp is indexed by schema::OpArgs.
#pragma once

#include "runtime/core/checker.h"
#include "runtime/core/session.h"

namespace vitro {

// What binding an op needs to turn operands into addresses.
struct Binder {
  const schema::Program& program;
  const KernelTable& kernels;
  uint8_t* planned;                    // start of the planned region of the arena
  const schema::Step* step = nullptr;  // whose ops are bound

  const schema::Tensor& tensor(uint32_t index) const;
  uint8_t* arena(const schema::Tensor& tensor) const { return planned + tensor.offset(); }
  const uint8_t* constant(uint64_t offset) const { return program.constants()->Data() + offset; }
  Operand operand(uint32_t index) const;
};

struct OpType {
  bool (*verify)(Checker& checker, const void* args);
  void (*bind)(const Binder& binder, const void* args, BoundOp& op);
  OpOperands (*operands)(const void* args, const schema::Program& program);
};

// Null for an op that this runtime does not know.
const OpType* op_type(schema::OpArgs type);

extern const OpType kPatchRows, kCopy, kLayerNorm, kQuantiseRows, kLinear, kAttention, kMeanRows,
    kStaticNorm, kStaticQuantise, kLookup, kStaticAdd;

}  // namespace vitro
