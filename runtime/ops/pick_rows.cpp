// SPDX-License-Identifier: Apache-2.0
// The first rows of a whole int16 tensor, then those that another tensor names.
#include <string.h>

#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, index, dst;
  uint32_t leading, rows, bytes;  // rows of src, and bytes of one
};

bool verify(Checker& checker, const schema::PickRows& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::S16);
  const schema::Tensor* index =
      src ? checker.whole_source(a.index(), schema::Format::F32) : nullptr;
  const schema::Tensor* dst = index ? checker.row_destination(a.dst()) : nullptr;
  return dst && checker.shaped(*dst, schema::Format::S16, src->cols()) &&
         checker.shapes_fit(index->cols() == 1) &&
         checker.check(a.leading() <= src->rows() &&
                           checker.step().rows() == a.leading() + uint64_t{index->rows()},
                       "pick_rows over the wrong number of rows");
}

OpOperands operands(const schema::PickRows& a, const schema::Program&) {
  return {{{a.src(), InPlace::no, Reads::parts}, {a.index(), InPlace::no, Reads::parts}}, a.dst()};
}

void run(const Bound& a, const RowTile& tile) {
  const float* index = reinterpret_cast<const float*>(a.index.base);
  uint8_t* dst = a.dst.at(tile);
  for (size_t r = tile.first; r < tile.first + tile.rows; ++r, dst += a.bytes) {
    const size_t row = r < a.leading ? r : law::row_of(index[r - a.leading], a.rows);
    memcpy(dst, reinterpret_cast<const uint8_t*>(a.src.base) + row * a.bytes, a.bytes);
  }
}

Bound bind(const Binder& binder, const schema::PickRows& a) {
  const schema::Tensor& src = binder.tensor(a.src());
  return {binder.operand(a.src()),
          binder.operand(a.index()),
          binder.operand(a.dst()),
          a.leading(),
          src.rows(),
          static_cast<uint32_t>(row_bytes(schema::Format::S16, src.cols()))};
}

}  // namespace

const OpType kPickRows = TypedOp<schema::PickRows, Bound, operands, verify, bind, run>::type;

}  // namespace vitro
