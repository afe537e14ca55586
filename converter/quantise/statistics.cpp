// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/statistics.h"

#include <algorithm>
#include <cmath>

namespace vitro::converter {

float ColumnStatistics::largest_magnitude(size_t first, size_t count) const {
  float largest = 0;
  for (size_t c = first; c < first + count; ++c)
    largest = std::max({largest, std::abs(lowest[c]), std::abs(highest[c])});
  return largest;
}

}  // namespace vitro::converter
