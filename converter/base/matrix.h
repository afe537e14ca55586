// SPDX-License-Identifier: Apache-2.0
// A row-major float32 matrix, which the stages of the converter exchange.
#pragma once

#include <cstddef>
#include <vector>

namespace vitro {

struct Matrix {
  size_t rows = 0;
  size_t cols = 0;
  std::vector<float> data;  // rows * cols, row-major

  Matrix() = default;
  Matrix(size_t r, size_t c) : rows(r), cols(c), data(r * c) {}
  float* row(size_t r) { return data.data() + r * cols; }
  const float* row(size_t r) const { return data.data() + r * cols; }
};

}  // namespace vitro
