// SPDX-License-Identifier: Apache-2.0
// Division of 64 bits for 32-bit cores, which have none: a loop in place of the compiler's 750
// bytes, for what is printed now and then.
#pragma once

#include <stdint.h>

namespace vitro {

/// number / divisor; `remainder` is what is left. The divisor is not 0 and below 2^63.
inline uint64_t divide(uint64_t number, uint64_t divisor, uint64_t& remainder) {
  uint64_t quotient = 0, rest = 0;
  for (int bit = 63; bit >= 0; --bit) {
    rest = rest << 1 | (number >> bit & 1);
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  remainder = rest;
  return quotient;
}

}  // namespace vitro
