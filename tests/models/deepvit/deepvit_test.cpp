// SPDX-License-Identifier: Apache-2.0
// DeepViT: what its tensors tell, re-attention by its formula, and refusals. reference_test
// compares its float outputs with PyTorch.
#include <cmath>

#include <gtest/gtest.h>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;

namespace {

class DeepVit : public ModelFolderTest {
 protected:
  static float factor(const Model& model, const std::string& name, size_t column) {
    for (const Node& n : model.graph.nodes)
      if (n.name == name) return n.as<ColumnAffine>().scale[column];
    throw std::runtime_error("no node " + name);
  }
};

TEST_F(DeepVit, TensorsTellAllOfIt) {
  reference_weights("deepvit");
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"), "3 | the rows of reatten_matrix");
  EXPECT_EQ(setting_of(model, "blocks"), "3 | shapes: the number of blocks");
  EXPECT_EQ(setting_of(model, "re_attention_blocks"), "2 | the number of reatten_matrix");
  EXPECT_EQ(setting_of(model, "activation"), "gelu | assumed: usual for DeepViT");
  EXPECT_EQ(setting_of(model, "image_size"), "16 | shapes: the picture's side by the positions");
  EXPECT_EQ(model.graph.preprocessing.mean[1], 0.5f);
}

// W = gamma / sqrt(variance + 1e-5) matrix, and gamma / sqrt(variance + 1e-5) (bias - mean) + beta
// times the number of tokens.
TEST_F(DeepVit, TheNormIsAFactorAndAShiftOfEachHead) {
  reference_weights("deepvit", [](Checkpoint& c) {
    const std::string attn = "blocks.1.attn.";
    for (size_t i = 0; i < 9; ++i)
      c.tensors[attn + "reatten_matrix.weight"].data[i] = static_cast<float>(i);
    c.tensors[attn + "reatten_matrix.bias"].data = {0, 0.5f, 0};
    c.tensors[attn + "var_norm.weight"].data = {1, 2, -1};
    c.tensors[attn + "var_norm.bias"].data = {0, 0.125f, 0};
    c.tensors[attn + "var_norm.running_mean"].data = {0, 0.25f, 0};
    c.tensors[attn + "var_norm.running_var"].data = {1, 4, 1};
  });
  const Model model = read();
  const float deviation = std::sqrt(4.00001f), one = std::sqrt(1.00001f);
  EXPECT_FLOAT_EQ(factor(model, "blocks.1.attn.mixed.2", 7), 2 / one);
  EXPECT_FLOAT_EQ(factor(model, "blocks.1.attn.mixed.2", 8), 5 * 2 / deviation);
  EXPECT_FLOAT_EQ(factor(model, "blocks.1.attn.mixed.2", 23), -8 / one);
  EXPECT_FLOAT_EQ(factor(model, "blocks.1.attn.mean.sum", 9),
                  17 * (2 / deviation * 0.25f + 0.125f));
  EXPECT_EQ(factor(model, "blocks.1.attn.mean.sum", 0), 0);
}

TEST_F(DeepVit, WithoutAHead) {
  reference_weights("deepvit", [](Checkpoint& c) {
    c.tensors.erase("head.weight"), c.tensors.erase("head.bias");
  });
  const Model model = read();
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
}

TEST_F(DeepVit, WhatIsNotComputedIsRefused) {
  reference_weights("deepvit");
  ModelOptions options;
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  // DeepViT-S and L.
  reference_weights("deepvit", [](Checkpoint& c) {
    c.tensors["patch_embed.conv1.weight"] = {{64, 3, 7, 7}, std::vector<float>(64 * 147)};
    c.tensors["patch_embed.bn1.running_var"] = {{64}, std::vector<float>(64)};
  });
  expect_refused({"three convolutions", "DeepViT-S and L", "re_attn_16b"});
  reference_weights("deepvit",
                    [](Checkpoint& c) { c.tensors.erase("blocks.2.attn.var_norm.running_var"); });
  expect_refused({"blocks.2.attn.var_norm.running_var is missing"});
  reference_weights("deepvit", [](Checkpoint& c) {
    c.tensors["pos_embed"] = {{1, 16, 24}, std::vector<float>(384)};
  });
  expect_refused({"16 positions", "class token and a square picture"});
}

}  // namespace
}  // namespace vitro
