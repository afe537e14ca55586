// SPDX-License-Identifier: Apache-2.0
// LayerNorm to int16, for readers that cannot take gamma and beta into their weights.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  NormKernel kernel;
  Operand src, dst;
  const float* channels;
  uint32_t dim;
  float epsilon;
};

bool verify(Checker& checker, const schema::Norm& a) {
  const schema::Tensor* src =
      checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::S16);
  return src && checker.normalisable(*src, a.epsilon()) &&
         checker.floats(a.channels(), 2 * uint64_t{src->cols()}, kChannelRange);
}

void run(const Bound& a, const RowTile& tile) {
  NormArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.m = tile.rows;
  args.dim = a.dim;
  args.epsilon = a.epsilon;
  args.gamma = a.channels;
  args.beta = a.channels + a.dim;
  args.dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  a.kernel(args);
}

Bound bind(const Binder& binder, const schema::Norm& a) {
  return {
      binder.kernels.norm,           binder.operand(a.src()),
      binder.operand(a.dst()),       reinterpret_cast<const float*>(binder.constant(a.channels())),
      binder.tensor(a.src()).cols(), a.epsilon()};
}

}  // namespace

const OpType kNorm = TypedOp<schema::Norm, Bound, row_wise<schema::Norm, InPlace::yes>, verify,
                             bind, run, of_columns>::type;

}  // namespace vitro
