// SPDX-License-Identifier: Apache-2.0
// Weights to int8, each rounding error made good by the weights that are still to be rounded (GPTQ,
// arXiv 2210.17323).
#pragma once

#include <cstdint>
#include <vector>

#include "converter/base/matrix.h"
#include "converter/quantise/moments.h"

namespace vitro::converter {

struct QuantisedWeights {
  size_t n = 0, k = 0;
  std::vector<int8_t> values;  // [n][k], in [-127, 127]
  std::vector<float> scale;    // [n]
};

/// Of a layer that sees one row of each picture: its covariance is poor.
constexpr double kDamping = 0.01, kHeadDamping = 0.1;

/// Minimises E |(W - Q) x|^2 for x of the given moments. Scale of a row: its largest magnitude /
/// 127. `damping` is added to the diagonal, as a share of its mean. Columns in the order of falling
/// variance. Without a covariance: plain rounding. `grid`: scales are made multiples of these, by
/// row. Throws std::range_error where numbers grow without bound: the moments are those of no
/// numbers, or weights overflow.
QuantisedWeights quantise_weights(const Matrix& weight, const Moments& moments, double damping,
                                  size_t threads, const std::vector<float>& grid = {});

}  // namespace vitro::converter
