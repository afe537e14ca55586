// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/units.h"

#include <algorithm>
#include <cmath>

#include "converter/graph/node_fault.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

namespace {

constexpr float kStreamHeadroom = 1.5f;
constexpr float kActivationHeadroom = 1.25f;
constexpr float kSmallest = 1e-6f;  // magnitude: no unit is 0

// Of an activation's int16 values; below zero they may saturate, GELU and SiLU are zero there.
float range_of(const ColumnStatistics& inputs) {
  float largest = 0;
  for (const float h : inputs.highest) largest = std::max(largest, h);
  return largest * kActivationHeadroom;
}

unsigned fraction_bits(const ColumnStatistics& inputs, unsigned least, unsigned most) {
  const float largest = range_of(inputs);
  unsigned bits = most;
  while (bits > least && largest * std::ldexp(1.0f, static_cast<int>(bits)) > 32767.0f) --bits;
  return bits;
}

float unit_of(const ColumnStatistics& inputs, unsigned bits) {
  return std::max(std::ldexp(1.0f, -static_cast<int>(bits)), range_of(inputs) / 32767.0f);
}

}  // namespace

float stream_unit(float largest_magnitude) {
  return std::max(largest_magnitude, kSmallest) * kStreamHeadroom / 32767.0f;
}

unsigned gelu_fraction_bits(const ColumnStatistics& inputs) {
  return fraction_bits(inputs, kMinGeluFraction, kMaxGeluFraction);
}

float gelu_unit(const ColumnStatistics& inputs) {
  return unit_of(inputs, gelu_fraction_bits(inputs));
}

unsigned silu_fraction_bits(const ColumnStatistics& inputs) {
  return fraction_bits(inputs, kMinSiluFraction, kMaxSiluFraction);
}

float silu_unit(const ColumnStatistics& inputs) {
  return unit_of(inputs, silu_fraction_bits(inputs));
}

float norm_epsilon(float epsilon, size_t cols, float unit) {
  const float dim = static_cast<float>(cols);
  return std::clamp(epsilon * dim * dim / (unit * unit), kScaleRange.smallest,
                    kEpsilonRange.largest);
}

std::vector<float> head_units(const ColumnStatistics& statistics, size_t heads) {
  const size_t cols = statistics.mean.size(), head_dim = cols / heads;
  std::vector<float> unit(cols);
  for (size_t c = 0; c < cols; ++c)
    unit[c] = std::max(kSmallest, statistics.largest_magnitude(c / head_dim * head_dim, head_dim)) /
              127.0f;
  return unit;
}

std::vector<float> column_units(const ColumnStatistics& statistics) {
  return head_units(statistics, statistics.mean.size());
}

std::vector<float> corrected_bias(const QuantisedWeights& weights,
                                  const std::vector<double>& input_mean,
                                  const std::vector<double>& output_mean) {
  std::vector<float> bias(weights.n);
  for (size_t r = 0; r < weights.n; ++r) {
    double mean = 0;
    for (size_t c = 0; c < weights.k; ++c)
      mean += static_cast<double>(weights.values[r * weights.k + c]) * input_mean[c];
    bias[r] = static_cast<float>(output_mean[r] - mean * static_cast<double>(weights.scale[r]));
  }
  return bias;
}

Matrix with_units(Matrix weight, const std::vector<float>& unit) {
  if (unit.empty()) return weight;
  for (size_t r = 0; r < weight.rows; ++r)
    for (size_t c = 0; c < weight.cols; ++c)
      weight.row(r)[c] *= unit.size() == 1 ? unit[0] : unit[c];
  return weight;
}

float channel_value(const std::string& node, double value) {
  if (!(std::abs(value) <= static_cast<double>(kChannelRange.largest)))
    throw NodeFault(
        node, "has numbers too large to quantise",
        "check the checkpoint: its weights, or what they make of the pictures, overflow");
  const bool resolved = std::abs(value) >= static_cast<double>(kChannelRange.smallest);
  return resolved ? static_cast<float>(value) : 0.0f;
}

}  // namespace vitro::converter
