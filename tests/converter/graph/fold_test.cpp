// SPDX-License-Identifier: Apache-2.0
// fold() must not change what a graph computes, and must leave nothing to fold.
#include "converter/graph/fold.h"

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include "converter/float/executor.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

std::vector<uint8_t> picture(const Graph& graph) {
  std::vector<uint8_t> pixels(picture_bytes(graph.preprocessing));
  uint32_t state = 7;
  for (uint8_t& pixel : pixels)
    pixel = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return pixels;
}

TEST(FoldTest, KeepsTheLogits) {
  for (int variant = 0; variant < 5; ++variant) {
    SCOPED_TRACE(variant);
    RandomVit vit;
    vit.distillation = variant == 1;
    vit.mean_pooling = variant == 2;
    vit.class_token = variant != 3;
    vit.layer_scale = variant == 4;
    vit.qkv_bias = variant != 4;
    const Graph graph = build_vit(make_checkpoint(vit), {2, 1e-6f});
    const Graph folded = fold(graph);
    EXPECT_TRUE(folded.folded);
    for (const Node& node : folded.nodes)
      EXPECT_TRUE(node.gamma.empty() && node.beta.empty()) << node.name;
    const std::vector<uint8_t> pixels = picture(graph);
    const std::vector<float> before = FloatExecutor(graph).run(pixels.data());
    const std::vector<float> after = FloatExecutor(folded).run(pixels.data());
    ASSERT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 2e-5f);
  }
}

TEST(FoldTest, FoldedTwiceIsFoldedOnce) {
  const Graph once = fold(build_vit(make_checkpoint({}), {2, 1e-6f}));
  const Graph twice = fold(once);
  for (size_t i = 0; i < once.nodes.size(); ++i) {
    EXPECT_EQ(once.nodes[i].weight.data, twice.nodes[i].weight.data);
    EXPECT_EQ(once.nodes[i].bias, twice.nodes[i].bias);
  }
}

Node node_of(NodeKind kind, const char* name, std::vector<int> inputs, size_t rows, size_t cols) {
  Node node;
  node.kind = kind;
  node.name = name;
  node.inputs = std::move(inputs);
  node.rows = rows;
  node.cols = cols;
  return node;
}

/// One patch of one pixel, normalised, and a linear of one row.
Graph one_pixel() {
  Graph graph;
  graph.preprocessing.image_width = graph.preprocessing.image_height = 1;
  graph.patch = 1;
  graph.nodes.push_back(node_of(NodeKind::PatchRows, "pixels", {}, 1, 3));
  graph.nodes.push_back(node_of(NodeKind::Linear, "linear", {0}, 1, 1));
  graph.nodes[1].weight = Matrix(1, 3);
  graph.nodes[1].weight.data = {1, -2, 3};
  graph.nodes[1].bias = {0.5f};
  return graph;
}

TEST(FoldTest, PixelsByHand) {
  const Graph graph = fold(one_pixel());
  const Preprocessing& p = graph.preprocessing;
  double bias = 0.5;
  const double weight[3] = {1, -2, 3};
  for (int c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(graph.nodes[1].weight.data[c],
                    static_cast<float>(weight[c] / (255 * static_cast<double>(p.std[c]))));
    bias -= weight[c] * p.mean[c] / p.std[c];
  }
  EXPECT_FLOAT_EQ(graph.nodes[1].bias[0], static_cast<float>(bias));
}

TEST(FoldTest, RefusesWhatNoLinearReads) {
  Graph graph = one_pixel();
  graph.nodes[1] = node_of(NodeKind::Gelu, "gelu", {0}, 1, 3);
  EXPECT_THROW(fold(graph), std::logic_error);
  graph.nodes.pop_back();
  EXPECT_THROW(fold(graph), std::logic_error);
}

}  // namespace
}  // namespace vitro
