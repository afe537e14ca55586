// SPDX-License-Identifier: Apache-2.0
// A static linear's int8 outputs into the residual stream.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
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
  const int8_t* src = reinterpret_cast<const int8_t*>(a.src.at(tile));
  const int16_t* addend = reinterpret_cast<const int16_t*>(a.addend.at(tile));
  int16_t* dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  const float scale = a.scale;
  for (size_t i = 0, count = tile.rows * a.dim; i < count; ++i)
    dst[i] = law::static_sum(addend[i], src[i], scale);
}

Bound bind(const Binder& binder, const schema::StaticAdd& a) {
  return {binder.operand(a.src()), binder.operand(a.addend()), binder.operand(a.dst()),
          binder.tensor(a.src()).cols(), a.scale()};
}

}  // namespace

const OpType kStaticAdd = TypedOp<schema::StaticAdd, Bound, operands, verify, bind, run>::type;

}  // namespace vitro
