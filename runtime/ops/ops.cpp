// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

const OpType* op_type(schema::OpArgs type) {
  switch (type) {
#define VITRO_OP(Name, file) \
  case schema::OpArgs::Name: \
    return &k##Name;
#include "runtime/ops/ops.def"
#undef VITRO_OP
    default: return nullptr;
  }
}

// Every member of the union has a line.
#define VITRO_OP(Name, file) +1  // NOLINT(bugprone-macro-parentheses): terms of one sum
static_assert(0
#include "runtime/ops/ops.def"
              == static_cast<int>(schema::OpArgs::MAX));
#undef VITRO_OP

OpOperands operands_of(const schema::Op& op, const schema::Program& program) {
  return op_type(op.args_type())->operands(op.args(), program);
}

const schema::Tensor& Binder::tensor(uint32_t index) const {
  return *program.tensors()->Get(index);
}

Operand Binder::operand(uint32_t index) const {
  const schema::Tensor& t = tensor(index);
  Operand operand{};
  const bool row_quantised = t.format() == schema::Format::RowS8;
  operand.params =
      row_quantised ? static_cast<uint32_t>(row_params_offset(t.rows(), t.cols())) & 0x7fffffff : 0;
  operand.in_scratch = t.storage() == schema::Storage::Scratch;
  if (operand.in_scratch) {
    operand.base = static_cast<uintptr_t>(t.offset());
    return operand;
  }
  operand.row_bytes = static_cast<uint32_t>(row_bytes(t.format(), t.cols()));
  operand.base = t.storage() == schema::Storage::Arena
                     ? reinterpret_cast<uintptr_t>(arena(t))
                     : reinterpret_cast<uintptr_t>(constant(t.offset()));
  return operand;
}

}  // namespace vitro
