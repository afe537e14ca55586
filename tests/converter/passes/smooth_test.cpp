// SPDX-License-Identifier: Apache-2.0
// The factors of columns, compared with values worked out by hand, and that they do not change the
// function.
#include "converter/passes/smooth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/measure.h"
#include "runtime/core/golden.h"

namespace vitro {

using namespace converter;

namespace {

// A graph of 4 patches of 2 x 2 pixels, to which the test adds nodes.
class SmoothSketch {
 public:
  SmoothSketch() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 4;
    pixels = add({}, PatchRows{2, 2, 0, false});
  }
  size_t add(std::vector<size_t> inputs, Operation operation) {
    const size_t i = add_node(graph, "node" + std::to_string(graph.nodes.size()), std::move(inputs),
                              std::move(operation));
    largest(i, std::vector<float>(graph.nodes[i].cols, 1));
    return i;
  }
  // A linear layer whose weights are all 1.
  size_t linear(size_t from, size_t cols) {
    Linear linear{Matrix(cols, graph.nodes[from].cols), std::vector<float>(cols, 1)};
    for (float& w : linear.weight.data) w = 1;
    return add({from}, std::move(linear));
  }
  void largest(size_t node, const std::vector<float>& values) {
    statistics.resize(graph.nodes.size());
    statistics[node].mean.assign(values.begin(), values.end());
    statistics[node].lowest.assign(values.size(), 0);
    statistics[node].highest = values;
  }
  void output(size_t node) { graph.outputs.push_back({node, "out", OutputKind::Features}); }
  size_t smooth(const std::vector<size_t>& rotated = {}) {
    std::vector<bool> nodes(graph.nodes.size());
    for (const size_t i : rotated) nodes[i] = true;
    return converter::smooth(graph, nodes, statistics);
  }
  const Linear& at(size_t node) const { return graph.nodes[node].as<Linear>(); }

  Graph graph;
  size_t pixels = 0;
  std::vector<ColumnStatistics> statistics;
};

// Divided by their mean, the columns are 64 / 32.5 and 1 / 32.5. The expected errors as shares of
// the outputs, times 12 * 256: for exponent 0, (2 * 16 / 255)^2 * 2 + 0.6 / 127^2 * 256.06 =
// 0.0410; for 1/4, 0.0273; for 1/2, 0.0257; for 3/4, 0.0265; for 1, 0.0389.
TEST(Smooth, TakesTheExponentOfTheLeastExpectedError) {
  SmoothSketch s;
  const size_t a = s.linear(s.pixels, 2), b = s.linear(a, 1);
  s.output(b);
  s.largest(a, {64, 1});
  EXPECT_EQ(s.smooth(), 1u);
  const float f0 = std::sqrt(32.5f / 64), f1 = std::sqrt(32.5f);
  EXPECT_FLOAT_EQ(s.at(a).weight.row(0)[3], f0);
  EXPECT_FLOAT_EQ(s.at(a).weight.row(1)[3], f1);
  EXPECT_FLOAT_EQ(s.at(a).bias[0], f0);
  EXPECT_FLOAT_EQ(s.at(a).bias[1], f1);
  EXPECT_FLOAT_EQ(s.at(b).weight.row(0)[0], 1 / f0);
  EXPECT_FLOAT_EQ(s.at(b).weight.row(0)[1], 1 / f1);
  EXPECT_EQ(s.at(b).bias[0], 1);
  EXPECT_FLOAT_EQ(s.statistics[a].highest[0], 64 * f0);
  EXPECT_NEAR(s.statistics[a].mean[1], f1, 1e-6);
  EXPECT_EQ(s.statistics[b].highest[0], 1);
}

// For columns of 8 and 1 the gain is 6.43 / 4.44 = 1.45, which is not worth an operation; for 64
// and 1 it is 1.6.
TEST(Smooth, NormsGetAGammaWhereThatPays) {
  for (const float largest : {8.0f, 64.0f}) {
    SmoothSketch s;
    const size_t norm = s.add({s.linear(s.pixels, 2)}, LayerNorm{{}, {}, 0.5f});
    const size_t reader = s.linear(norm, 1);
    s.output(reader);
    s.largest(norm, {largest, 1});
    EXPECT_EQ(s.smooth(), largest == 64 ? 1u : 0u);
    ASSERT_EQ(s.graph.nodes[norm].is<Norm>(), largest == 64);
    if (largest != 64) continue;
    const Norm& scaled = s.graph.nodes[norm].as<Norm>();
    EXPECT_FLOAT_EQ(scaled.gamma[0], std::sqrt(32.5f / 64));
    EXPECT_FLOAT_EQ(scaled.gamma[1], std::sqrt(32.5f));
    EXPECT_EQ(scaled.beta, (std::vector<float>{0, 0}));
    EXPECT_EQ(scaled.epsilon, 0.5f);
    EXPECT_FLOAT_EQ(s.at(reader).weight.row(0)[1], 1 / std::sqrt(32.5f));
  }
}

TEST(Smooth, LeavesWhatMayNotBeScaled) {
  const std::vector<float> uneven = {64, 1, 1, 1};
  {
    SmoothSketch s;  // rotated
    const size_t a = s.linear(s.pixels, 4);
    s.output(s.linear(a, 1));
    s.largest(a, uneven);
    EXPECT_EQ(s.smooth({a}), 0u);
    EXPECT_EQ(s.at(a).weight.row(0)[0], 1);
  }
  {
    SmoothSketch s;  // the value is an output
    const size_t a = s.linear(s.pixels, 4);
    s.output(s.linear(a, 1));
    s.output(a);
    s.largest(a, uneven);
    EXPECT_EQ(s.smooth(), 0u);
  }
  // Each kind reads a value that a linear layer reads too; then each kind makes the value, and has
  // no constants to take the factors.
  const std::vector<Operation> kinds = {Gelu{}, Transpose{}, LayerNorm{}, Attention{}};
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    SmoothSketch s;
    const size_t a = s.linear(s.pixels, 4);
    const std::vector<size_t> inputs(kind == 3 ? 3 : 1, a);
    const size_t other = s.add(inputs, kinds[kind]);
    s.output(s.linear(a, 1));
    s.largest(a, uneven);
    EXPECT_EQ(s.smooth(), 0u) << kind;
    if (kind == 2) continue;
    s.output(s.linear(other, 1));
    s.largest(other, uneven);
    EXPECT_EQ(s.smooth(), 0u) << kind;
  }
}

