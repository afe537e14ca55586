// SPDX-License-Identifier: Apache-2.0
// Rows of a whole int16 tensor, side by side, in the order of a table.
#include <string.h>

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

constexpr uint32_t kZeros = 0xffffffff;

struct Bound {
  Operand src, dst;
  const uint32_t* index;
  uint32_t taps;   // rows of src in one of dst
  uint32_t bytes;  // of one of them
};

bool verify(Checker& checker, const schema::GatherRows& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  if (!dst ||
      !checker.shapes_fit(dst->format() == schema::Format::S16 && dst->cols() % src->cols() == 0))
    return false;
  const uint64_t count = uint64_t{checker.step().rows()} * (dst->cols() / src->cols());
  if (!checker.constants(a.index(), count * sizeof(uint32_t), alignof(uint32_t)) ||
      !checker.scan(count * sizeof(uint32_t)))
    return false;
  const auto* index = reinterpret_cast<const uint32_t*>(checker.constant_data(a.index()));
  bool good = true;
  for (uint64_t i = 0; i < count; ++i) good &= index[i] < src->rows() || index[i] == kZeros;
  return checker.check(good, "a row to be gathered is beyond the source");
}

void run(const Bound& a, const RowTile& tile) {
  const uint8_t* const src = reinterpret_cast<const uint8_t*>(a.src.base);
  uint8_t* dst = a.dst.at(tile);
  const uint32_t* const index = a.index + tile.first * a.taps;
  for (size_t i = 0; i < tile.rows * a.taps; ++i, dst += a.bytes) {
    if (index[i] == kZeros)
      memset(dst, 0, a.bytes);
    else
      memcpy(dst, src + size_t{index[i]} * a.bytes, a.bytes);
  }
}

Bound bind(const Binder& binder, const schema::GatherRows& a) {
  const schema::Tensor& src = binder.tensor(a.src());
  return {binder.operand(a.src()), binder.operand(a.dst()),
          reinterpret_cast<const uint32_t*>(binder.constant(a.index())),
          binder.tensor(a.dst()).cols() / src.cols(),
          static_cast<uint32_t>(row_bytes(schema::Format::S16, src.cols()))};
}

OpCost cost(const schema::GatherRows& a, const schema::Program& program, const StepShape& step) {
  const uint32_t taps =
      program.tensors()->Get(a.dst())->cols() / program.tensors()->Get(a.src())->cols();
  return {0, uint64_t{rows_of_a_tile(step)} * taps * sizeof(uint32_t)};
}

}  // namespace

const OpType kGatherRows =
    TypedOp<schema::GatherRows, Bound, whole_to_rows, verify, bind, run, cost>::type;

}  // namespace vitro
