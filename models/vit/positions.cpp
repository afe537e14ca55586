// SPDX-License-Identifier: Apache-2.0
#include "models/vit/positions.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vitro::converter::vit {
namespace {

/// Keys' cubic convolution kernel.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

/// What one output takes: weights of the inputs from `first` on, whose sum is 1.
struct Window {
  size_t first;
  std::vector<double> weight;
};

std::vector<Window> antialiased(size_t from, size_t to) {
  constexpr double kA = -0.5;
  const double step = static_cast<double>(from) / static_cast<double>(to),
               width = std::max(step, 1.0), reach = 2 * width;
  std::vector<Window> all;
  for (size_t i = 0; i < to; ++i) {
    const double centre = step * (static_cast<double>(i) + 0.5);
    Window window{static_cast<size_t>(std::max(std::floor(centre - reach + 0.5), 0.0)), {}};
    const size_t end = std::min(static_cast<size_t>(centre + reach + 0.5), from);
    double sum = 0;
    for (size_t j = window.first; j < end; ++j) {
      window.weight.push_back(cubic((static_cast<double>(j) + 0.5 - centre) / width, kA));
      sum += window.weight.back();
    }
    for (double& weight : window.weight) weight /= sum;
    all.push_back(std::move(window));
  }
  return all;
}

// Always of four inputs; beyond the border its own value goes on.
std::vector<Window> of_four(size_t from, size_t to) {
  constexpr double kA = -0.75;
  const double step = static_cast<double>(from) / static_cast<double>(to),
               last = static_cast<double>(from - 1);
  std::vector<Window> all;
  for (size_t i = 0; i < to; ++i) {
    const double centre = step * (static_cast<double>(i) + 0.5) - 0.5, before = std::floor(centre);
    const auto inside = [&](double at) {
      return static_cast<size_t>(std::min(std::max(at, 0.0), last));
    };
    Window window{inside(before - 1), {}};
    window.weight.resize(inside(before + 2) - window.first + 1);
    for (double at = before - 1; at <= before + 2; ++at)
      window.weight[inside(at) - window.first] += cubic(at - centre, kA);
    all.push_back(std::move(window));
  }
  return all;
}

}  // namespace

Matrix resample_positions(const Matrix& positions, GridSize from, GridSize to,
                          Resampling resampling) {
  const auto windows = resampling == Resampling::Antialiased ? antialiased : of_four;
  const std::vector<Window> across = windows(from.width, to.width),
                            down = windows(from.height, to.height);
  const size_t dim = positions.cols;
  // [from.height, to.width, dim]: every line of the grid, resampled
  std::vector<double> lines(from.height * to.width * dim);
  for (size_t y = 0; y < from.height; ++y) {
    for (size_t x = 0; x < to.width; ++x) {
      double* out = &lines[(y * to.width + x) * dim];
      for (size_t j = 0; j < across[x].weight.size(); ++j) {
        const float* in = positions.row(y * from.width + across[x].first + j);
        for (size_t c = 0; c < dim; ++c) out[c] += across[x].weight[j] * static_cast<double>(in[c]);
      }
    }
  }
  Matrix result(to.patches(), dim);
  std::vector<double> sum(dim);
  for (size_t y = 0; y < to.height; ++y) {
    for (size_t x = 0; x < to.width; ++x) {
      std::fill(sum.begin(), sum.end(), 0.0);
      for (size_t j = 0; j < down[y].weight.size(); ++j) {
        const double* in = &lines[((down[y].first + j) * to.width + x) * dim];
        for (size_t c = 0; c < dim; ++c) sum[c] += down[y].weight[j] * in[c];
      }
      std::transform(sum.begin(), sum.end(), result.row(y * to.width + x),
                     [](double v) { return static_cast<float>(v); });
    }
  }
  return result;
}

}  // namespace vitro::converter::vit
