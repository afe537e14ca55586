// SPDX-License-Identifier: Apache-2.0
// A static linear's int8 outputs into the residual stream.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  StaticAddKernel kernel;
  Operand src, addend, dst;
  uint32_t dim;
  float scale;
};

OpOperands operands(const schema::StaticAdd& a, const schema::Program&) {
  OpOperands operands;
  operands.sources[0] = {a.src(), InPlace::no};
  operands.sources[1] = {a.addend(), InPlace::yes};
  operands.destination = a.dst();
  return operands;
}

bool verify(Checker& checker, const schema::StaticAdd& a) {
  return checker.rows_to_rows(a.src(), schema::Format::S8, a.dst(), schema::Format::S16) &&
         checker.rows_to_rows(a.addend(), schema::Format::S16, a.dst(), schema::Format::S16) &&
         checker.float_in_range(a.scale(), kStaticAddScaleRange);
}

void run(const Bound& a, const RowTile& tile) {
  a.kernel({reinterpret_cast<const int8_t*>(a.src.at(tile)),
            reinterpret_cast<const int16_t*>(a.addend.at(tile)), tile.rows * a.dim, a.scale,
            reinterpret_cast<int16_t*>(a.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::StaticAdd& a) {
  return {binder.kernels.static_add, binder.operand(a.src()),       binder.operand(a.addend()),
          binder.operand(a.dst()),   binder.tensor(a.src()).cols(), a.scale()};
}

}  // namespace

const OpType kStaticAdd = TypedOp<schema::StaticAdd, Bound, operands, verify, bind, run>::type;

}  // namespace vitro
