// SPDX-License-Identifier: Apache-2.0
// Swin V2: what its tensors and files tell, its positions, and refusals. reference_test compares
// its float outputs with timm and transformers, of maps that are whole windows and of others.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "models/swin/positions.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class SwinV2 : public ModelFolderTest {
 protected:
  static json config_of(const std::string& model) {
    return json::parse(std::ifstream(reference(model) + "/config.json"));
  }
  static ModelOptions with_window(const std::string& window) {
    ModelOptions options;
    options.settings["window"] = said(window, "--set window");
    return options;
  }
};

// timm's buffer of a window of 4 that was trained with one of 3.
TEST_F(SwinV2, CoordinatesAreLogarithmic) {
  const std::vector<float> coordinates = swin::log_coordinates(4, 3);
  ASSERT_EQ(coordinates.size(), 98u);
  const float expected[] = {-1.23347986f, -1.0566417f, -0.773976028f, 0,
                            0.773976028f, 1.0566417f,  1.23347986f};
  for (size_t y = 0; y < 7; ++y) EXPECT_NEAR(coordinates[14 * y], expected[y], 1e-6f) << y;
  for (size_t x = 0; x < 7; ++x) EXPECT_NEAR(coordinates[2 * x + 1], expected[x], 1e-6f) << x;
  EXPECT_EQ(swin::log_coordinates(1, 1), (std::vector<float>{0, 0}));
}

// By hand: one hidden number, of the columns alone.
TEST_F(SwinV2, BiasesAreBetween0And16) {
  reference_weights("swin_v2_original", [](Checkpoint& c) {
    const std::string attn = "layers.0.blocks.0.attn.cpb_mlp.";
    c.tensors[attn + "0.weight"] = {{1, 2}, {0, 1}};
    c.tensors[attn + "0.bias"] = {{1}, {0}};
    c.tensors[attn + "2.weight"] = {{1, 1}, {-2}};
  });
  const Model model = read();
  for (const Node& node : model.graph.nodes) {
    if (!node.is<Attention>()) continue;
    const Matrix& bias = node.as<Attention>().bias;
    EXPECT_EQ(bias.row(0)[0], 8);
    EXPECT_EQ(bias.row(0)[4], 8);  // another row
    EXPECT_EQ(bias.row(0)[1], 8);  // to the right: below 0, where the MLP is 0
    // The file has 0.773976028 in float16.
    EXPECT_NEAR(bias.row(1)[0], 16 / (1 + std::exp(2 * 0.77392578125)), 1e-5);
    break;
  }
}

TEST_F(SwinV2, ConfigOrCoordinatesTellWindows) {
  reference_weights("swin_v2_original");  // has coordinates
  Model model = read();
  EXPECT_EQ(setting_of(model, "window"), "4 | the rows of relative_coords_table");
  EXPECT_EQ(setting_of(model, "image_size"), "16 | assumed: the last stage is one window");
  EXPECT_EQ(setting_of(model, "heads"), "1 2 | the rows of logit_scale");
  expect_refused({"expected shape [1, 5, 5, 2]", "relative_coords_table"}, [] {
    ModelOptions options;
    options.adapters.image_size = {12, 12};  // whose second stage is a window of 3
    return options;
  }());
  expect_refused({"--set window is 8", "relative_coords_table is 4"}, with_window("8"));

  reference_weights("swin_v2");
  expect_refused({"does not say how large its windows are", "--set window"});
  expect_refused({"does not say how large its pictures are", "--image-size"}, with_window("4"));
  expect_refused({"--set window", "'0'", "from 1 to 256"}, with_window("0"));
  expect_refused({"--set window", "'257'"}, with_window("257"));
  ModelOptions options = with_window("4");
  options.adapters.image_size = {16, 16};
  options.settings["trained_windows"] = said(std::string("3,2"), "--set trained_windows");
  model = read(options);
  EXPECT_EQ(setting_of(model, "window"), "4 | --set window");
  EXPECT_EQ(setting_of(model, "trained_windows"), "3,2 | --set trained_windows");
  EXPECT_EQ(model.family_values.at("trained_windows").value, "3,2");
  options.settings["trained_windows"].value = "3";
  expect_refused({"--set trained_windows", "is of 1 stages, and there are 2"}, options);
  options.settings["trained_windows"].value = "3,x";
  expect_refused({"--set trained_windows", "'x'"}, options);

  write("config.json", config_of("swin_v2"));
  EXPECT_EQ(setting_of(read(), "window"), "4 | config.json: model_args.window_size");
  EXPECT_EQ(setting_of(read(), "trained_windows"),
            "0,0 | config.json: model_args.pretrained_window_sizes");
}

