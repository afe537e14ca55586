// SPDX-License-Identifier: Apache-2.0
// Two int16 tensors multiplied element by element: a gate and what it lets through.
#include "runtime/kernels/kernels.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  const KernelTable* kernels;
  Operand a, b, dst;
  uint32_t cols;
  float scale;
};

OpOperands operands(const schema::Multiply& m, const schema::Program&) {
  OpOperands operands;
  operands.sources[0] = {m.a(), InPlace::yes};
  operands.sources[1] = {m.b(), InPlace::yes};
  operands.destination = m.dst();
  return operands;
}

bool verify(Checker& checker, const schema::Multiply& m) {
  const schema::Tensor* a = checker.row_source(m.a(), schema::Format::S16);
  const schema::Tensor* b = a ? checker.row_source(m.b(), schema::Format::S16) : nullptr;
  const schema::Tensor* dst = b ? checker.row_destination(m.dst()) : nullptr;
  return dst && checker.check(a->cols() == b->cols(), "multiply of unequal shapes") &&
         checker.check(dst->format() == schema::Format::S16 && dst->cols() == a->cols(),
                       "multiply into another shape") &&
         checker.float_in_range(m.scale(), kScaleRange);
}

void run(const Bound& m, const RowTile& tile) {
  m.kernels->multiply({reinterpret_cast<const int16_t*>(m.a.at(tile)),
                       reinterpret_cast<const int16_t*>(m.b.at(tile)), tile.rows * m.cols, m.scale,
                       reinterpret_cast<int16_t*>(m.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::Multiply& m) {
  return {&binder.kernels,         binder.operand(m.a()),       binder.operand(m.b()),
          binder.operand(m.dst()), binder.tensor(m.a()).cols(), m.scale()};
}

}  // namespace

const OpType kMultiply = TypedOp<schema::Multiply, Bound, operands, verify, bind, run>::type;

}  // namespace vitro
