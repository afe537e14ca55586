// SPDX-License-Identifier: Apache-2.0
// DINOv3: pictures of any size, names of releases, configs, and refusals. reference_test compares
// its float outputs with timm and transformers.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "tests/support/model_folder.h"

namespace vitro::dinov3_test {

using namespace converter;
using nlohmann::json;

namespace {

class DinoV3 : public ModelFolderTest {
 protected:
  static json config(const std::string& model) {
    return json::parse(std::ifstream(reference(model) + "/config.json"));
  }
  void refuse_config(const json& sound, const char* key, const json& value,
                     const std::vector<std::string>& words) const {
    json changed = sound;
    changed[key] = value;
    write("config.json", changed);
    expect_refused(words);
  }
  static ModelOptions sized(size_t width, size_t height) {
    ModelOptions options;
    options.adapters.image_size = {width, height};
    return options;
  }
  static ModelOptions heads(const char* count) {
    ModelOptions options;
    options.settings["heads"] = said(std::string(count), "--heads");
    return options;
  }
};

const RotatePairs& first_rotation(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (node.is<RotatePairs>()) return node.as<RotatePairs>();
  throw std::logic_error("nothing is rotated");
}

TEST_F(DinoV3, APictureOfAnySize) {
  reference_weights("dinov3");
  Model model = read(heads("2"));
  EXPECT_EQ(setting_of(model, "image_size"), "224 | assumed: usual for DINOv3, which takes any");
  ModelOptions options = sized(24, 16);
  options.settings = heads("2").settings;
  model = read(options);
  EXPECT_EQ(setting_of(model, "image_size"), "16 high, 24 wide | --image-size");
  options.adapters.image_size = {26, 16};
  expect_refused({"16 high, 26 wide", "--image-size", "whole patches of 4"}, options);
}

// A class token and two registers, then patches from the top left, 4 rows of 6.
TEST_F(DinoV3, AnglesOfPatches) {
  reference_weights("dinov3");
  ModelOptions options = sized(24, 16);
  options.settings = heads("2").settings;
  const Model model = read(options);
  const RotatePairs& r = first_rotation(model.graph);
  ASSERT_EQ(r.cosine.rows, 27u);
  ASSERT_EQ(r.cosine.cols, 8u);
  for (size_t t = 0; t < 3; ++t)
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(r.cosine.row(t)[i], 1) << t << " " << i;
      EXPECT_EQ(r.sine.row(t)[i], 0) << t << " " << i;
    }
  const double y = 2 * 1.5 / 4 - 1, x = 2 * 2.5 / 6 - 1, turn = 2 * std::acos(-1.0);  // of (1, 2)
  for (size_t i = 0; i < 8; ++i) {
    const double period = std::pow(100.0, static_cast<double>(i % 4) / 4);
    const double angle = turn * (i < 4 ? y : x) / period;
    EXPECT_NEAR(double{r.cosine.row(3 + 6 + 2)[i]}, std::cos(angle), 1e-6) << i;
    EXPECT_NEAR(double{r.sine.row(3 + 6 + 2)[i]}, std::sin(angle), 1e-6) << i;
  }
}

TEST_F(DinoV3, HeadsOf64Channels) {
  const auto wide = [](size_t width) {
    return [width](Checkpoint& c) {
      for (auto& [name, t] : c.tensors)
        for (size_t& n : t.shape)
          if (n % 32 == 0) n = n / 32 * width;
      for (auto& [name, t] : c.tensors) {
        size_t count = 1;
        for (const size_t n : t.shape) count *= n;
        t.data.assign(count, 0);
      }
    };
  };
  reference_weights("dinov3", wide(64));
  EXPECT_EQ(setting_of(read(), "heads"), "1 | assumed: DINOv3's heads of 64 channels");
  reference_weights("dinov3");
  expect_refused({"heads cannot be told from its width of 32"});
  expect_refused({"heads of 2 channels do not divide into pairs of two axes"}, heads("16"));
  reference_weights("dinov3_original");
  EXPECT_EQ(setting_of(read(), "heads"), "2 | the number of rope_embed.periods");
  reference_weights("dinov3_original", [](Checkpoint& c) {
    c.tensors["rope_embed.periods"] = {{3}, {1, 2, 3}};
  });
  expect_refused({"width of 32", "heads of 12 channels", "rope_embed.periods"});
  reference_weights("dinov3_original",
                    [](Checkpoint& c) { c.tensors["rope_embed.periods"].data[1] = 0; });
  expect_refused({"period", "not positive"});
}

// The mask is what makes the keys' biases zeros; the file has others.
TEST_F(DinoV3, MaskedBiases) {
  reference_weights("dinov3_original");
  const Model model = read();
  for (const Node& node : model.graph.nodes)
    if (node.name == "blocks.0.attn.k")
      for (const float b : node.as<Linear>().bias) EXPECT_EQ(b, 0);
  EXPECT_EQ(model.ignored.size(), 2u);  // mask_token, local_cls_norm.weight
  reference_weights("dinov3_original", [](Checkpoint& c) {
    c.tensors["blocks.1.attn.qkv.bias_mask"].data[40] = std::nanf("");
  });
  expect_refused({"blocks.1.attn.qkv.bias_mask"});
  reference_weights("dinov3_original", [](Checkpoint& c) {
    c.tensors["blocks.1.attn.qkv.bias_mask"].data[40] = 0.5f;
  });
  expect_refused({"blocks.1.attn.qkv.bias_mask", "no mask"});
  reference_weights("dinov3_original",
                    [](Checkpoint& c) { c.tensors.erase("blocks.1.attn.qkv.bias"); });
  expect_refused({"blocks.1.attn.qkv.bias_mask", "without a bias"});
}

TEST_F(DinoV3, HeadsThatClassify) {
  reference_weights("dinov3_classifier");
  write("config.json", config("dinov3_classifier"));
  EXPECT_EQ(setting_of(read(), "pooling"), "mean | config.json: global_pool");
  json sound = config("dinov3_classifier");
  sound.erase("global_pool");
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "pooling"), "mean | assumed: timm's default");
  ModelOptions token;
  token.settings["pooling"] = said(std::string("token"), "--set pooling");
  const Model model = read(token);
  EXPECT_EQ(setting_of(model, "pooling"), "token | --set pooling");
  EXPECT_EQ(model.graph.nodes.back().rows, 1u);
  refuse_config(sound, "global_pool", "map", {"global_pool", "is map"});
  write("config.json", sound);
  reference_weights("dinov3_classifier", [](Checkpoint& c) {
    c.tensors["head.weight"] = {{7, 64}, std::vector<float>(7 * 64)};
  });
  expect_refused({"class token and the mean of the patches side by side"});
  reference_weights("dinov3");
  write("config.json", config("dinov3"));
  expect_refused({"--set pooling", "no head"}, token);
}

