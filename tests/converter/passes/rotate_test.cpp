// SPDX-License-Identifier: Apache-2.0
// Rotations before quantisation: the float graph gets another basis and computes the same function.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "converter/float/executor.h"
#include "converter/passes/centre.h"
#include "converter/passes/fold.h"
#include "converter/passes/measure.h"
#include "converter/passes/rotate.h"
#include "converter/quantise/statistics.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

std::vector<uint8_t> picture(const Graph& graph, uint32_t seed) {
  std::vector<uint8_t> pixels(picture_bytes(graph.preprocessing));
  golden_picture(seed, pixels.data(), pixels.size());
  return pixels;
}

void expect_same_logits(const Graph& a, const Graph& b) {
  const std::vector<float> want = FloatExecutor(a).run(picture(a, 3).data()).front(),
                           got = FloatExecutor(b).run(picture(a, 3).data()).front();
  float largest = 0;
  for (const float w : want) largest = std::max(largest, std::abs(w));
  for (size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(got[i], want[i], 1e-4f * std::max(1.0f, largest)) << i;
}

std::vector<RandomVit> variants() {
  std::vector<RandomVit> all(5);
  for (RandomVit& vit : all) vit.heads = 2, vit.dim = 128, vit.patch = 8, vit.image = 32;
  all[1].distillation = true;
  all[2].mean_pooling = true;
  all[3].class_token = false;
  all[4].dim = 160;  // head_dim 80: no Hadamard matrix of that size
  return all;
}

TEST(Rotate, KeepsTheFunction) {
  for (const RandomVit& vit : variants()) {
    const Graph folded = fold(vit::build_vit(make_checkpoint(vit), {vit.heads, 1e-6f}));
    Graph rotated = folded;
    const std::vector<bool> nodes = rotate(rotated);
    EXPECT_TRUE(std::find(nodes.begin(), nodes.end(), true) != nodes.end());
    expect_same_logits(folded, rotated);
  }
}

TEST(Rotate, SpreadsAnOutlierChannel) {
  RandomVit vit;
  vit.dim = 128;
  vit.heads = 2;
  Graph graph = fold(vit::build_vit(make_checkpoint(vit), {2, 1e-6f}));
  for (Node& node : graph.nodes)
    if (node.is<Tokens>()) {
      Matrix& positions = node.as<Tokens>().positions;
      for (size_t r = 0; r < positions.rows; ++r) positions.row(r)[5] += 100.0f;
    }
  const auto peak = [](const Graph& g) {
    float largest = 0;
    for (const Node& node : g.nodes)
      if (node.is<Tokens>())
        for (const float p : node.as<Tokens>().positions.data)
          largest = std::max(largest, std::abs(p));
    return largest;
  };
  const float before = peak(graph);
  rotate(graph);
  EXPECT_GT(before, 90.0f);
  EXPECT_LT(peak(graph), 40.0f);
}

// Sets the bias to 1 in one column of each head and to 0 elsewhere, and rotates; the bias is then
// that column of the heads' rotation.
std::vector<float> column_of_heads(size_t dim, size_t heads, size_t column, size_t input) {
  RandomVit vit;
  vit.dim = dim, vit.heads = heads;
  Graph graph = fold(vit::build_vit(make_checkpoint(vit), {heads, 1e-6f}));
  size_t linear = 0;
  for (const Node& node : graph.nodes)
    if (node.is<Attention>()) linear = node.inputs[input];
  std::vector<float>& bias = graph.nodes[linear].as<Linear>().bias;
  std::fill(bias.begin(), bias.end(), 0.0f);
  for (size_t head = 0; head < heads; ++head) bias[head * (dim / heads) + column] = 1;
  rotate(graph);
  return graph.nodes[linear].as<Linear>().bias;
}

// Sylvester's Hadamard matrix, divided by the square root of its size: an element (i, j) is
// negative where i & j has an odd number of ones.
TEST(Rotate, HeadsByTheHadamardMatrix) {
  for (const size_t n : {16, 64})
    for (size_t input = 0; input < 3; ++input)
      for (const size_t column : {size_t{0}, size_t{5}, n - 1}) {
        const std::vector<float> heads = column_of_heads(2 * n, 2, column, input);
        for (size_t i = 0; i < 2 * n; ++i) {
          size_t ones = 0;
          for (size_t bits = i % n & column; bits; bits &= bits - 1) ++ones;
          EXPECT_NEAR(heads[i], (ones % 2 ? -1 : 1) / std::sqrt(static_cast<float>(n)), 1e-6f)
              << n << ", input " << input << ", " << i << ", " << column;
        }
      }
}

TEST(Rotate, HeadsOfOtherSizesLieAlongNoAxis) {
  constexpr size_t kHead = 20;
  for (size_t input = 0; input < 3; ++input)
    for (size_t column = 0; column < kHead; ++column) {
      const std::vector<float> heads = column_of_heads(3 * kHead, 3, column, input);
      for (size_t head = 0; head < 3; ++head) {
        double length = 0;
        for (size_t i = 0; i < kHead; ++i) {
          const double x = static_cast<double>(heads[head * kHead + i]);
          length += x * x;
          EXPECT_LT(std::abs(x), 0.9) << "input " << input << ", column " << column;
        }
        EXPECT_NEAR(length, 1, 1e-5);
      }
    }
}

TEST(Statistics, AreIndependentOfThreads) {
  const Graph graph = fold(vit::build_vit(make_checkpoint({})));
  Pictures pictures;
  for (uint32_t i = 0; i < 7; ++i) pictures.push_back(picture(graph, i));
  const auto one = collect_statistics(graph, pictures, 1, nullptr),
             four = collect_statistics(graph, pictures, 4, nullptr);
  ASSERT_EQ(one.size(), graph.nodes.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].mean, four[i].mean) << graph.nodes[i].name;
    EXPECT_EQ(one[i].lowest, four[i].lowest);
    EXPECT_EQ(one[i].highest, four[i].highest);
    for (size_t c = 0; c < one[i].mean.size(); ++c) {
      EXPECT_LE(one[i].lowest[c], one[i].mean[c] + 1e-4);
      EXPECT_GE(one[i].highest[c], one[i].mean[c] - 1e-4);
    }
  }
}

TEST(Statistics, CentringKeepsTheFunctionAndEmptiesTheMeans) {
  RandomVit vit;
  vit.dim = 128;
  vit.heads = 2;
  Graph graph = fold(vit::build_vit(make_checkpoint(vit), {2, 1e-6f}));
  const Graph before = graph;
  Pictures pictures;
  for (uint32_t i = 0; i < 4; ++i) pictures.push_back(picture(graph, i));
  auto statistics = collect_statistics(graph, pictures, 2, nullptr);
  centre_attention(graph, statistics);
  expect_same_logits(before, graph);
  const auto after = collect_statistics(graph, pictures, 2, nullptr);
  for (const Node& node : graph.nodes) {
    if (!node.is<Attention>()) continue;
    for (const size_t input : {node.inputs[1], node.inputs[2]})
      for (size_t c = 0; c < node.cols; ++c) {
        EXPECT_NEAR(after[input].mean[c], 0, 1e-4);
        EXPECT_NEAR(statistics[input].highest[c], after[input].highest[c], 1e-3);
      }
  }
}

}  // namespace
}  // namespace vitro
