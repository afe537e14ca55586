// SPDX-License-Identifier: Apache-2.0
// CLIP's image tower: settings that no tensor tells, tensors that are left out, and refusals.
// reference_test compares its float outputs with OpenCLIP, transformers and timm.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class Clip : public ModelFolderTest {
 protected:
  static json config() { return json::parse(std::ifstream(reference("hf_clip") + "/config.json")); }

  static ModelOptions set(const std::map<std::string, std::string>& values) {
    ModelOptions options;
    for (const auto& [name, value] : values) options.settings[name] = said(value, "--set " + name);
    return options;
  }
  static ModelOptions gelu() { return set({{"activation", "gelu"}, {"heads", "2"}}); }
};

TEST_F(Clip, ActivationIsNotAssumed) {
  for (const char* model : {"clip", "timm_clip"}) {
    reference_weights(model);
    expect_refused({"model.safetensors", "quick-GELU", "--set activation=gelu",
                    "--set activation=quick_gelu"});
    EXPECT_EQ(setting_of(read(set({{"activation", "quick_gelu"}, {"heads", "2"}})), "activation"),
              "quick_gelu | --set activation");
    expect_refused({"--set activation", "'relu'"}, set({{"activation", "relu"}}));
    const Model read_with_it = read(gelu());
    EXPECT_EQ(setting_of(read_with_it, "activation"), "gelu | --set activation");
    EXPECT_EQ(read_with_it.family_values.at("activation").value, "gelu");
  }
}

TEST_F(Clip, ConfigsSayTheActivation) {
  reference_weights("hf_clip");
  json flat = config();
  write("config.json", flat);
  EXPECT_EQ(setting_of(read(), "activation"), "gelu | config.json: hidden_act");
  EXPECT_EQ(setting_of(read(), "heads"), "2 | config.json: num_attention_heads");
  flat["hidden_act"] = "quick_gelu";
  write("config.json", flat);
  EXPECT_EQ(setting_of(read(), "activation"), "quick_gelu | config.json: hidden_act");
  flat["hidden_act"] = "relu";
  write("config.json", flat);
  expect_refused({"hidden_act is \"relu\""});
  expect_refused({"hidden_act is \"relu\""}, gelu());
  flat.erase("hidden_act");
  write("config.json", flat);
  EXPECT_EQ(setting_of(read(), "activation"),
            "quick_gelu | assumed: transformers' default of hidden_act");

  reference_weights("timm_clip");
  write("config.json", json{{"architecture", "vit_base_patch32_clip_224"},
                            {"num_classes", 12},
                            {"pretrained_cfg", {{"input_size", {3, 16, 16}}}}});
  EXPECT_EQ(setting_of(read(set({{"heads", "2"}})), "activation"),
            "gelu | config.json: architecture \"vit_base_patch32_clip_224\"");
  write("config.json", json{{"architecture", "vit_base_patch32_clip_quickgelu_224"},
                            {"num_classes", 12},
                            {"pretrained_cfg", {{"input_size", {3, 16, 16}}}}});
  EXPECT_EQ(setting_of(read(set({{"heads", "2"}})), "activation"),
            "quick_gelu | config.json: architecture \"vit_base_patch32_clip_quickgelu_224\"");
  // What timm assumes of a ViT says nothing of CLIP.
  write("config.json",
        json{{"num_classes", 12}, {"pretrained_cfg", {{"input_size", {3, 16, 16}}}}});
  expect_refused({"quick-GELU", "--set activation=gelu"}, set({{"heads", "2"}}));
}

TEST_F(Clip, ConfigsOfBothTowers) {
  reference_weights("hf_clip");
  const json vision = config();
  json whole{{"model_type", "clip"}, {"projection_dim", 12}, {"vision_config", vision}};
  // Older releases of transformers write its default labels into the vision configuration.
  whole["vision_config"]["id2label"] = {{"0", "LABEL_0"}, {"1", "LABEL_1"}};
  write("config.json", whole);
  EXPECT_EQ(setting_of(read(), "activation"), "gelu | config.json: vision_config.hidden_act");
  EXPECT_TRUE(read().labels.empty());
  whole["vision_config_dict"] = {{"hidden_size", 24}};
  write("config.json", whole);
  EXPECT_EQ(read().graph.outputs.size(), 1u);
  whole["vision_config_dict"] = {{"hidden_size", 32}};
  write("config.json", whole);
  expect_refused({"vision_config_dict.hidden_size is 32", "vision_config.hidden_size is 24"});
  whole.erase("vision_config_dict"), whole["projection_dim"] = 16;
  write("config.json", whole);
  expect_refused({"projection_dim is 16", "is 12"});
  whole.erase("vision_config");
  write("config.json", whole);
  expect_refused({"vision_config", "is missing"});
}

