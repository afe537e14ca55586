// SPDX-License-Identifier: Apache-2.0
// The law of norm and head_norm, one value after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void norm(const NormArgs& args) {
  for (size_t r = 0; r < args.m; ++r)
    law::norm(args.src + r * args.dim, args.dim, args.epsilon, args.gamma, args.beta,
              args.dst + r * args.dim);
}

void head_norm(const HeadNormArgs& args) {
  for (size_t c = 0; c < args.heads * args.head_dim; c += args.head_dim)
    law::head_norm(args.src + c, args.head_dim, args.epsilon, args.gain + c, args.dst + c);
}

}  // namespace vitro::reference
