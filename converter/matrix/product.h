// SPDX-License-Identifier: Apache-2.0
// Float32 products of matrices, by XNNPACK.
#pragma once

#include <cstddef>
#include <memory>

#include "converter/base/matrix.h"

struct xnn_operator;

namespace vitro::converter {

/// y = x W^T + b with W [n, k] (or its transpose [k, n]). Keeps a packed copy of W. One product
/// serves one thread at a time.
class Product {
 public:
  /// Strides in floats. `bias` may be null.
  Product(size_t k, size_t n, size_t x_stride, size_t y_stride, const float* weight,
          const float* bias, bool transposed = false);

  /// x may be read up to kPadding floats beyond its end.
  void run(size_t rows, const float* x, float* y) const;

  static constexpr size_t kPadding = 4;

 private:
  struct Deleter {
    void operator()(xnn_operator* op) const;
  };
  std::unique_ptr<xnn_operator, Deleter> op_;
};

/// out [cols, cols] = x^T x.
void gram_matrix(const Matrix& x, float* out);

}  // namespace vitro::converter
