// SPDX-License-Identifier: Apache-2.0
// Mean pooling over tokens.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
  uint32_t rows, cols;
  float reciprocal;
};

bool verify(Checker& checker, const schema::MeanRows& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst && checker.shapes_fit(dst->rows() == 1 && checker.step().rows() == 1) &&
         checker.shaped(*dst, schema::Format::S16, src->cols()) &&
         checker.check(src->rows() <= kMaxMeanRows, "mean_rows over too many rows") &&
         checker.float_in_range(a.reciprocal(), kReciprocalRange);
}

void run(const Bound& a, const RowTile& tile) {
  const int16_t* src = reinterpret_cast<const int16_t*>(a.src.base);
  int16_t* dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  for (size_t c = 0; c < a.cols; ++c) {
    int32_t sum = 0;
    for (size_t r = 0; r < a.rows; ++r) sum += src[r * a.cols + c];
    dst[c] = law::sat16(
        law::rhe(law::clamp(static_cast<float>(sum) * a.reciprocal, -32768.0f, 32767.0f)));
  }
}

Bound bind(const Binder& binder, const schema::MeanRows& a) {
  const schema::Tensor& src = binder.tensor(a.src());
  return {binder.operand(a.src()), binder.operand(a.dst()), src.rows(), src.cols(), a.reciprocal()};
}

}  // namespace

const OpType kMeanRows = TypedOp<schema::MeanRows, Bound, whole_to_rows, verify, bind, run>::type;

}  // namespace vitro
