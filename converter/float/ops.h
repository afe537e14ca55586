// SPDX-License-Identifier: Apache-2.0
// The float operations of a graph other than products of matrices, as plain loops that compilers
// vectorise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "converter/graph/graph.h"

namespace vitro::converter::float_ops {

/// pixels [grid*patch, grid*patch, 3] -> y [grid*grid, cols], cols >= patch*patch*3, the rest 0;
/// rescaled and normalised by mean and std unless `raw`.
void patch_rows(const uint8_t* pixels, size_t patch, const Preprocessing& preprocessing, bool raw,
                size_t cols, float* y);
/// y = prefix rows, then patches + positions.
void tokens(const float* patches, const Matrix& prefix, const Matrix& positions, float* y);
/// gamma and beta may be null.
void layer_norm(const float* x, size_t rows, size_t cols, const float* gamma, const float* beta,
                float epsilon, float* y);
/// In place, of every row: softmax(x * scale); scale > 0.
void softmax(float* x, size_t rows, size_t cols, float scale);
/// Exact (erf) GELU; absolute error below 1e-6 for |x| < 4 and below 3e-7 * |x| beyond.
void gelu(const float* x, size_t n, float* y);
void add(const float* a, const float* b, size_t n, float* y);
void average(const float* a, const float* b, size_t n, float* y);
/// The mean of the rows from `first` to the end, [1, cols].
void mean_rows(const float* x, size_t rows, size_t cols, size_t first, float* y);

}  // namespace vitro::converter::float_ops
