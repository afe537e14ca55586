// SPDX-License-Identifier: Apache-2.0
// A function of one int8, as a table: GELU between static linears.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
  const uint8_t* table;
  uint32_t dim;
};

bool verify(Checker& checker, const schema::Lookup& a) {
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::S8 && dst->cols() == src->cols(),
                       "lookup into another shape") &&
         checker.constants(a.table(), 256, 64);
}

void run(const Bound& a, const RowTile& tile) {
  const uint8_t* src = a.src.at(tile);
  uint8_t* dst = a.dst.at(tile);
  for (size_t i = 0, count = tile.rows * a.dim; i < count; ++i) dst[i] = a.table[src[i] ^ 0x80];
}

Bound bind(const Binder& binder, const schema::Lookup& a) {
  return {binder.operand(a.src()), binder.operand(a.dst()), binder.constant(a.table()),
          binder.tensor(a.src()).cols()};
}

}  // namespace

const OpType kLookup =
    TypedOp<schema::Lookup, Bound, row_wise<schema::Lookup, InPlace::yes>, verify, bind, run>::type;

}  // namespace vitro
