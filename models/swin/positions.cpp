// SPDX-License-Identifier: Apache-2.0
#include "models/swin/positions.h"

#include <algorithm>
#include <cmath>

namespace vitro::converter::swin {
namespace {

constexpr double kReach = 8;  // the farthest coordinates before the logarithm, to base 8

// PyTorch computes it in single precision, and the MLP is far from linear.
float log_coordinate(size_t at, size_t window, size_t scaled_by) {
  const float distance = static_cast<float>(at) - static_cast<float>(window - 1),
              x = distance / static_cast<float>(std::max<size_t>(scaled_by - 1, 1)) *
                  static_cast<float>(kReach),
              log = std::log2(std::abs(x) + 1) / static_cast<float>(std::log2(kReach));
  return std::copysign(log, x);
}

}  // namespace

std::vector<float> log_coordinates(size_t window, size_t scaled_by) {
  const size_t reach = 2 * window - 1;
  std::vector<float> out;
  out.reserve(2 * reach * reach);
  for (size_t y = 0; y < reach; ++y)
    for (size_t x = 0; x < reach; ++x)
      for (const size_t at : {y, x}) out.push_back(log_coordinate(at, window, scaled_by));
  return out;
}

std::vector<float> continuous_bias(CheckedTensors& tensors, const std::string& attention,
                                   const SwinStage& stage) {
  const size_t reach = 2 * stage.window - 1, rows = reach * reach, heads = stage.heads;
  std::vector<float> coordinates;
  const std::string given = attention + ".relative_coords_table";
  if (tensors.expects(given)) {
    const float* const table = tensors.take(given, {1, reach, reach, 2});
    coordinates.assign(table, table + 2 * rows);
  } else {
    coordinates = log_coordinates(stage.window,
                                  stage.trained_window > 0 ? stage.trained_window : stage.window);
  }
  const std::string first = attention + ".cpb_mlp.0", second = attention + ".cpb_mlp.2";
  const size_t hidden = tensors.shape(first + ".weight", 2)[0];
  const float* const w1 = tensors.take(first + ".weight", {hidden, 2});
  const std::vector<float> b1 = tensors.vector(first + ".bias", hidden);
  const float* const w2 = tensors.take(second + ".weight", {heads, hidden});
  std::vector<float> bias(rows * heads);
  std::vector<double> between(hidden);
  for (size_t r = 0; r < rows; ++r) {
    const double y = coordinates[2 * r], x = coordinates[2 * r + 1];
    for (size_t i = 0; i < hidden; ++i)
      between[i] = std::max(0.0, double{w1[2 * i]} * y + double{w1[2 * i + 1]} * x + double{b1[i]});
    for (size_t h = 0; h < heads; ++h) {
      double sum = 0;
      for (size_t i = 0; i < hidden; ++i) sum += double{w2[h * hidden + i]} * between[i];
      bias[r * heads + h] = static_cast<float>(16 / (1 + std::exp(-sum)));
    }
  }
  return bias;
}

}  // namespace vitro::converter::swin