TEST_F(SwinV2, NamesOfTimm) {
  const TimmArchitecture plain = timm_architecture("swinv2_tiny_window16_256");
  EXPECT_EQ(plain.window, 16u);
  EXPECT_TRUE(plain.trained_windows.empty());
  const TimmArchitecture tuned = timm_architecture("swinv2_base_window12to24_192to384");
  EXPECT_EQ(tuned.window, 24u);
  EXPECT_EQ(tuned.trained_windows, (std::vector<size_t>{12, 12, 12, 6}));
  EXPECT_EQ(timm_architecture("swinv2_large_window12to16_192to256_22kft1k").trained_windows,
            tuned.trained_windows);
  reference_weights("swin_v2");
  json config = config_of("swin_v2");
  config["architecture"] = "swinv2_cr_tiny_ns_224";
  write("config.json", config);
  expect_refused({"swinv2_cr_tiny_ns_224", "its positions and norms are others"});
}

// timm writes model_args whatever they say, and its architectures name windows of four stages.
TEST_F(SwinV2, ArchitecturesTellTheWindowsOfTheFirstTraining) {
  reference_weights("swin_v2");
  json config = config_of("swin_v2");
  config["architecture"] = "swinv2_base_window12to24_192to384";
  config["model_args"].erase("pretrained_window_sizes");
  write("config.json", config);
  EXPECT_EQ(setting_of(read(), "trained_windows"),
            "12,12 | config.json: architecture \"swinv2_base_window12to24_192to384\"");
}

TEST_F(SwinV2, MapsThatAreNotSquareWindows) {
  reference_weights("swin_v2");
  ModelOptions options = with_window("4");
  options.adapters.image_size = {6, 16};  // six wide: maps of 8 x 3
  expect_refused({"stage 0 would have windows of 4 rows and 3 columns"}, options);
  options.adapters.image_size = {16, 10};  // 5 x 8, then 3 x 4
  expect_refused({"stage 1 would have windows of 3 rows and 4 columns"}, options);
  options.adapters.image_size = {12, 12};  // 6 x 6, then one window of 3
  EXPECT_EQ(read(options).graph.outputs.at(0).name, "logits");
}

TEST_F(SwinV2, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("hf_swin_v2");
  const json sound = config_of("hf_swin_v2");
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "trained_windows"), "3,2 | config.json: pretrained_window_sizes");
  const auto refused = [&](const char* key, const json& value, const std::string& word) {
    json changed = sound;
    changed[key] = value;
    write("config.json", changed);
    expect_refused({word});
  };
  refused("patch_size", 4, "patch_size");
  refused("hidden_act", "quick_gelu", "hidden_act");
  refused("window_size", 0, "window_size");
  refused("pretrained_window_sizes", json::array({3, 2.5}), "not whole numbers");
  refused("pretrained_window_sizes", json::array({3}), "is of 1 stages");
  json longer = sound;  // as transformers' default, which is of four stages whatever there are
  longer["pretrained_window_sizes"] = {3, 2, 0, 0};
  write("config.json", longer);
  EXPECT_EQ(setting_of(read(), "trained_windows"), "3,2 | config.json: pretrained_window_sizes");
}

TEST_F(SwinV2, WhatIsNotComputedIsRefused) {
  reference_weights("swin_v2_original");
  ModelOptions options;
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  reference_weights("swin_v2_original", [](Checkpoint& c) {
    c.tensors["layers.0.blocks.0.attn.relative_position_bias_table"] = {{1}, {1}};
  });
  expect_refused({"relative_position_bias_table"});
  // timm's swinv2_cr_*.
  reference_weights("swin_v2", [](Checkpoint& c) {
    const CheckpointTensor patches = c.tensors.at("patch_embed.proj.weight");
    c.tensors.clear();
    c.tensors["patch_embed.proj.weight"] = patches;
    c.tensors["stages.0.blocks.0.attn.logit_scale"] = {{1}, {1}};
    c.tensors["stages.0.blocks.0.attn.meta_mlp.fc1.bias"] = {{1}, {1}};
  });
  expect_refused({"swinv2_cr_*"});
}

// With features alone; of maps that are whole windows, and of maps that are filled up.
TEST_F(SwinV2, InInt8) {
  for (const PixelSize size : {PixelSize{16, 16}, PixelSize{32, 32}, PixelSize{20, 28}}) {
    reference_weights("swin_v2", [](Checkpoint& c) {
      c.tensors.erase("head.fc.weight"), c.tensors.erase("head.fc.bias");
    });
    ModelOptions options = with_window("4");
    options.adapters.image_size = size;
    const Model model = read(options);
    EXPECT_EQ(model.graph.outputs.at(0).name, "pooled");
    const ConvertResult result = convert(model.checkpoint, model.graph,
                                         generated_pictures(model.graph.preprocessing), {}, {});
    EXPECT_GT(result.logit_sqnr_db, 25) << size.width << " x " << size.height;
  }
}

}  // namespace
}  // namespace vitro
