// SPDX-License-Identifier: Apache-2.0
// CaiT: what its tensors tell, talking heads and class attention by their formulas, names of
// releases, and refusals. reference_test compares its float outputs with timm.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class Cait : public ModelFolderTest {
 protected:
  static void fill(Checkpoint& c, const std::string& name, const std::vector<size_t>& shape,
                   float value) {
    size_t count = 1;
    for (const size_t n : shape) count *= n;
    c.tensors[name] = {shape, std::vector<float>(count, value)};
  }
  static const Node& node(const Model& model, const std::string& name) {
    for (const Node& n : model.graph.nodes)
      if (n.name == name) return n;
    throw std::runtime_error("no node " + name);
  }
};

TEST_F(Cait, TensorsTellAllOfIt) {
  reference_weights("cait");
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"), "3 | the rows of proj_l");
  EXPECT_EQ(setting_of(model, "class_blocks"), "2 | the number of blocks_token_only");
  EXPECT_EQ(setting_of(model, "blocks"), "2 | shapes: the number of blocks over patches");
  EXPECT_EQ(setting_of(model, "image_size"), "16 | shapes: the picture's side by the positions");
  EXPECT_EQ(setting_of(model, "epsilon"), "1e-06 | assumed: usual for CaiT");
  EXPECT_EQ(model.graph.outputs[0].name, "logits");
}

// Head 1 of three: what its query has of each head's, and who gets what it finds.
TEST_F(Cait, HeadsAreMixedByTheirMatrices) {
  reference_weights("cait", [](Checkpoint& c) {
    for (size_t i = 0; i < 9; ++i) {
      c.tensors["blocks.0.attn.proj_l.weight"].data[i] = static_cast<float>(i);
      c.tensors["blocks.0.attn.proj_w.weight"].data[i] = static_cast<float>(10 + i);
    }
    c.tensors["blocks.0.attn.proj_w.bias"].data = {0, 0.5f, -0.25f};
  });
  const Model model = read();
  const auto scale = [&](const std::string& name, size_t column) {
    return node(model, name).as<ColumnAffine>().scale[column];
  };
  EXPECT_EQ(scale("blocks.0.attn.query.1", 7), 3);
  EXPECT_EQ(scale("blocks.0.attn.query.1", 8), 4);
  EXPECT_EQ(scale("blocks.0.attn.query.1", 23), 5);
  EXPECT_EQ(scale("blocks.0.attn.mixed.1", 0), 11);
  EXPECT_EQ(scale("blocks.0.attn.mixed.1", 8), 14);
  EXPECT_EQ(scale("blocks.0.attn.mixed.1", 23), 17);
  // Of 16 patches.
  EXPECT_EQ(scale("blocks.0.attn.mean.sum", 7), 0);
  EXPECT_EQ(scale("blocks.0.attn.mean.sum", 8), 8);
  EXPECT_EQ(scale("blocks.0.attn.mean.sum", 16), -4);
  EXPECT_FLOAT_EQ(node(model, "blocks.0.attn.attention.1").as<Attention>().scale,
                  1 / std::sqrt(8.0f));
}

TEST_F(Cait, ClassAttentionComputesTheClassRowAlone) {
  reference_weights("cait");
  const Model model = read();
  EXPECT_EQ(node(model, "class_blocks.1.tokens").rows, 17u);
  const Node& token = node(model, "class_blocks.0.token");
  EXPECT_EQ(token.rows, 1u);
  const ConvertResult result =
      convert(model.checkpoint, model.graph, generated_pictures(model.graph.preprocessing), {}, {});
  vitro_program program;
  ASSERT_EQ(vitro_open(result.file.data(), result.file.size(), &program), VITRO_OK);
  const schema::Program& p = *schema::GetProgram(result.file.data());
  size_t checked = 0;
  for (const schema::Step* step : *p.steps())
    for (const schema::Op* op : *step->ops()) {
      const std::string name = op->name()->c_str();
      if (name.rfind("class_blocks.", 0) != 0) continue;
      const auto* linear = op->args_as_Linear();
      if (!linear) continue;
      const bool of_all =
          name.find("attn.k") != std::string::npos || name.find("attn.v") != std::string::npos;
      EXPECT_EQ(p.tensors()->Get(linear->dst())->rows(), of_all ? 17u : 1u) << name;
      ++checked;
    }
  EXPECT_EQ(checked, 12u);
}

