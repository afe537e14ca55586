// SPDX-License-Identifier: Apache-2.0
// Where packed numbers lie, compared with values worked out by hand, and what linear layers write.
#include "converter/quantise/activations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "converter/graph/node_fault.h"
#include "runtime/kernels/law.h"

namespace vitro {

using namespace converter;

namespace {

TEST(PackedWeights, LieInPanelsOfSixteenByFour) {
  EXPECT_EQ(law::weight_offset(8, 0, 0), 0u);
  EXPECT_EQ(law::weight_offset(8, 0, 3), 3u);
  EXPECT_EQ(law::weight_offset(8, 1, 0), 4u);
  EXPECT_EQ(law::weight_offset(8, 15, 3), 63u);
  EXPECT_EQ(law::weight_offset(8, 0, 4), 64u);
  EXPECT_EQ(law::weight_offset(8, 16, 0), 128u);
  EXPECT_EQ(law::weight_offset(8, 17, 7), 128u + 64 + 4 + 3);
}

TEST(PackLinear, ScalesAndSumsInUnitsOfTheOutput) {
  QuantisedWeights weights{17, 8, std::vector<int8_t>(17 * 8), std::vector<float>(17, 0.5f)};
  for (size_t i = 0; i < weights.values.size(); ++i)
    weights.values[i] = static_cast<int8_t>(static_cast<int>(i % 255) - 127);
  std::vector<float> unit(17, 0.25f), bias(17, 3.0f);
  unit[16] = 2;
  bias[1] = 0x1p-45f;  // far below a step of the output
  const PackedLinear packed = pack_linear("layer", weights, unit, bias);
  ASSERT_EQ(packed.weights.size(), 32u * 8);
  ASSERT_EQ(packed.scale.size(), 32u);
  EXPECT_EQ(packed.scale[0], 2);
  EXPECT_EQ(packed.scale[16], 0.25f);
  EXPECT_EQ(packed.bias[0], 12);
  EXPECT_EQ(packed.bias[1], 0);
  EXPECT_EQ(packed.bias[16], 1.5f);
  EXPECT_EQ(packed.weights[128 + 64 + 3], weights.values[16 * 8 + 7]);
  EXPECT_EQ(packed.weight_sum[0], -127 * 8 + 28);
  for (size_t n = 17; n < 32; ++n) {
    EXPECT_EQ(packed.scale[n], 0) << n;
    EXPECT_EQ(packed.weight_sum[n], 0) << n;
    EXPECT_EQ(packed.weights[law::weight_offset(8, n, 5)], 0) << n;
  }
}

TEST(PackLinear, NamesTheLayerWhoseNumbersAreTooLarge) {
  const QuantisedWeights weights{1, 4, {1, 2, 3, 4}, {0x1p10f}};
  EXPECT_NO_THROW(pack_linear("layer", weights, {0x1p-30f}, {1}));
  for (const auto& [unit, bias] : {std::pair{0x1p-31f, 1.0f}, {1.0f, 0x1.1p40f}}) try {
      pack_linear("blocks.3.fc1", weights, {unit}, {bias});
      ADD_FAILURE() << unit;
    } catch (const NodeFault& fault) {
      EXPECT_EQ(std::string(fault.what()).rfind("blocks.3.fc1 ", 0), 0u) << fault.what();
    }
}

Activations rows(size_t count, size_t cols) {
  Activations x(schema::Format::RowS8, count, cols, 1, 1);
  for (size_t r = 0; r < count; ++r) {
    x.row_params(0)[r] = {1, 0};
    for (size_t c = 0; c < cols; ++c)
      x.at<int8_t>(0)[r * cols + c] = static_cast<int8_t>(r * 7 + c * 3);
  }
  return x;
}

TEST(RunLinear, IdentityGivesTheInputs) {
  const Activations x = rows(3, 8);
  Activations y(schema::Format::S16, 3, 8, 1, 1);
  run_linear(x, pack_identity(8, 0.125f), LinearWrite(), y, 1);
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(y.at<int16_t>(0)[i], x.at<int8_t>(0)[i] * 8) << i;
}

TEST(RunLinear, AddsToWhatIsThereOrToConstants) {
  const Activations x = rows(2, 4);
  Activations y(schema::Format::S16, 3, 4, 1, 1);
  std::fill_n(y.at<int16_t>(0), 12, int16_t{100});
  LinearWrite write;
  write.output = LinearOutput::residual;
  write.first_row = 1;
  run_linear(x, pack_identity(4, 1), write, y, 1);
  for (size_t i = 0; i < 12; ++i)
    EXPECT_EQ(y.at<int16_t>(0)[i], i < 4 ? 100 : 100 + x.at<int8_t>(0)[i - 4]) << i;
  write.constant_addend = {1, 2, 3, 4, 5, 6, 7, 8};
  run_linear(x, pack_identity(4, 1), write, y, 1);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(y.at<int16_t>(0)[4 + i], static_cast<int>(i) + 1 + x.at<int8_t>(0)[i]) << i;
}

// Two groups give the same keys, values and attention as each group alone.
TEST(RunLinear, GroupsAreApart) {
  const Activations x = rows(10, 8);
  const PackedLinear packed = pack_identity(8, 1);
  const auto first_rows = [&](size_t first) {
    Activations part(schema::Format::RowS8, 5, 8, 1, 1);
    std::copy_n(x.at<int8_t>(0) + first * 8, 40, part.at<int8_t>(0));
    std::copy_n(x.row_params(0) + first, 5, part.row_params(0));
    return part;
  };
  const auto made = [&](const Activations& src, LinearOutput output, schema::Format format,
                        size_t groups) {
    Activations y(format, src.rows, 8, 2, 1, groups);
    LinearWrite write;
    write.output = output;
    run_linear(src, packed, write, y, 1);
    return y;
  };
  const auto attention = [&](const Activations& src, size_t groups) {
    return run_attention(made(src, LinearOutput::s8, schema::Format::S8, 1),
                         made(src, LinearOutput::keys, schema::Format::Keys, groups),
                         made(src, LinearOutput::values, schema::Format::Values, groups), {{3, 5}},
                         1);
  };
  const Activations both = attention(x, 2), first = attention(first_rows(0), 1),
                    second = attention(first_rows(5), 1);
  EXPECT_TRUE(std::equal(first.at<int16_t>(0), first.at<int16_t>(0) + 40, both.at<int16_t>(0)));
  EXPECT_TRUE(
      std::equal(second.at<int16_t>(0), second.at<int16_t>(0) + 40, both.at<int16_t>(0) + 40));
}

}  // namespace
}  // namespace vitro
