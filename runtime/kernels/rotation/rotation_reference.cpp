// SPDX-License-Identifier: Apache-2.0
// The law of rotate_pairs, one pair after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void rotate_pairs(const RotatePairsArgs& args) {
  const size_t half = args.head_dim / 2;
  const int16_t* x = args.src;
  int8_t* dst = args.dst;
  for (size_t h = 0; h < args.heads; ++h, x += args.head_dim, dst += args.head_dim)
    for (size_t i = 0; i < half; ++i) {
      const int32_t a = x[i], b = x[half + i], c = args.turns[2 * i], s = args.turns[2 * i + 1];
      dst[i] = law::rotated(a * c - b * s, args.scale[h]);
      dst[half + i] = law::rotated(b * c + a * s, args.scale[h]);
    }
}

}  // namespace vitro::reference
