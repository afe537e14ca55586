// SPDX-License-Identifier: Apache-2.0
// BEiT: what its tables tell, names of releases, and refusals. reference_test compares its float
// outputs with timm and transformers.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class Beit : public ModelFolderTest {
 protected:
  /// Writes a reference model's weights, after a change, as model.safetensors.
  static json config() {
    return json::parse(std::ifstream(std::string(VITRO_REFERENCE_MODELS) + "/hf_beit/config.json"));
  }
};

TEST_F(Beit, TheTableTellsHeadsAndPicture) {
  reference_weights("beit");
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"), "2 | the columns of relative_position_bias_table");
  EXPECT_EQ(setting_of(model, "pooling"), "mean of the patches | the model has fc_norm");
  EXPECT_EQ(model.graph.preprocessing.mean[1], 0.5f);
  reference_weights("beit", [](Checkpoint& c) {
    for (const char* block : {"0", "1"})
      c.tensors[std::string("blocks.") + block + ".attn.relative_position_bias_table"] = {
          {53, 2}, std::vector<float>(106)};
  });
  expect_refused({"53 relative positions", "square picture", "config.json"});
}

// Class token, then patches in rows: query 1 is above key 3 in a map of 2 x 2.
TEST_F(Beit, DistancesOfQueriesAndKeys) {
  const auto table = [](Checkpoint& c) {
    for (const char* name : {"blocks.0.attn.relative_position_bias_table",
                             "blocks.1.attn.relative_position_bias_table"}) {
      CheckpointTensor& t = c.tensors[name];
      t.shape = {12, 2};
      t.data.resize(24);
      for (size_t i = 0; i < 24; ++i) {
        const size_t row = i / 2;
        t.data[i] = static_cast<float>(row) + (i % 2 ? 100.f : 0.f);
      }
    }
  };
  reference_weights("beit", table);
  const Model model = read();
  for (const Node& node : model.graph.nodes) {
    if (!node.is<Attention>()) continue;
    const Matrix& bias = node.as<Attention>().bias;
    ASSERT_EQ(bias.rows, 10u);
    ASSERT_EQ(bias.cols, 5u);
    EXPECT_EQ(bias.row(0)[0], 11);       // the class token to itself
    EXPECT_EQ(bias.row(0)[4], 9);        // its query, a patch's key
    EXPECT_EQ(bias.row(4)[0], 10);       // a patch's query, its key
    EXPECT_EQ(bias.row(1)[1], 4);        // no distance: the middle of 3 x 3
    EXPECT_EQ(bias.row(1)[3], 1);        // the key is a row below: y is one less
    EXPECT_EQ(bias.row(3)[1], 7);        // and above
    EXPECT_EQ(bias.row(1)[2], 3);        // to the right
    EXPECT_EQ(bias.row(5 + 2)[3], 102);  // second head: below and to the left
  }
}

TEST_F(Beit, WhatReleasesHoldBeside) {
  reference_weights("beit_shared", [](Checkpoint& c) {
    c.tensors["rel_pos_bias.relative_position_index"] = {{17, 17}, std::vector<float>(289)};
    c.tensors["mask_token"] = {{1, 1, 24}, std::vector<float>(24)};
    c.tensors["lm_head.weight"] = {{9, 24}, std::vector<float>(216)};
    c.tensors["lm_head.bias"] = {{9}, std::vector<float>(9)};
    c.tensors.erase("head.weight"), c.tensors.erase("head.bias");
  });
  const Model model = read();
  EXPECT_EQ(model.ignored.size(), 4u);
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
}

TEST_F(Beit, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("hf_beit");
  json sound = config();
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "epsilon"), "1e-12 | config.json: layer_norm_eps");
  const auto refused = [&](const char* key, const json& value,
                           const std::vector<std::string>& words) {
    json changed = sound;
    changed[key] = value;
    write("config.json", changed);
    expect_refused(words);
  };
  refused("num_attention_heads", 3, {"num_attention_heads is 3"});
  refused("image_size", 32, {"image_size"});
  refused("hidden_act", "relu", {"hidden_act is \"relu\""});
  refused("image_size", {4, 100}, {"4 high, 100 wide", "transformers takes in another order"});
}

TEST_F(Beit, WhatIsNotComputedIsRefused) {
  reference_weights("beit");
  ModelOptions options;
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  options.adapters = {};
  options.adapters.prompts = "file";
  expect_refused({"--prompt-tokens"}, options);
  reference_weights("beit", [](Checkpoint& c) {
    c.tensors["blocks.0.mlp.norm.weight"] = {{1}, {1}};
  });
  expect_refused({"blocks.0.mlp.norm.weight"});
  reference_weights("beit", [](Checkpoint& c) { c.tensors.erase("fc_norm.bias"); });
  EXPECT_EQ(read().graph.outputs.size(), 1u);
}

TEST_F(Beit, InInt8) {
  for (const char* name : {"beit", "beit_shared"}) {
    reference_weights(name);
    const Model model = read();
    const ConvertResult result = convert(model.checkpoint, model.graph,
                                         generated_pictures(model.graph.preprocessing), {}, {});
    EXPECT_GT(result.logit_sqnr_db, 25) << name;
  }
}

}  // namespace
}  // namespace vitro
