// SPDX-License-Identifier: Apache-2.0
// Columns of a whole int16 tensor as rows.
#include <string.h>

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
  uint32_t rows, cols;  // of src
  uint32_t width;       // of dst
};

bool verify(Checker& checker, const schema::Transpose& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst && checker.shapes_fit(checker.step().rows() == src->cols()) &&
         checker.shaped(*dst, schema::Format::S16, align_up(src->rows(), 4));
}

void run(const Bound& a, const RowTile& tile) {
  const int16_t* src = reinterpret_cast<const int16_t*>(a.src.base) + tile.first;
  int16_t* dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  for (size_t r = 0; r < tile.rows; ++r)
    memset(dst + r * a.width + a.rows, 0, (a.width - a.rows) * sizeof(int16_t));
  for (size_t c = 0; c < a.rows; ++c, src += a.cols)
    for (size_t r = 0; r < tile.rows; ++r) dst[r * a.width + c] = src[r];
}

Bound bind(const Binder& binder, const schema::Transpose& a) {
  const schema::Tensor& src = binder.tensor(a.src());
  return {binder.operand(a.src()), binder.operand(a.dst()), src.rows(), src.cols(),
          binder.tensor(a.dst()).cols()};
}

}  // namespace

const OpType kTranspose = TypedOp<schema::Transpose, Bound, whole_to_rows, verify, bind, run>::type;

}  // namespace vitro
