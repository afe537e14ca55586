// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  QuantiseRowsKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float unit;
};

bool verify(Checker& checker, const schema::QuantiseRows& a) {
  return checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::RowS8) &&
         checker.float_in_range(a.unit(), kScaleRange);
}

void run(const Bound& a, const RowTile& tile) {
  QuantiseRowsArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.m = tile.rows;
  args.dim = a.dim;
  args.unit = a.unit;
  args.dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  args.dst_rows = a.dst.row_params(tile);
  a.kernel(args);
}

Bound bind(const Binder& binder, const schema::QuantiseRows& a) {
  return {binder.kernels.quantise_rows, binder.operand(a.src()), binder.operand(a.dst()),
          binder.tensor(a.src()).cols(), a.unit()};
}

}  // namespace

const OpType kQuantiseRows =
    TypedOp<schema::QuantiseRows, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
