// SPDX-License-Identifier: Apache-2.0
// Float32 operations other than products of matrices, as plain loops that compilers vectorise.
#pragma once

#include <cstddef>

namespace vitro::converter::float_ops {

/// gamma and beta may be null.
void layer_norm(const float* x, size_t rows, size_t cols, const float* gamma, const float* beta,
                float epsilon, float* y);
/// In place, of every row: softmax(x * scale); scale > 0.
void softmax(float* x, size_t rows, size_t cols, float scale);
/// Exact (erf) GELU; absolute error below 1e-6 for |x| < 4 and below 3e-7 * |x| beyond.
void gelu(const float* x, size_t n, float* y);
/// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, within 3e-7 * |x|.
void gelu_by_tanh(const float* x, size_t n, float* y);
/// x / (1 + e^-x), within 3e-7 * |x|.
void silu(const float* x, size_t n, float* y);
void add(const float* a, const float* b, size_t n, float* y);
void average(const float* a, const float* b, size_t n, float* y);
/// The mean of the rows from `first` to the end, [1, cols].
void mean_rows(const float* x, size_t rows, size_t cols, size_t first, float* y);

}  // namespace vitro::converter::float_ops
