// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::QuantiseRows*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::QuantiseRows*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::RowS8 && dst->cols() == src->cols(),
                       "quantise_rows into another shape") &&
         checker.check(a.unit() > 0, "quantise_rows with a unit that is not positive") &&
         checker.float_in_range(a.unit(), 40, false);
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundQuantiseRows& a = op.quantise_rows;
  QuantiseRowsArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.m = tile.rows;
  args.dim = a.dim;
  args.unit = a.unit;
  args.dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  args.dst_rows = a.dst.row_params(tile);
  a.kernel(args);
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::QuantiseRows*>(args);
  op.run = run;
  op.quantise_rows = {binder.kernels.quantise_rows, binder.operand(a.src()),
                      binder.operand(a.dst()), binder.tensor(a.src()).cols(), a.unit()};
}

}  // namespace

const OpType kQuantiseRows = {verify, bind, operands};

}  // namespace vitro
