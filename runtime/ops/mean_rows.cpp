// SPDX-License-Identifier: Apache-2.0
// Mean pooling over tokens.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::MeanRows*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::MeanRows*>(args);
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(
             dst->format() == schema::Format::S16 && dst->rows() == 1 && dst->cols() == src->cols(),
             "mean_rows into another shape") &&
         checker.check(src->rows() <= 32768, "mean_rows over too many rows") &&
         checker.check(a.reciprocal() > 0 && a.reciprocal() <= 1,
                       "mean_rows with an impossible reciprocal");
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundMeanRows& a = op.mean_rows;
  const int16_t* src = reinterpret_cast<const int16_t*>(a.src.base);
  int16_t* dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  for (size_t c = 0; c < a.cols; ++c) {
    int32_t sum = 0;
    for (size_t r = 0; r < a.rows; ++r) sum += src[r * a.cols + c];
    dst[c] = law::sat16(
        law::rhe(law::clamp(static_cast<float>(sum) * a.reciprocal, -32768.0f, 32767.0f)));
  }
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::MeanRows*>(args);
  const schema::Tensor& src = binder.tensor(a.src());
  op.run = run;
  op.mean_rows = {binder.operand(a.src()), binder.operand(a.dst()), src.rows(), src.cols(),
                  a.reciprocal()};
}

}  // namespace

const OpType kMeanRows = {verify, bind, operands};

}  // namespace vitro
