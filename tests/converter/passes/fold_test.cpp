// SPDX-License-Identifier: Apache-2.0
// fold() must not change what a graph computes, and must not leave anything to fold.
#include "converter/passes/fold.h"

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
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
    const Graph graph = vit::build_vit(make_checkpoint(vit), {2, 1e-6f});
    const Graph folded = fold(graph);
    EXPECT_TRUE(folded.folded);
    for (const Node& node : folded.nodes)
      if (node.is<LayerNorm>())
        EXPECT_TRUE(node.as<LayerNorm>().gamma.empty() && node.as<LayerNorm>().beta.empty())
            << node.name;
    const std::vector<uint8_t> pixels = picture(graph);
    const std::vector<float> before = FloatExecutor(graph).run(pixels.data()).front();
    const std::vector<float> after = FloatExecutor(folded).run(pixels.data()).front();
    ASSERT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 2e-5f);
  }
}

TEST(FoldTest, FoldedTwiceIsFoldedOnce) {
  const Graph once = fold(vit::build_vit(make_checkpoint({}), {2, 1e-6f}));
  const Graph twice = fold(once);
  for (size_t i = 0; i < once.nodes.size(); ++i) {
    if (!once.nodes[i].is<Linear>()) continue;
    const auto &a = once.nodes[i].as<Linear>(), &b = twice.nodes[i].as<Linear>();
    EXPECT_EQ(a.weight.data, b.weight.data);
    EXPECT_EQ(a.bias, b.bias);
  }
}

/// A graph of one patch that is one normalised pixel.
Graph one_pixel() {
  Graph graph;
  graph.preprocessing.image_width = graph.preprocessing.image_height = 1;
  add_node(graph, "pixels", {}, PatchRows{1, 1});
  return graph;
}

TEST(FoldTest, PixelsByHand) {
  Graph graph = one_pixel();
  Linear linear{Matrix(1, 3), {0.5f}};
  linear.weight.data = {1, -2, 3};
  add_node(graph, "linear", {0}, linear);
  graph.outputs = {{1, "logits", OutputKind::Logits}};
  graph = fold(graph);
  const auto& folded = graph.nodes[1].as<Linear>();
  const Preprocessing& p = graph.preprocessing;
  double bias = 0.5;
  const double weight[3] = {1, -2, 3};
  for (int c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(folded.weight.data[c],
                    static_cast<float>(weight[c] / (255 * static_cast<double>(p.std[c]))));
    bias -= weight[c] * p.mean[c] / p.std[c];
  }
  EXPECT_FLOAT_EQ(folded.bias[0], static_cast<float>(bias));
}

TEST(FoldTest, RefusesWhatNoLinearReads) {
  Graph graph = one_pixel();
  EXPECT_THROW(fold(graph), std::logic_error);
  add_node(graph, "gelu", {0}, Gelu{});
  EXPECT_THROW(fold(graph), std::logic_error);
}

}  // namespace
}  // namespace vitro
