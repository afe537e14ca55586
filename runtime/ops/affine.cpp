// SPDX-License-Identifier: Apache-2.0
// Int16 columns scaled and shifted, perhaps onto an addend: sums of two streams among them.
#include "runtime/kernels/kernels.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  const KernelTable* kernels;
  Operand src, addend, dst;
  const float* channels;
  uint32_t cols;
  bool adds;
};

OpOperands operands(const schema::Affine& a, const schema::Program&) {
  OpOperands operands;
  operands.sources[0] = {a.src(), InPlace::yes};
  operands.sources[1] = {a.addend(), InPlace::yes};
  operands.destination = a.dst();
  return operands;
}

bool verify(Checker& checker, const schema::Affine& a) {
  const schema::Tensor* src =
      checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::S16);
  if (!src) return false;
  if (a.addend() >= 0 && !checker.rows_to_rows(static_cast<uint32_t>(a.addend()),
                                               schema::Format::S16, a.dst(), schema::Format::S16))
    return false;
  return checker.floats(a.channels(), 2 * uint64_t{src->cols()}, kChannelRange);
}

void run(const Bound& a, const RowTile& tile) {
  const int16_t* const addend =
      a.adds ? reinterpret_cast<const int16_t*>(a.addend.at(tile)) : nullptr;
  a.kernels->affine({reinterpret_cast<const int16_t*>(a.src.at(tile)), tile.rows, a.cols,
                     a.channels, a.channels + a.cols, addend,
                     reinterpret_cast<int16_t*>(a.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::Affine& a) {
  const bool adds = a.addend() >= 0;
  return {&binder.kernels,
          binder.operand(a.src()),
          adds ? binder.operand(static_cast<uint32_t>(a.addend())) : Operand(),
          binder.operand(a.dst()),
          reinterpret_cast<const float*>(binder.constant(a.channels())),
          binder.tensor(a.src()).cols(),
          adds};
}

}  // namespace

const OpType kAffine =
    TypedOp<schema::Affine, Bound, operands, verify, bind, run, of_columns>::type;

}  // namespace vitro
