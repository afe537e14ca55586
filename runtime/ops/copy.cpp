// SPDX-License-Identifier: Apache-2.0
// Constant rows (the class token with its position) into the residual stream.
#include <string.h>

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::Copy*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::Copy*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(src->storage() == schema::Storage::Constant,
                       "copy of what is not a constant") &&
         checker.check(dst->format() == schema::Format::S16 && dst->cols() == src->cols(),
                       "copy into another shape");
}

void run(const BoundOp& op, const Tile& tile) {
  memcpy(op.copy.dst.at(tile), op.copy.src.at(tile), tile.rows * op.copy.src.row_bytes);
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::Copy*>(args);
  op.run = run;
  op.copy = {binder.operand(a.src()), binder.operand(a.dst())};
}

}  // namespace

const OpType kCopy = {verify, bind, operands};

}  // namespace vitro
