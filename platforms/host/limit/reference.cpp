// SPDX-License-Identifier: Apache-2.0
// One multiplication and one addition at a time, as the reference kernels do. 12 independent
// accumulators.
#include "platforms/host/limit/limit.h"

namespace vitro::reference {

uint64_t spin(uint64_t rounds, int32_t* sink) {
  int32_t a = *sink + 3, s[12] = {};
  for (uint64_t i = 0; i < rounds; ++i) {
    for (int32_t& x : s) {
      x += static_cast<int8_t>(a) * static_cast<int8_t>(a >> 1);
      __asm__ volatile("" : "+r"(x), "+r"(a));
    }
  }
  int32_t sum = 0;
  for (const int32_t x : s) sum += x;
  *sink = sum & 1;
  return rounds * 12;
}

}  // namespace vitro::reference
