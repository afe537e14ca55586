// SPDX-License-Identifier: Apache-2.0
// The exact changes of the float graph before quantisation: another basis, the same function.
#include <gtest/gtest.h>

#include <cmath>

#include "converter/float/executor.h"
#include "converter/passes/fold.h"
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
    const Graph folded = fold(build_vit(make_checkpoint(vit), {vit.heads, 1e-6f}));
    Graph rotated = folded;
    rotate(rotated);
    expect_same_logits(folded, rotated);
  }
}

TEST(Rotate, SpreadsAnOutlierChannel) {
  RandomVit vit;
  vit.dim = 128;
  vit.heads = 2;
  Graph graph = fold(build_vit(make_checkpoint(vit), {2, 1e-6f}));
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

TEST(Statistics, AreIndependentOfThreads) {
  const Graph graph = fold(build_vit(make_checkpoint({})));
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
  Graph graph = fold(build_vit(make_checkpoint(vit), {2, 1e-6f}));
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
