// SPDX-License-Identifier: Apache-2.0
// layer_norm with one scale for all rows.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

constexpr uint32_t kMaxDim = 4096;  // as layer_norm's; a normalised value is below its root

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::StaticNorm*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::StaticNorm*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S16);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::S8 && dst->cols() == src->cols(),
                       "static_norm into another shape") &&
         checker.check(src->cols() <= kMaxDim, "static_norm over too many columns") &&
         checker.check(a.epsilon() > 0, "static_norm with an epsilon that is not positive") &&
         checker.float_in_range(a.epsilon(), 60, false) &&
         checker.check(a.scale() > 0 && a.scale() <= 32768.0f,
                       "static_norm with an impossible scale") &&
         checker.float_in_range(a.scale(), 40, false);
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundStaticNorm& a = op.static_norm;
  const int16_t* x = reinterpret_cast<const int16_t*>(a.src.at(tile));
  int8_t* dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  for (size_t r = 0; r < tile.rows; ++r, x += a.dim, dst += a.dim)
    law::static_norm(x, a.dim, a.epsilon, a.scale, a.zero_point, dst);
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::StaticNorm*>(args);
  op.run = run;
  op.static_norm = {binder.operand(a.src()),
                    binder.operand(a.dst()),
                    binder.tensor(a.src()).cols(),
                    a.epsilon(),
                    a.scale(),
                    a.zero_point()};
}

}  // namespace

const OpType kStaticNorm = {verify, bind, operands};

}  // namespace vitro
