// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  LayerNormKernel kernel;
  Operand src, dst;
  uint32_t dim;
  float epsilon;
};

bool verify(Checker& checker, const schema::LayerNorm& a) {
  const schema::Tensor* src =
      checker.rows_to_rows(a.src(), schema::Format::S16, a.dst(), schema::Format::RowS8);
  return src && checker.normalisable(*src, a.epsilon());
}

void run(const Bound& a, const RowTile& tile) {
  LayerNormArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.m = tile.rows;
  args.dim = a.dim;
  args.epsilon = a.epsilon;
  args.dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  args.dst_rows = a.dst.row_params(tile);
  a.kernel(args);
}

Bound bind(const Binder& binder, const schema::LayerNorm& a) {
  return {binder.kernels.layer_norm, binder.operand(a.src()), binder.operand(a.dst()),
          binder.tensor(a.src()).cols(), a.epsilon()};
}

}  // namespace

const OpType kLayerNorm = TypedOp<schema::LayerNorm, Bound, row_wise, verify, bind, run>::type;

}  // namespace vitro
