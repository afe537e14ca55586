// SPDX-License-Identifier: Apache-2.0
// int16 to int8 with one scale for all rows.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
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
  const int16_t* src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  int8_t* dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  const float scale = a.scale;
  const int32_t zero_point = a.zero_point;
  for (size_t i = 0, count = tile.rows * a.dim; i < count; ++i)
    dst[i] = law::static_int8(src[i], scale, zero_point);
}

Bound bind(const Binder& binder, const schema::StaticQuantise& a) {
  return {binder.operand(a.src()), binder.operand(a.dst()), binder.tensor(a.src()).cols(),
          a.scale(), a.zero_point()};
}

}  // namespace

const OpType kStaticQuantise =
    TypedOp<schema::StaticQuantise, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
