// SPDX-License-Identifier: Apache-2.0
// lookup for cores whose instructions find no bytes in tables: four values at a time. Internal
// linkage.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

VITRO_INLINE void lookup_by_four(const LookupArgs& args) {
  const int8_t* const middle = args.table + 128;
  const int8_t* x = args.src;
  int8_t* y = args.dst;
  size_t left = args.count;
  for (; left >= 4; left -= 4, x += 4, y += 4) {
    // All four are read before one is written: dst may be src.
    const int8_t y0 = middle[x[0]], y1 = middle[x[1]], y2 = middle[x[2]], y3 = middle[x[3]];
    y[0] = y0, y[1] = y1, y[2] = y2, y[3] = y3;
  }
  for (; left > 0; --left) *y++ = middle[*x++];
}

}  // namespace
}  // namespace vitro