TEST_F(Clip, TheTextTowerIsLeftOutAndSaidSo) {
  reference_weights("clip");
  const Model model = read(gelu());
  const Checkpoint whole = read_checkpoint(path("model.safetensors"));
  size_t of_text = 0;
  for (const auto& named : whole.tensors)
    if (named.first.rfind("visual.", 0) != 0) {
      ++of_text;
      EXPECT_EQ(std::count(model.ignored.begin(), model.ignored.end(), named.first), 1)
          << named.first;
    }
  EXPECT_EQ(of_text, model.ignored.size());
  EXPECT_EQ(of_text, 18u);

  reference_weights("hf_clip", [](Checkpoint& c) {
    for (const char* name :
         {"text_model.encoder.layers.0.mlp.fc1.weight",
          "text_model.embeddings.token_embedding.weight", "text_projection.weight", "logit_scale"})
      c.tensors[name] = {{2}, {1, 2}};
  });
  write("config.json", config());
  EXPECT_EQ(read().ignored.size(), 4u);
  reference_weights("hf_clip", [](Checkpoint& c) {
    c.tensors["vision_model.extra.weight"] = {{1}, {1}};
  });
  expect_refused({"1 tensor unknown in CLIP's image tower", "vision_model.extra.weight"});
}

TEST_F(Clip, FeaturesAreNamedAsThoseOfOtherFamilies) {
  reference_weights("clip");
  const Model model = read(gelu());
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
  EXPECT_EQ(model.graph.outputs[0].kind, OutputKind::Features);
  EXPECT_EQ(model.graph.nodes[model.graph.outputs[0].node].cols, 12u);

  reference_weights("clip", [](Checkpoint& c) { c.tensors.erase("visual.proj"); });
  const Model bare = read(gelu());
  EXPECT_EQ(bare.graph.nodes[bare.graph.outputs[0].node].cols, 24u);
  // Only the tower, as transformers 5 saves CLIPVisionModel.
  reference_weights("hf_clip", [](Checkpoint& c) {
    std::map<std::string, CheckpointTensor> short_names;
    for (auto& [name, tensor] : c.tensors)
      if (name.rfind("vision_model.", 0) == 0) short_names[name.substr(13)] = tensor;
    c.tensors = short_names;
  });
  write("config.json", config());
  EXPECT_EQ(read().graph.outputs[0].name, "class");
}

TEST_F(Clip, AHeadOfTimmIsAProjectionOrAClassifier) {
  const auto with_bias = [this](float value) {
    reference_weights("timm_clip", [value](Checkpoint& c) {
      c.tensors["head.bias"] = {{12}, std::vector<float>(12, 0)};
      c.tensors["head.bias"].data[11] = value;
    });
  };
  ModelOptions options = gelu();
  with_bias(0);
  EXPECT_EQ(read(options).graph.outputs[0].name, "class");
  with_bias(0.5f);
  EXPECT_EQ(read(options).graph.outputs[0].name, "logits");
  EXPECT_EQ(setting_of(read(options), "output"), "logits | the head has a bias");
  options.settings["output"] = said<std::string>("features", "--set output");
  EXPECT_EQ(read(options).graph.outputs[0].name, "class");
  options.settings["output"].value = "both";
  expect_refused({"--set output", "'both'", "features or logits"}, options);
}

TEST_F(Clip, WhatIsNotComputedIsRefused) {
  const std::pair<std::function<void(Checkpoint&)>, std::vector<std::string>> kCases[] = {
      {[](Checkpoint& c) { c.tensors.erase("visual.ln_pre.bias"); }, {"norm_pre.bias is missing"}},
      {[](Checkpoint& c) { c.tensors.erase("visual.ln_pre.weight"); },
       {"is no model that vitro computes"}},
      {[](Checkpoint& c) {
         c.tensors.erase("visual.positional_embedding");
         c.tensors["visual.positional_embedding"] = {{16, 24}, std::vector<float>(16 * 24)};
       },
       {"its 16 positions", "square picture"}},
      {[](Checkpoint& c) {
         c.tensors["visual.attn_pool.query"] = {{1}, {1}};
       },
       {"1 tensor unknown", "visual.attn_pool.query"}},
  };
  for (const auto& [damage, words] : kCases) {
    reference_weights("clip", damage);
    expect_refused(words, gelu());
  }
  reference_weights("clip");
  ModelOptions options = gelu();
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  options.adapters = {};
  options.adapters.prompts = "file";
  expect_refused({"--prompt-tokens"}, options);

  reference_weights("hf_clip", [](Checkpoint& c) {
    c.tensors.erase("visual_projection.weight");
    c.tensors["classifier.weight"] = {{3, 24}, std::vector<float>(3 * 24)};
    c.tensors["classifier.bias"] = {{3}, std::vector<float>(3)};
  });
  write("config.json", config());
  expect_refused({"classifier", "mean of the patches"});
}

TEST_F(Clip, PhotosArePreparedAsForClip) {
  reference_weights("clip");
  const Model model = read(gelu());
  EXPECT_EQ(model.graph.preprocessing.mean[0], 0.48145466f);
  EXPECT_EQ(model.graph.preprocessing.resize_width, 16u);
  EXPECT_NE(setting_of(model, "mean").find("usual for CLIP"), std::string::npos);
}

TEST_F(Clip, InInt8) {
  reference_weights("clip");
  const Model model = read(gelu());
  const ConvertResult result =
      convert(model.checkpoint, model.graph, generated_pictures(model.graph.preprocessing), {}, {});
  EXPECT_GT(result.logit_sqnr_db, 25);
}

}  // namespace
}  // namespace vitro
