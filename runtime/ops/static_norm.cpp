// SPDX-License-Identifier: Apache-2.0
// layer_norm with one scale for all rows.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  StaticNormKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float epsilon, scale;
  int8_t zero_point;
};

bool verify(Checker& checker, const schema::StaticNorm& a) {
  const schema::Tensor* src =
      checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::S8);
  return src && checker.normalisable(*src, a.epsilon()) &&
         checker.float_in_range(a.scale(), kStaticNormScaleRange);
}

void run(const Bound& a, const RowTile& tile) {
  a.kernel({reinterpret_cast<const int16_t*>(a.src.at(tile)), tile.rows, a.dim, a.epsilon, a.scale,
            a.zero_point, reinterpret_cast<int8_t*>(a.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::StaticNorm& a) {
  return {binder.kernels.static_norm,
          binder.operand(a.src()),
          binder.operand(a.dst()),
          binder.tensor(a.src()).cols(),
          a.epsilon(),
          a.scale(),
          a.zero_point()};
}

}  // namespace

const OpType kStaticNorm = TypedOp<schema::StaticNorm, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
