// SPDX-License-Identifier: Apache-2.0
// The law of silu, one value after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void silu(const SiluArgs& args) {
  for (size_t i = 0; i < args.count; ++i)
    args.values[i] = law::silu(args.values[i], args.fraction_bits);
}

}  // namespace vitro::reference
