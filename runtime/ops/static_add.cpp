// SPDX-License-Identifier: Apache-2.0
// A static linear's int8 outputs into the residual stream.
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::StaticAdd*>(args);
  return {{a.src(), a.addend(), -1, -1}, a.dst(), 0, 0};
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::StaticAdd*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S8);
  const schema::Tensor* addend =
      src ? checker.row_source(a.addend(), schema::Format::S16) : nullptr;
  const schema::Tensor* dst = addend ? checker.row_destination(a.dst()) : nullptr;
  return dst &&
         checker.check(dst->format() == schema::Format::S16 && dst->cols() == src->cols() &&
                           addend->cols() == src->cols(),
                       "static_add of unequal shapes") &&
         checker.check(a.scale() > 0 && a.scale() <= 16384.0f,
                       "static_add with an impossible scale") &&
         checker.float_in_range(a.scale(), 40, false);
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundStaticAdd& a = op.static_add;
  const int8_t* src = reinterpret_cast<const int8_t*>(a.src.at(tile));
  const int16_t* addend = reinterpret_cast<const int16_t*>(a.addend.at(tile));
  int16_t* dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  const float scale = a.scale;
  for (size_t i = 0, count = tile.rows * a.dim; i < count; ++i)
    dst[i] = law::static_sum(addend[i], src[i], scale);
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::StaticAdd*>(args);
  op.run = run;
  op.static_add = {binder.operand(a.src()), binder.operand(a.addend()), binder.operand(a.dst()),
                   binder.tensor(a.src()).cols(), a.scale()};
}

}  // namespace

const OpType kStaticAdd = {verify, bind, operands};

}  // namespace vitro
