// SPDX-License-Identifier: Apache-2.0
// What patch_rows and strided_patches share.
#pragma once

#include "runtime/ops/ops.h"

namespace vitro {

struct BoundPatches {
  Operand src, dst;
  uint32_t patch, stride;  // pixels
  uint32_t grid;           // patches side by side
  uint32_t line;           // bytes of a row of the picture
};

inline BoundPatches bind_patches(const Binder& binder, uint32_t src, uint32_t dst, uint32_t patch,
                                 uint32_t stride) {
  const uint32_t line = binder.tensor(src).cols();
  return {binder.operand(src),
          binder.operand(dst),
          patch,
          stride,
          (line / 3 - patch) / stride + 1,
          line};
}

void run_patches(const BoundPatches& a, const RowTile& tile);

}  // namespace vitro
