// SPDX-License-Identifier: Apache-2.0
// The law of lookup, one value after the other.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void lookup(const LookupArgs& args) {
  const LookupArgs a = args;  // a copy, which no byte of dst can be part of
  for (size_t i = 0; i < a.count; ++i) a.dst[i] = a.table[a.src[i] + 128];
}

}  // namespace vitro::reference
