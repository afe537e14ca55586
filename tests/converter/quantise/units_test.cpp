// SPDX-License-Identifier: Apache-2.0
// Units and biases by values computed by hand.
#include "converter/quantise/units.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitro {

using namespace converter;

namespace {

ColumnStatistics columns(std::vector<float> lowest, std::vector<float> highest) {
  return {std::vector<double>(lowest.size()), std::move(lowest), std::move(highest)};
}

TEST(Units, OfAStream) {
  EXPECT_FLOAT_EQ(stream_unit(32767), 1.5f);
  EXPECT_FLOAT_EQ(stream_unit(2), 3.0f / 32767);
}

// int16 holds 2^(15 - bits) in units of 2^-bits; a quarter of the largest input is to spare.
TEST(Units, FractionBitsOfGelu) {
  for (unsigned bits = 7; bits <= 13; ++bits) {
    const float largest = std::ldexp(0.8f, 15 - static_cast<int>(bits));
    EXPECT_EQ(gelu_fraction_bits(columns({0, 0}, {0.1f, largest * 0.999f})), bits);
    EXPECT_EQ(gelu_fraction_bits(columns({0, 0}, {0.1f, largest * 1.001f})), bits - 1);
  }
  EXPECT_EQ(gelu_fraction_bits(columns({0}, {1e6f})), 6u);
  EXPECT_EQ(gelu_fraction_bits(columns({0}, {1e-6f})), 13u);
  EXPECT_EQ(gelu_fraction_bits(columns({-1000}, {1})), 13u) << "below zero it may saturate";
}

TEST(Units, OfHeadsAndColumns) {
  const ColumnStatistics s = columns({-1.27f, 0, -2.54f, 0}, {0, 6.35f, 0, 12.7f});
  const std::vector<float> heads = head_units(s, 2), columns = column_units(s);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_FLOAT_EQ(heads[c], c < 2 ? 0.05f : 0.1f) << c;
    EXPECT_FLOAT_EQ(columns[c], c == 0 ? 0.01f : c == 1 ? 0.05f : c == 2 ? 0.02f : 0.1f) << c;
  }
}

TEST(Units, CorrectedBias) {
  const QuantisedWeights weights{2, 2, {2, -3, 127, 1}, {0.5f, 0.25f}};
  // 1 - 0.5 (2 * 4 - 3 * 10); -2 - 0.25 (127 * 4 + 10)
  EXPECT_EQ(corrected_bias(weights, {4, 10}, {1, -2}), (std::vector<float>{12, -131.5f}));
}

}  // namespace
}  // namespace vitro
