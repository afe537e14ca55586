// SPDX-License-Identifier: Apache-2.0
// Units and biases, compared with values worked out by hand.
#include "converter/quantise/units.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "converter/quantise/activations.h"
#include "runtime/kernels/law.h"

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

// In units of 2^-bits, int16 ends at 2^(15 - bits). A quarter of the largest input is kept in
// reserve.
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

TEST(Units, OfGelu) {
  EXPECT_EQ(gelu_unit(columns({0}, {3})), std::ldexp(1.0f, -13));
  EXPECT_EQ(gelu_unit(columns({-9000}, {26213.6f / 64})),
            std::ldexp(1.0f, -6));  // the largest that fits
  EXPECT_FLOAT_EQ(gelu_unit(columns({0, 0}, {1, 26213.6f})), 1);
}

TEST(Units, OfSilu) {
  for (unsigned bits = 7; bits <= 11; ++bits) {
    const float largest = std::ldexp(0.8f, 15 - static_cast<int>(bits));
    EXPECT_EQ(silu_fraction_bits(columns({0, 0}, {0.1f, largest * 0.999f})), bits);
    EXPECT_EQ(silu_fraction_bits(columns({0, 0}, {0.1f, largest * 1.001f})), bits - 1);
  }
  EXPECT_EQ(silu_fraction_bits(columns({0}, {1e6f})), 6u);
  EXPECT_EQ(silu_fraction_bits(columns({-1000}, {1})), 11u) << "below zero it may saturate";
  EXPECT_EQ(silu_unit(columns({0}, {3})), std::ldexp(1.0f, -11));
  EXPECT_FLOAT_EQ(silu_unit(columns({0, 0}, {1, 26213.6f})), 1);
}

// The law computes GELU of h / 64, times 64, where exact GELU of h is wanted. They differ most at
// the dip below zero, by 0.17 * 64 units.
TEST(Units, GeluOfLargeInputsIsScaled) {
  const ColumnStatistics inputs = columns({-26213.6f}, {26213.6f});
  EXPECT_EQ(gelu_fraction_bits(inputs), 6u);
  for (int h = -26000; h <= 26000; h += 7) {
    const double exact = 0.5 * h * std::erfc(-h / std::sqrt(2.0));
    EXPECT_LE(std::abs(law::gelu(static_cast<int16_t>(h), 6) - exact), 11) << h;
  }
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

TEST(Units, StreamsHaveRoomForHalfAsMuchAgain) {
  const float unit = stream_unit(3);
  EXPECT_FLOAT_EQ(unit, 4.5f / 32767);
  EXPECT_EQ(to_fixed({4.5f, -4.5f, 3, 0}, unit), (std::vector<int16_t>{32767, -32767, 21845, 0}));
  EXPECT_EQ(to_fixed({5, -5}, unit), (std::vector<int16_t>{32767, -32768}));
  EXPECT_GT(stream_unit(0), 0);
}

TEST(Units, ColumnsOfAMatrix) {
  Matrix m(2, 2);
  m.data = {1, 2, 3, 4};
  EXPECT_EQ(with_units(m, {}).data, m.data);
  EXPECT_EQ(with_units(m, {2}).data, (std::vector<float>{2, 4, 6, 8}));
  EXPECT_EQ(with_units(m, {2, 0.5f}).data, (std::vector<float>{2, 1, 6, 2}));
}

// Over the pictures, the integer outputs have the float model's mean, although the weights were
// rounded to a few steps.
TEST(Units, CorrectedBiasMeetsTheMean) {
  constexpr size_t kRows = 50, kCols = 8, kOutputs = 5;
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  Activations x(schema::Format::RowS8, kRows, kCols, 1, 2);
  for (size_t p = 0; p < 2; ++p)
    for (size_t r = 0; r < kRows; ++r) {
      x.row_params(p)[r] = {0.01f * static_cast<float>(1 + r % 3), static_cast<int32_t>(r % 5)};
      for (size_t c = 0; c < kCols; ++c)
        x.at<int8_t>(p)[r * kCols + c] =
            static_cast<int8_t>(std::clamp(normal(generator) * 20 + 40, -127.0f, 127.0f));
    }
  const Moments moments = moments_of(x, 1);
  Matrix w(kOutputs, kCols);
  for (float& value : w.data) value = normal(generator);
  QuantisedWeights coarse{kOutputs, kCols, {}, std::vector<float>(kOutputs, 0.7f)};
  for (const float value : w.data)
    coarse.values.push_back(static_cast<int8_t>(std::nearbyint(value / 0.7f)));
  std::vector<double> mean(kOutputs);  // of w x + n
  for (size_t n = 0; n < kOutputs; ++n) {
    mean[n] = static_cast<double>(n);
    for (size_t c = 0; c < kCols; ++c)
      mean[n] += static_cast<double>(w.row(n)[c]) * moments.mean[c];
  }
  const float unit = 0.05f;
  const PackedLinear packed = pack_linear("layer", coarse, std::vector<float>(kOutputs, unit),
                                          corrected_bias(coarse, moments.mean, mean));
  Activations y(schema::Format::S16, kRows, kOutputs, 1, 2);
  run_linear(x, packed, LinearWrite(), y, 1);
  for (size_t n = 0; n < kOutputs; ++n) {
    double sum = 0;
    for (size_t p = 0; p < 2; ++p)
      for (size_t r = 0; r < kRows; ++r) sum += y.at<int16_t>(p)[r * kOutputs + n];
    EXPECT_NEAR(sum / (2 * kRows), mean[n] / static_cast<double>(unit), 0.5) << n;
  }
}

}  // namespace
}  // namespace vitro