// A stream like a ResMLP's: one set of columns, with affine maps, sums, and selections and means of
// rows.
TEST(Smooth, KeepsTheFunction) {
  SmoothSketch s;
  std::mt19937 generator(5);
  std::normal_distribution<float> normal;
  const auto random = [&](size_t node, float first) {
    auto& linear = s.graph.nodes[node].as<Linear>();
    for (float& w : linear.weight.data) w = normal(generator);
    for (float& b : linear.bias) b = normal(generator);
    for (size_t k = 0; k < linear.weight.cols; ++k) linear.weight.row(0)[k] *= first;
    return node;
  };
  const auto affine = [&] {
    ColumnAffine out{std::vector<float>(4), std::vector<float>(4)};
    for (size_t c = 0; c < 4; ++c)
      out.scale[c] = normal(generator), out.shift[c] = normal(generator);
    return out;
  };
  const size_t x = random(s.linear(s.pixels, 4), 50);
  const size_t mixed = random(s.linear(s.add({s.add({x}, affine())}, Transpose{}), 4), 1);
  const size_t sum = s.add({x, s.add({s.add({mixed}, Transpose{})}, affine())}, Add{});
  const size_t hidden = s.add({random(s.linear(sum, 8), 1)}, Gelu{});
  const size_t last = s.add({sum, random(s.linear(hidden, 4), 50)}, Add{});
  s.output(random(s.linear(s.add({last}, MeanRows{}), 3), 1));
  Pictures pictures(4, std::vector<uint8_t>(48));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(i), pictures[i].data(), 4, 4);
  s.statistics = collect_statistics(s.graph, pictures, 1, nullptr);
  Graph before = s.graph;
  EXPECT_EQ(s.smooth(), 1u);
  EXPECT_LT(s.graph.nodes[x].as<Linear>().weight.row(0)[0] /
                before.nodes[x].as<Linear>().weight.row(0)[0],
            0.5f * s.graph.nodes[x].as<Linear>().weight.row(1)[0] /
                before.nodes[x].as<Linear>().weight.row(1)[0]);
  const std::vector<ColumnStatistics> again = collect_statistics(s.graph, pictures, 1, nullptr);
  for (size_t i = 0; i < again.size(); ++i)
    for (size_t c = 0; c < again[i].mean.size(); ++c)
      EXPECT_NEAR(s.statistics[i].highest[c], again[i].highest[c],
                  1e-4f * again[i].largest_magnitude(0, again[i].mean.size()))
          << i << " " << c;
  const std::vector<float> want = FloatExecutor(before).run(pictures[0].data())[0],
                           got = FloatExecutor(s.graph).run(pictures[0].data())[0];
  for (size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(got[i], want[i], 1e-5f * std::abs(want[i])) << i;
}

}  // namespace
}  // namespace vitro
