// SPDX-License-Identifier: Apache-2.0
// Static scales: ranges compared with an exhaustive search, tables and exact layers with their
// definitions.
#include "converter/quantise/static_scales.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "converter/graph/node_fault.h"
#include "converter/quantise/lookup.h"

namespace vitro {

using namespace converter;

namespace {

TEST(StaticScale, CoversItsRangeWithAnExactZero) {
  const StaticScale symmetric({-1.27f, 1.27f});
  EXPECT_FLOAT_EQ(symmetric.unit, 0.01f);
  EXPECT_EQ(symmetric.zero_point, 0);
  const StaticScale positive({0, 2.54f});
  EXPECT_FLOAT_EQ(positive.unit, 0.01f);
  EXPECT_EQ(positive.zero_point, -127);
  const StaticScale negative({-2.54f, 0});
  EXPECT_EQ(negative.zero_point, 127);
  EXPECT_FLOAT_EQ(StaticScale({-1, 1}, 0.5f).unit, 0.5f);  // not finer than was asked for
  EXPECT_GT(StaticScale(StaticRange{0, 0}).unit, 0);
}

// The squared error of int8 values with this range.
double error_of(const std::vector<float>& values, const StaticRange& range,
                double (*seen_by)(double)) {
  const StaticScale scale(range);
  double error = 0;
  for (const float x : values) {
    const double q = std::clamp(
        std::nearbyint(static_cast<double>(x / scale.unit)) + scale.zero_point, -127.0, 127.0);
    const double d = seen_by(static_cast<double>(scale.unit) * (q - scale.zero_point)) -
                     seen_by(static_cast<double>(x));
    error += d * d;
  }
  return error;
}

double itself(double x) { return x; }

std::vector<float> with_outliers() {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(20000);
  for (float& x : values) x = normal(generator);
  values[7] = 40;
  values[8] = -15;
  return values;
}

TEST(SearchRange, NoOtherRangeIsBetter) {
  const std::vector<float> values = with_outliers();
  const PictureValues all = [&](size_t) { return std::vector<float>(values); };
  for (const bool symmetric : {false, true})
    for (double (*seen_by)(double) : {itself, exact_gelu}) {
      const StaticRange range = search_range(1, all, symmetric, 1, seen_by);
      const double found = error_of(values, range, seen_by);
      for (int high = 0; high < 24; ++high)
        for (int low = 0; low < 24; ++low) {
          const float top = 40 * (1 - 0.03f * static_cast<float>(high)),
                      bottom = symmetric ? -top : -15 * (1 - 0.03f * static_cast<float>(low));
          EXPECT_LE(found, 1.02 * error_of(values, {bottom, top}, seen_by))
              << top << " " << bottom;  // 2 %: the search rounds values to the middle of a bin
        }
      if (symmetric) EXPECT_EQ(range.lowest, -range.highest);
    }
}

TEST(SearchRange, EndsAreKeptWhereTheyCount) {
  const PictureValues two = [](size_t) { return std::vector<float>{-1, 2, -1, 2}; };
  const StaticRange range = search_range(1, two, false, 1);
  EXPECT_EQ(range.lowest, -1);
  EXPECT_EQ(range.highest, 2);
  const StaticRange both = search_range(1, two, true, 1);
  EXPECT_EQ(both.lowest, -2);
  EXPECT_EQ(both.highest, 2);
}

TEST(SearchRange, ContainsZero) {
  const PictureValues positive = [](size_t) { return std::vector<float>{5, 6, 7}; };
  EXPECT_EQ(search_range(1, positive, false, 1).lowest, 0);
}

TEST(SearchRange, IsOfAllPicturesWhateverTheThreads) {
  const std::vector<float> values = with_outliers();
  const PictureValues parts = [&](size_t p) {
    return std::vector<float>(values.begin() + static_cast<ptrdiff_t>(p * 4000),
                              values.begin() + static_cast<ptrdiff_t>((p + 1) * 4000));
  };
  const StaticRange whole = search_range(
      1, [&](size_t) { return std::vector<float>(values); }, false, 1);
  for (const size_t threads : {1, 3}) {
    const StaticRange range = search_range(5, parts, false, threads);
    EXPECT_EQ(range.lowest, whole.lowest);
    EXPECT_EQ(range.highest, whole.highest);
  }
}

TEST(GeluTable, NearestOfEachStep) {
  const StaticScale from({-6, 6.7f}), to({-0.2f, 5});
  const std::vector<int8_t> table = function_table(exact_gelu, from, to);
  ASSERT_EQ(table.size(), 256u);
  for (int q = -128; q < 128; ++q) {
    const double x = static_cast<double>(from.unit) * (q - from.zero_point),
                 gelu = x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
    const int t = table[static_cast<size_t>(q + 128)];
    ASSERT_GE(t, -127);
    const double difference = static_cast<double>(to.unit) * (t - to.zero_point) - gelu;
    if (t > -127 && t < 127)
      EXPECT_LE(std::abs(difference), 0.5001 * static_cast<double>(to.unit)) << q;
    if (t == 127) EXPECT_LE(difference, 0.5001 * static_cast<double>(to.unit)) << q;
  }
  EXPECT_EQ(table[static_cast<size_t>(from.zero_point + 128)], to.zero_point);
}

TEST(FunctionTable, OfOtherFunctions) {
  const StaticScale from({-6, 6.7f}), to({-0.3f, 5});
  for (double (*function)(double) : {exact_gelu_by_tanh, exact_silu}) {
    const std::vector<int8_t> table = function_table(function, from, to);
    for (int q = -100; q < 90; ++q) {
      const double x = static_cast<double>(from.unit) * (q - from.zero_point),
                   want =
                       function == exact_silu
                           ? x / (1 + std::exp(-x))
                           : x / (1 + std::exp(-1.5957691216057308 * (x + 0.044715 * x * x * x)));
      const int t = table[static_cast<size_t>(q + 128)];
      if (t > -127 && t < 127)
        EXPECT_NEAR(static_cast<double>(to.unit) * (t - to.zero_point), want,
                    0.5001 * static_cast<double>(to.unit))
            << q;
    }
  }
}

TEST(StaticAdd, ScaleIsTheRatioOfUnits) {
  StaticScale branch;
  branch.unit = 0.5f;
  EXPECT_EQ(static_add_scale(branch, 0.125f), 4);
  branch.unit = 1e9f;
  EXPECT_EQ(static_add_scale(branch, 1e-9f), 0x1p14f);  // the law's largest
}

struct Layer {
  Layer() : x(schema::Format::RowS8, 40, 16, 1, 1), weight(6, 16) {
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    for (size_t r = 0; r < 40; ++r) x.row_params(0)[r] = {1, 9};
    for (size_t i = 0; i < 40 * 16; ++i)
      x.at<int8_t>(0)[i] =
          static_cast<int8_t>(std::clamp(normal(generator) * 30 + 20, -127.0f, 127.0f));
    for (float& w : weight.data) w = normal(generator) * 0.1f;
    moments = moments_of(x, 1);
    for (size_t n = 0; n < 6; ++n) {
      double sum = static_cast<double>(n) - 3;
      for (size_t c = 0; c < 16; ++c)
        sum += static_cast<double>(weight.row(n)[c]) * moments.mean[c];
      mean.push_back(sum);
    }
  }
  Activations x;
  Matrix weight;
  Moments moments;
  std::vector<double> mean;
};

TEST(PackStaticLinear, IsExactAndMeetsTheMean) {
  Layer layer;
  std::vector<float> unit(6, 0.25f);
  constexpr int kZeroPoint = -4;
  const PackedLinear packed =
      pack_static_linear("layer", {layer.weight, layer.moments, layer.mean, kZeroPoint}, unit, 1);
  for (size_t n = 0; n < 6; ++n) {
    EXPECT_EQ(unit[n], 0.25f) << n;
    const double steps = static_cast<double>(packed.scale[n]) * 65536,
                 whole = static_cast<double>(packed.bias[n]) / static_cast<double>(packed.scale[n]);
    EXPECT_EQ(steps, std::nearbyint(steps)) << n;
    EXPECT_EQ(whole, std::nearbyint(whole)) << n;
  }
  Activations y(schema::Format::S8, 40, 6, 1, 1);
  LinearWrite write;
  write.output = LinearOutput::s8;
  run_linear(layer.x, packed, write, y, 1);
  for (size_t n = 0; n < 6; ++n) {
    double sum = 0;
    for (size_t r = 0; r < 40; ++r) sum += y.at<int8_t>(0)[r * 6 + n] - kZeroPoint;
    EXPECT_NEAR(sum / 40 * 0.25, layer.mean[n], 0.125) << n;
  }
}

TEST(PackStaticLinear, UnitsGrowToWhatProductsCanTell) {
  Layer layer;
  float largest = 0;
  for (const float w : layer.weight.data) largest = std::max(largest, std::abs(w));
  std::vector<float> unit(6, 1e-9f);
  EXPECT_THROW(
      pack_static_linear("layer", {layer.weight, layer.moments, std::vector<double>(6, 1e12), 0},
                         unit, 1),
      NodeFault);
  for (size_t n = 0; n < 6; ++n)
    layer.mean[n] -= static_cast<double>(n) - 3;  // so that the biases are 0
  unit.assign(6, 1e-9f);
  pack_static_linear("layer", {layer.weight, layer.moments, layer.mean, 0}, unit, 1);
  for (const float u : unit) EXPECT_FLOAT_EQ(u, largest / 127 / 64);
}

TEST(RoughOutputs, AreNearTheFloatOnes) {
  Layer layer;
  const std::vector<float> outputs =
      rough_outputs(layer.x, layer.weight, layer.moments, layer.mean)(0);
  for (size_t r = 0; r < 40; ++r)
    for (size_t n = 0; n < 6; ++n) {
      double want = static_cast<double>(n) - 3, slack = 0;
      for (size_t c = 0; c < 16; ++c) {
        const double x = layer.x.at<int8_t>(0)[r * 16 + c] - 9;
        want += static_cast<double>(layer.weight.row(n)[c]) * x;
        slack += std::abs(x - layer.moments.mean[c]);
      }
      EXPECT_NEAR(static_cast<double>(outputs[r * 6 + n]), want, slack * 0.5 * 0.4 / 127) << r;
    }
}

}  // namespace
}  // namespace vitro
