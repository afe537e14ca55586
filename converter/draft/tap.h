// SPDX-License-Identifier: Apache-2.0
// Where a value of the float graph stands in the program: for reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitro::converter {

struct Tap {
  std::string name;
  size_t step;  // after which it stands there
  uint32_t tensor;
  size_t node;              // of the float graph
  std::vector<float> unit;  // by column: real value of one unit
};

}  // namespace vitro::converter
