// SPDX-License-Identifier: Apache-2.0
// EVA-02: its rotary positions, names of releases, configs, and refusals. reference_test compares
// its float outputs with timm.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro::eva02_test {

using namespace converter;
using nlohmann::json;

namespace {

class Eva02 : public ModelFolderTest {
 protected:
  static ModelOptions two_heads() {
    ModelOptions options;
    options.settings["heads"] = said(std::string("2"), "--heads");
    return options;
  }
  static json config() {
    return {{"architecture", "eva02_base_patch14_224"},
            {"num_classes", 7},
            {"global_pool", "avg"},
            {"pretrained_cfg", {{"input_size", {3, 16, 16}}}},
            {"model_args", {{"img_size", 16}, {"patch_size", 4}, {"num_heads", 2}}}};
  }
};

// Patch (y, x) of 4 x 4 is at (4 y, 4 x) of the grid of 16.
TEST_F(Eva02, AnglesOfPatches) {
  reference_weights("eva02");
  const Model model = read(two_heads());
  for (const Node& node : model.graph.nodes) {
    if (!node.is<RotatePairs>()) continue;
    const auto& r = node.as<RotatePairs>();
    ASSERT_EQ(r.cosine.rows, 17u);
    ASSERT_EQ(r.cosine.cols, 8u);
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(r.cosine.row(0)[i], 1) << i;
      const double frequency = std::pow(10000.0, -static_cast<double>(i % 4) / 4);
      const double angle = (i < 4 ? 4.0 * 1 : 4.0 * 3) * frequency;  // patch (1, 3)
      EXPECT_NEAR(double{r.cosine.row(1 + 4 + 3)[i]}, std::cos(angle), 1e-6) << i;
      EXPECT_NEAR(double{r.sine.row(1 + 4 + 3)[i]}, std::sin(angle), 1e-6) << i;
    }
  }
}

// Rows of the weights, so that i and i + half are the pair that was 2i and 2i + 1.
TEST_F(Eva02, PairsBecomeHalves) {
  Checkpoint file;
  reference_weights("eva02", [&](Checkpoint& c) { file = c; });
  const Model model = read(two_heads());
  const std::vector<float>& q = file.tensors.at("blocks.0.attn.q_proj.weight").data;
  for (const Node& node : model.graph.nodes) {
    if (node.name != "blocks.0.attn.q") continue;
    const Matrix& weight = node.as<Linear>().weight;
    for (size_t head = 0; head < 2; ++head)
      for (size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(weight.row(head * 16 + i)[5], q[(head * 16 + 2 * i) * 32 + 5]);
        EXPECT_EQ(weight.row(head * 16 + 8 + i)[5], q[(head * 16 + 2 * i + 1) * 32 + 5]);
      }
  }
}

TEST_F(Eva02, WhatReleasesHoldBeside) {
  reference_weights("eva02_original", [](Checkpoint& c) {
    c.tensors["mask_token"] = {{1, 1, 32}, std::vector<float>(32)};
    c.tensors["lm_head.weight"] = {{9, 32}, std::vector<float>(9 * 32)};
    c.tensors["lm_head.bias"] = {{9}, std::vector<float>(9)};
  });
  const Model model = read(two_heads());
  EXPECT_EQ(model.ignored.size(), 3u);
  EXPECT_EQ(setting_of(model, "names"), "timm | names of the tensors");
}

TEST_F(Eva02, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("eva02");
  const json sound = config();
  write("config.json", sound);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"), "2 | config.json: model_args.num_heads");
  EXPECT_EQ(setting_of(model, "pooling"), "mean of the patches | the model has fc_norm");
  const auto refused = [&](const char* key, const json& value,
                           const std::vector<std::string>& words) {
    json changed = sound;
    changed[key] = value;
    write("config.json", changed);
    expect_refused(words);
  };
  refused("global_pool", "token", {"global_pool", "is token", "mean of the patches"});
  refused("num_classes", 8, {"num_classes"});
  refused("architecture", "eva02_enormous_patch14_clip_224", {"norms after attention"});
  refused("architecture", "vit_base_patch16_224", {"of the family vit", "those of eva02"});
  json arguments = sound.value("model_args", json::object());
  arguments["act_layer"] = "gelu";
  refused("model_args", arguments, {"is gelu, and EVA-02 has swiglu"});
}

TEST_F(Eva02, WhatIsNotComputedIsRefused) {
  reference_weights("eva02");
  expect_refused({"heads cannot be told from its width of 32"});
  ModelOptions options = two_heads();
  options.settings["heads"] = said(std::string("16"), "--heads");
  expect_refused({"heads of 2 channels do not divide into pairs of two axes"}, options);
  options = two_heads();
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options = two_heads();
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  reference_weights("eva02_packed", [](Checkpoint& c) {
    for (const char* block : {"blocks.0.", "blocks.1."}) {
      const std::string mlp = std::string(block) + "mlp.";
      const size_t hidden = c.tensors.at(mlp + "fc2.weight").shape[1];
      c.tensors[mlp + "fc1.weight"] = {{hidden, 32}, std::vector<float>(hidden * 32)};
      c.tensors[mlp + "fc1.bias"] = {{hidden}, std::vector<float>(hidden)};
    }
  });
  expect_refused({"MLP has no gate", "EVA's first version"}, two_heads());
  reference_weights("eva02", [](Checkpoint& c) {
    c.tensors["pos_embed"] = {{1, 16, 32}, std::vector<float>(16 * 32)};
  });
  expect_refused({"16 positions", "square picture"}, two_heads());
}

// Whose head is a projection.
TEST_F(Eva02, ClipsTowerGivesFeatures) {
  reference_weights("eva02_tower");
  EXPECT_EQ(read(two_heads()).graph.outputs[0].name, "class");
  reference_weights("eva02_tower", [](Checkpoint& c) {
    c.tensors["head.bias"] = {{7}, std::vector<float>(7)};
  });
  EXPECT_EQ(read(two_heads()).graph.outputs[0].name, "class");
  reference_weights("eva02_tower", [](Checkpoint& c) {
    c.tensors["head.bias"] = {{7}, std::vector<float>(7, 0.5f)};
  });
  EXPECT_EQ(read(two_heads()).graph.outputs[0].name, "logits");
}

TEST_F(Eva02, InInt8) {
  for (const char* name : {"eva02", "eva02_packed", "eva02_pretrained", "eva02_tower"}) {
    reference_weights(name);
    const Model model = read(two_heads());
    const ConvertResult result = convert(model.checkpoint, model.graph,
                                         generated_pictures(model.graph.preprocessing), {}, {});
    EXPECT_GT(result.logit_sqnr_db, 25) << name;
  }
}

}  // namespace
}  // namespace vitro::eva02_test
