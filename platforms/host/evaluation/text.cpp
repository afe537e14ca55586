// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/text.h"

#include <cstdio>

namespace vitro::host {

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

}  // namespace vitro::host
