// SPDX-License-Identifier: Apache-2.0
// int16 to int8 with one scale for all rows.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  StaticQuantiseKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float scale;
  int8_t zero_point;
};

bool verify(Checker& checker, const schema::StaticQuantise& a) {
  return checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::S8) &&
         checker.float_in_range(a.scale(), kStaticQuantiseScaleRange);
}

void run(const Bound& a, const RowTile& tile) {
  a.kernel({reinterpret_cast<const int16_t*>(a.src.at(tile)), tile.rows * a.dim, a.scale,
            a.zero_point, reinterpret_cast<int8_t*>(a.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::StaticQuantise& a) {
  return {binder.kernels.static_quantise,
          binder.operand(a.src()),
          binder.operand(a.dst()),
          binder.tensor(a.src()).cols(),
          a.scale(),
          a.zero_point()};
}

}  // namespace

const OpType kStaticQuantise =
    TypedOp<schema::StaticQuantise, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