// Without a bias behind softmax nothing is added to all rows.
TEST_F(Cait, WhatIsZeroIsNotComputed) {
  reference_weights("cait", [](Checkpoint& c) {
    for (const char* block : {"blocks.0", "blocks.1"})
      fill(c, std::string(block) + ".attn.proj_w.bias", {3}, 0);
  });
  for (const Node& n : read().graph.nodes)
    EXPECT_EQ(n.name.find("attn.mean"), std::string::npos) << n.name;
}

TEST_F(Cait, AsItsAuthorsSaveIt) {
  reference_weights("cait", [](Checkpoint& c) {
    std::map<std::string, CheckpointTensor> tensors;
    for (auto& [name, tensor] : c.tensors) tensors["module." + name] = std::move(tensor);
    c.tensors = std::move(tensors);
  });
  EXPECT_EQ(setting_of(read(), "names"), "timm, prefix module. | names of the tensors");
  reference_weights(
      "cait", [](Checkpoint& c) { c.tensors.erase("head.weight"), c.tensors.erase("head.bias"); });
  const Model model = read();
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
  EXPECT_EQ(model.graph.outputs[0].kind, OutputKind::Features);
}

TEST_F(Cait, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("cait");
  json sound = {{"architecture", "cait_xxs24_224"}, {"num_classes", 7}, {"global_pool", "token"}};
  sound["pretrained_cfg"] = {{"input_size", {3, 16, 16}}, {"num_classes", 7}};
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "epsilon"), "1e-06 | config.json: architecture \"cait_xxs24_224\"");
  json changed = sound;
  changed["model_args"] = {{"depth_token_only", 2}, {"init_values", 0.1}};
  write("config.json", changed);
  EXPECT_EQ(setting_of(read(), "image_size").substr(0, 2), "16");
  changed = sound;
  changed["global_pool"] = "avg";
  write("config.json", changed);
  expect_refused({"global_pool", "avg", "class token"});
  changed = sound;
  changed["pretrained_cfg"]["input_size"] = {3, 32, 32};
  write("config.json", changed);
  expect_refused({"32", "16"});
}

TEST_F(Cait, WhatIsNotComputedIsRefused) {
  reference_weights("cait");
  ModelOptions options;
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  options.adapters = {};
  options.adapters.prompts = "file";
  expect_refused({"--prompt-tokens"}, options);
  reference_weights("cait", [](Checkpoint& c) {
    c.tensors["blocks.0.attn.q_norm.weight"] = {{8}, std::vector<float>(8)};
  });
  expect_refused({"blocks.0.attn.q_norm.weight"});
  reference_weights("cait", [](Checkpoint& c) { c.tensors.erase("blocks.1.attn.proj_w.weight"); });
  expect_refused({"blocks.1.attn.proj_w.weight is missing"});
  reference_weights("cait", [](Checkpoint& c) { fill(c, "pos_embed", {1, 15, 24}, 0); });
  expect_refused({"15 positions", "square picture", "config.json"});
  // CaiT-M: all that is read before the width is refused.
  reference_weights("cait", [](Checkpoint& c) {
    fill(c, "patch_embed.proj.weight", {768, 3, 4, 4}, 0);
    fill(c, "blocks.0.attn.proj_l.weight", {16, 16}, 0);
  });
  expect_refused({"768", "512", "CaiT-XXS, XS or S"});
  reference_weights("cait", [](Checkpoint& c) {
    for (auto it = c.tensors.begin(); it != c.tensors.end();)
      it = it->first.rfind("blocks_token_only.", 0) == 0 ? c.tensors.erase(it) : std::next(it);
  });
  expect_refused({"blocks_token_only"});
  reference_weights("cait", [](Checkpoint& c) {
    ASSERT_EQ(c.tensors.erase("blocks_token_only.1.attn.q.bias"), 1u);
  });
  expect_refused({"class_blocks.1.attn.q.bias", "is missing"});
}

}  // namespace
}  // namespace vitro
