// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

constexpr uint32_t kMaxDim =
    4096;  // dim * sum of squares stays below 2^54, sum - lowest * dim below 2^28

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::LayerNorm*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::LayerNorm*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::RowS8 && dst->cols() == src->cols(),
                       "layer_norm into another shape") &&
         checker.check(src->cols() <= kMaxDim, "layer_norm over too many columns") &&
         checker.check(a.epsilon() > 0, "layer_norm with an epsilon that is not positive") &&
         checker.float_in_range(a.epsilon(), 60, false);
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundLayerNorm& a = op.layer_norm;
  LayerNormArgs args;
  args.src = reinterpret_cast<const int16_t*>(a.src.at(tile));
  args.m = tile.rows;
  args.dim = a.dim;
  args.epsilon = a.epsilon;
  args.dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  args.dst_rows = a.dst.row_params(tile);
  a.kernel(args);
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::LayerNorm*>(args);
  op.run = run;
  op.layer_norm = {binder.kernels.layer_norm, binder.operand(a.src()), binder.operand(a.dst()),
                   binder.tensor(a.src()).cols(), a.epsilon()};
}

}  // namespace

const OpType kLayerNorm = {verify, bind, operands};

}  // namespace vitro
