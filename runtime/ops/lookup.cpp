// SPDX-License-Identifier: Apache-2.0
// A function of one int8, as a table: GELU between static linears.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::S8 && dst->cols() == src->cols(),
                       "lookup into another shape") &&
         checker.constants(a.table(), 256, 64);
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundLookup& a = op.lookup;
  const uint8_t* src = a.src.at(tile);
  uint8_t* dst = a.dst.at(tile);
  for (size_t i = 0, count = tile.rows * a.dim; i < count; ++i) dst[i] = a.table[src[i] ^ 0x80];
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  op.run = run;
  op.lookup = {binder.operand(a.src()), binder.operand(a.dst()), binder.constant(a.table()),
               binder.tensor(a.src()).cols()};
}

}  // namespace

const OpType kLookup = {verify, bind, operands};

}  // namespace vitro
