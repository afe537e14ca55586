// SPDX-License-Identifier: Apache-2.0
// As patch_rows, of patches that overlap or leave pixels out.
#include "runtime/ops/patches.h"

namespace vitro {

namespace {

bool verify(Checker& checker, const schema::StridedPatches& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::U8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const uint32_t height = src->rows(), width = src->cols() / 3, patch = a.patch(),
                 stride = a.stride();
  return checker.check(patch > 0 && patch <= height && patch <= width && stride > 0,
                       "a patch that is larger than the picture, or strides of nothing") &&
         checker.check(checker.step().rows() ==
                           uint64_t{(height - patch) / stride + 1} * ((width - patch) / stride + 1),
                       "strided_patches over the wrong number of rows") &&
         checker.shaped(*dst, schema::Format::RowS8, align_up(uint64_t{patch} * patch * 3, 4));
}

BoundPatches bind(const Binder& binder, const schema::StridedPatches& a) {
  return bind_patches(binder, a.src(), a.dst(), a.patch(), a.stride());
}

}  // namespace

const OpType kStridedPatches =
    TypedOp<schema::StridedPatches, BoundPatches, whole_to_rows, verify, bind, run_patches>::type;

}  // namespace vitro
