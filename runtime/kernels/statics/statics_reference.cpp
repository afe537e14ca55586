// SPDX-License-Identifier: Apache-2.0
// The law of static_norm, static_quantise and static_add, one value after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void static_norm(const StaticNormArgs& args) {
  for (size_t r = 0; r < args.m; ++r)
    law::static_norm(args.src + r * args.dim, args.dim, args.epsilon, args.scale, args.zero_point,
                     args.dst + r * args.dim);
}

void static_quantise(const StaticQuantiseArgs& args) {
  for (size_t i = 0; i < args.count; ++i)
    args.dst[i] = law::static_int8(args.src[i], args.scale, args.zero_point);
}

void static_add(const StaticAddArgs& args) {
  for (size_t i = 0; i < args.count; ++i)
    args.dst[i] = law::static_sum(args.addend[i], args.src[i], args.scale);
}

}  // namespace vitro::reference
