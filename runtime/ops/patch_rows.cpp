// SPDX-License-Identifier: Apache-2.0
// Picture to rows of patches, one row for each patch, as int8 = pixel - 128, and zeros up to a
// multiple of 4.
#include <string.h>

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  Operand src, dst;
  uint32_t patch, grid;  // grid: patches in a row of the picture
};

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

void run(const Bound& a, const RowTile& tile) {
  const size_t line = size_t{a.patch} * 3, picture_line = a.grid * line,
               padding = (0 - a.patch * line) & 3;
  const uint8_t* picture = reinterpret_cast<const uint8_t*>(a.src.base);
  uint8_t* dst = a.dst.at(tile);
  RowParams* params = a.dst.row_params(tile);
  for (size_t r = 0; r < tile.rows; ++r) {
    const size_t patch = tile.first + r;
    const uint8_t* src = picture + patch / a.grid * a.patch * picture_line + patch % a.grid * line;
    for (size_t y = 0; y < a.patch; ++y, src += picture_line)
      for (size_t x = 0; x < line; ++x) *dst++ = src[x] ^ 0x80;  // pixel - 128 in two's complement
    for (size_t c = 0; c < padding; ++c) *dst++ = 0x80;
    params[r] = {1.0f, -128};
  }
}

Bound bind(const Binder& binder, const schema::PatchRows& a) {
  return {binder.operand(a.src()), binder.operand(a.dst()), a.patch(),
          binder.tensor(a.src()).cols() / 3 / a.patch()};
}

}  // namespace

const OpType kPatchRows = TypedOp<schema::PatchRows, Bound, whole_to_rows, verify, bind, run>::type;

}  // namespace vitro
