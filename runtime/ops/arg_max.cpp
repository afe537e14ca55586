// SPDX-License-Identifier: Apache-2.0
// Float32 rows to the column of each one's first largest value, as float32.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
  uint32_t cols, first;
};

bool verify(Checker& checker, const schema::ArgMax& a) {
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::F32);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst && checker.shaped(*dst, schema::Format::F32, 1) &&
         checker.check(a.first() < src->cols(), "arg_max of no columns");
}

void run(const Bound& a, const RowTile& tile) {
  const float* src = reinterpret_cast<const float*>(a.src.at(tile));
  float* dst = reinterpret_cast<float*>(a.dst.at(tile));
  for (size_t r = 0; r < tile.rows; ++r, src += a.cols)
    dst[r] = static_cast<float>(law::arg_max(src, a.first, a.cols));
}

Bound bind(const Binder& binder, const schema::ArgMax& a) {
  return {binder.operand(a.src()), binder.operand(a.dst()), binder.tensor(a.src()).cols(),
          a.first()};
}

}  // namespace

const OpType kArgMax = TypedOp<schema::ArgMax, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
