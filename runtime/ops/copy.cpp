// SPDX-License-Identifier: Apache-2.0
// Constant rows (the class token with its position) into the residual stream.
#include <string.h>

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
};

bool verify(Checker& checker, const schema::Copy& a) {
  const schema::Tensor* src =
      checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::S16);
  return src && checker.check(src->storage() == schema::Storage::Constant,
                              "the source of copy is not a constant");
}

void run(const Bound& a, const RowTile& tile) {
  memcpy(a.dst.at(tile), a.src.at(tile), tile.rows * a.src.row_bytes);
}

Bound bind(const Binder& binder, const schema::Copy& a) {
  return {binder.operand(a.src()), binder.operand(a.dst())};
}

}  // namespace

const OpType kCopy = TypedOp<schema::Copy, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
