// SPDX-License-Identifier: Apache-2.0
// The law of affine and multiply, one value after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void affine(const AffineArgs& args) {
  for (size_t r = 0; r < args.m; ++r)
    for (size_t c = 0; c < args.dim; ++c) {
      const size_t at = r * args.dim + c;
      const int32_t h = law::affine(args.src[at], args.scale[c], args.shift[c]);
      args.dst[at] = law::sat16(args.addend ? args.addend[at] + h : h);
    }
}

void multiply(const MultiplyArgs& args) {
  for (size_t i = 0; i < args.count; ++i)
    args.dst[i] = law::multiply(args.a[i], args.b[i], args.scale);
}

}  // namespace vitro::reference