TEST_F(DinoV3, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("hf_dinov3_gated");
  const json sound = config("hf_dinov3_gated");
  write("config.json", sound);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "rotary_positions"),
            "periods to the base of 50 | config.json: rope_theta");
  EXPECT_EQ(setting_of(model, "activation"), "swiglu | shapes: the MLP has a gate");
  refuse_config(sound, "hidden_act", "gelu", {"use_gated_mlp", "silu"});
  refuse_config(sound, "use_gated_mlp", false, {"hidden_act is \"silu\""});
  refuse_config(sound, "num_register_tokens", 5, {"num_register_tokens is 5"});
  refuse_config(sound, "rope_scaling", {{"type", "linear"}}, {"rope_scaling"});
  json plain = sound;
  plain["hidden_act"] = "gelu", plain["use_gated_mlp"] = false;
  write("config.json", plain);
  expect_refused({"hidden_act is gelu", "gated MLP"});
}

TEST_F(DinoV3, OtherActivations) {
  reference_weights("hf_dinov3");
  json other = config("hf_dinov3");
  other["hidden_act"] = "quick_gelu";
  write("config.json", other);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "activation"), "quick_gelu | config.json: hidden_act");
  const auto& nodes = model.graph.nodes;
  EXPECT_EQ(std::count_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.is<Silu>(); }),
            2);
  EXPECT_EQ(std::count_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.is<Gelu>(); }),
            0);
}

// As transformers' default has it, which saves a tensor without rows.
TEST_F(DinoV3, WithoutRegisters) {
  std::filesystem::copy(reference("hf_dinov3") + "/config.json", path("config.json"));
  reference_weights("hf_dinov3", [](Checkpoint& c) {
    c.tensors["embeddings.register_tokens"] = {{1, 0, 32}, {}};
  });
  expect_refused({"num_register_tokens", "register tokens is 0"});
  nlohmann::json config =
      nlohmann::json::parse(std::ifstream(reference("hf_dinov3") + "/config.json"));
  config["num_register_tokens"] = 0;
  write("config.json", config);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "registers"), "0 | shapes: the register tokens");
  EXPECT_EQ(first_rotation(model.graph).cosine.rows, 1u + 16u);
}

TEST_F(DinoV3, PhotosAsTransformersPreparesThem) {
  reference_weights("hf_dinov3");
  write("config.json", config("hf_dinov3"));
  const Preprocessing assumed = read().graph.preprocessing;
  write("preprocessor_config.json", json{{"image_processor_type", "DINOv3ViTImageProcessorFast"},
                                         {"do_resize", true},
                                         {"size", {{"height", 16}, {"width", 16}}}});
  const Preprocessing p = read().graph.preprocessing;
  EXPECT_EQ(p.mode, ResizeMode::Exact);
  EXPECT_EQ(p.filter, ResizeFilter::Bilinear);
  EXPECT_EQ(p.mean[0], 0.485f);
  EXPECT_EQ(p.std[2], 0.225f);
  EXPECT_EQ(assumed.mode, p.mode);
  EXPECT_EQ(assumed.mean[0], p.mean[0]);
}

TEST_F(DinoV3, WhatIsNotComputedIsRefused) {
  reference_weights("dinov3");
  write("config.json", config("dinov3"));
  ModelOptions options;
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  reference_weights("dinov3", [](Checkpoint& c) { c.tensors.erase("norm.weight"); });
  expect_refused({"norm.weight is missing"});
  reference_weights("dinov3", [](Checkpoint& c) {
    c.tensors["blocks.0.attn.q_norm.weight"] = {{16}, std::vector<float>(16)};
  });
  expect_refused({"blocks.0.attn.q_norm.weight"});
  reference_weights("dinov3");
  json other = config("dinov3");
  for (const char* name : {"vit_small_patch16_rope_224", "vit_pe_spatial_small_patch16_512"}) {
    other["architecture"] = name;
    write("config.json", other);
    expect_refused({"rotary positions are neither DINOv3's nor EVA-02's"});
  }
}

TEST_F(DinoV3, InInt8) {
  for (const char* name : {"dinov3", "dinov3_plus", "dinov3_classifier"}) {
    reference_weights(name);
    write("config.json", config(name));
    const Model model = read();
    const ConvertResult result = convert(model.checkpoint, model.graph,
                                         generated_pictures(model.graph.preprocessing), {}, {});
    EXPECT_GT(result.logit_sqnr_db, 25) << name;
  }
}

}  // namespace
}  // namespace vitro::dinov3_test
