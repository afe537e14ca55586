// SPDX-License-Identifier: Apache-2.0
// Picture to rows of patches, one row for each patch, as int8 = pixel - 128, and zeros up to a
// multiple of 4.
#include "runtime/ops/patches.h"

namespace vitro {

namespace {

bool verify(Checker& checker, const schema::PatchRows& a) {
  const schema::Tensor* src = checker.whole_source(a.src(), schema::Format::U8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const uint32_t height = src->rows(), width = src->cols() / 3, patch = a.patch();
  return checker.check(patch > 0 && height % patch == 0 && width % patch == 0,
                       "patch does not divide the picture") &&
         checker.check(checker.step().rows() == uint64_t{height / patch} * (width / patch),
                       "patch_rows over the wrong number of rows") &&
         checker.shaped(*dst, schema::Format::RowS8, align_up(uint64_t{patch} * patch * 3, 4));
}

BoundPatches bind(const Binder& binder, const schema::PatchRows& a) {
  return bind_patches(binder, a.src(), a.dst(), a.patch(), a.patch());
}

}  // namespace

void run_patches(const BoundPatches& a, const RowTile& tile) {
  const size_t bytes = size_t{a.patch} * 3, padding = (0 - a.patch * bytes) & 3;
  const uint8_t* picture = reinterpret_cast<const uint8_t*>(a.src.base);
  uint8_t* dst = a.dst.at(tile);
  RowParams* params = a.dst.row_params(tile);
  for (size_t r = 0; r < tile.rows; ++r) {
    const size_t patch = tile.first + r;
    const uint8_t* src =
        picture + (patch / a.grid * a.line + patch % a.grid * size_t{3}) * a.stride;
    for (size_t y = 0; y < a.patch; ++y, src += a.line)
      for (size_t x = 0; x < bytes; ++x) *dst++ = src[x] ^ 0x80;  // pixel - 128 in two's complement
    for (size_t c = 0; c < padding; ++c) *dst++ = 0x80;
    params[r] = {1.0f, -128};
  }
}

const OpType kPatchRows =
    TypedOp<schema::PatchRows, BoundPatches, whole_to_rows, verify, bind, run_patches>::type;

}  // namespace vitro
