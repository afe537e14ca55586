// SPDX-License-Identifier: Apache-2.0
// What the float graph's values look like over the calibration pictures, column by column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace vitro::converter {

/// Square RGB pictures of the graph's size, as the runtime takes them.
using Pictures = std::vector<std::vector<uint8_t>>;

/// Told what is being done and how much of it is, 0..1.
using Progress = std::function<void(const char* what, double done)>;

struct ColumnStatistics {
  std::vector<double> mean;  // float32 numbers once collected, as calibration files keep them
  std::vector<float> lowest, highest;

  float largest_magnitude(size_t first, size_t count) const;
};

}  // namespace vitro::converter
