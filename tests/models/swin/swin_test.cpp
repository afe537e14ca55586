// SPDX-License-Identifier: Apache-2.0
// Swin: its windows, what its tensors tell, and refusals. reference_test
// compares its float outputs with timm, torchvision and transformers, whose
// model has maps that are not whole windows.
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/families.h"
#include "models/swin/windows.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

constexpr uint32_t kNone = GatherRows::kNoRow;

TEST(SwinWindows, OfAMapOfWholeWindows) {
  const swin::Windows plain = swin::divide({4, 4}, {2, {}, false});
  EXPECT_EQ(plain.count, 4u);
  EXPECT_EQ(plain.index,
            (std::vector<uint32_t>{0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15}));
  EXPECT_TRUE(plain.regions.empty());
  EXPECT_FALSE(plain.padded);
  // Moved by one: the last window takes the four corners, which are of four
  // regions.
  const swin::Windows moved = swin::divide({4, 4}, {2, {1, 1}, false});
  EXPECT_EQ(moved.index,
            (std::vector<uint32_t>{5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0}));
  const auto regions = [&](size_t window) {
    return std::set<uint8_t>(moved.regions.begin() + static_cast<ptrdiff_t>(4 * window),
                             moved.regions.begin() + static_cast<ptrdiff_t>(4 * window + 4));
  };
  EXPECT_EQ(regions(0).size(), 1u);
  EXPECT_EQ(regions(1).size(), 2u);
  EXPECT_EQ(regions(3).size(), 4u);
}

// One axis is one window: its rows all attend to each other, and the other's are moved.
TEST(SwinWindows, MovedAlongOneAxis) {
  const swin::Windows moved = swin::divide({4, 2}, {2, {1, 0}, false});
  EXPECT_EQ(moved.index, (std::vector<uint32_t>{2, 3, 4, 5, 6, 7, 0, 1}));
  EXPECT_EQ(moved.regions, (std::vector<uint8_t>{0, 0, 0, 0, 3, 3, 6, 6}));
}

TEST(SwinWindows, WhatIsFilledUp) {
  const swin::Windows after = swin::divide({3, 3}, {2, {1, 1}, false}),
                      first = swin::divide({3, 3}, {2, {1, 1}, true});
  EXPECT_TRUE(after.padded);
  EXPECT_EQ(after.index, (std::vector<uint32_t>{4, 5, 7, 8, kNone, 3, kNone, 6, kNone, kNone, 1, 2,
                                                kNone, kNone, kNone, 0}));
  EXPECT_EQ(first.index, (std::vector<uint32_t>{4, 5, 7, 8, 3, kNone, 6, kNone, 1, 2, kNone, kNone,
                                                0, kNone, kNone, kNone}));
  const std::vector<uint32_t> place = swin::places(after, {3, 3});
  for (uint32_t row = 0; row < 9; ++row) EXPECT_EQ(after.index[place[row]], row);
  // (0, 0), (1, 0), (0, 1), (1, 1) of each four; beyond an odd map zeros.
  std::vector<uint32_t> in_rows = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(swin::merged({3, 3}, in_rows),
            (std::vector<uint32_t>{0, 3, 1, 4, 2, 5, kNone, kNone, 6, kNone, 7, kNone, 8, kNone,
                                   kNone, kNone}));
}

class SwinModels : public ModelFolderTest {
 protected:
};

TEST_F(SwinModels, TensorsTellAllButThePicture) {
  reference_weights("swin");
  const Model model = read();
  EXPECT_EQ(setting_of(model, "window"), "4 | the rows of relative_position_bias_table");
  EXPECT_EQ(setting_of(model, "heads"), "1 2 | the columns of relative_position_bias_table");
  EXPECT_EQ(setting_of(model, "blocks"), "2 2 | the tensors of each stage");
  EXPECT_EQ(setting_of(model, "image_size"), "16 | assumed: the last stage is one window");
  ModelOptions options;
  options.adapters.image_size = {24, 20};
  EXPECT_EQ(read(options).graph.preprocessing.image_width, 24u);
  options.adapters.image_size = {21, 20};
  expect_refused({"20 high, 21 wide", "not whole patches"}, options);
  options.adapters.image_size = {16, 12};  // the last map has three columns
  expect_refused({"12 high, 16 wide", "3 rows or columns", "the window of 4"}, options);
}

TEST_F(SwinModels, WhatReleasesHoldBeside) {
  reference_weights("swin", [](Checkpoint& c) {
    c.tensors["layers.0.blocks.1.attn_mask"] = {{4, 16, 16}, std::vector<float>(1024)};
    c.tensors["layers.0.blocks.1.attn.relative_position_index"] = {{16, 16},
                                                                   std::vector<float>(256)};
    c.tensors.erase("head.fc.weight"), c.tensors.erase("head.fc.bias");
  });
  const Model model = read();
  EXPECT_EQ(model.ignored.size(), 2u);
  EXPECT_EQ(model.graph.outputs.at(0).name, "pooled");
}

// transformers gives layer_norm_eps to the blocks' norms and the last one.
TEST_F(SwinModels, NormsOfMergedRowsHaveTheirOwnEpsilon) {
  reference_weights("hf_swin");
  json config = json::parse(std::ifstream(reference("hf_swin") + "/config.json"));
  config["layer_norm_eps"] = 1e-3;
  write("config.json", config);
  const auto epsilons = [](const Model& model) {
    std::map<std::string, float> out;
    for (const Node& node : model.graph.nodes) {
      if (node.is<LayerNorm>()) out[node.name] = node.as<LayerNorm>().epsilon;
      if (node.is<Norm>()) out[node.name] = node.as<Norm>().epsilon;
    }
    return out;
  };
  for (const auto& [name, epsilon] : epsilons(read()))
    EXPECT_EQ(epsilon, name.find("merge") != std::string::npos ||
                               name.find("patch_embed") != std::string::npos
                           ? 1e-5f
                           : 1e-3f)
        << name;
  ModelOptions options;
  options.settings["epsilon"] = said<std::string>("1e-4", "--epsilon");
  for (const auto& [name, epsilon] : epsilons(read(options))) EXPECT_EQ(epsilon, 1e-4f) << name;
}

// nn.Sequential(Dropout, Linear) of the last stage's width, which is not that of the patches.
TEST_F(SwinModels, AHeadOfAnotherName) {
  reference_weights("torchvision_swin", [](Checkpoint& c) {
    for (const char* part : {"weight", "bias"}) {
      c.tensors[std::string("head.1.") + part] = c.tensors.at(std::string("head.") + part);
      c.tensors.erase(std::string("head.") + part);
    }
  });
  EXPECT_EQ(setting_of(read(), "head"), "head.1.weight | the one linear layer beside the trunk");
}

// What torch.save(model.state_dict()) has of transformers 5, and not save_pretrained().
TEST_F(SwinModels, ModulesOfTransformers5) {
  std::filesystem::copy(reference("hf_swin") + "/config.json", path("config.json"));
  reference_weights("hf_swin");
  const Model saved = read();
  reference_weights("hf_swin", [](Checkpoint& c) {
    const std::pair<const char*, const char*> kRenamed[] = {
        {"attention.self.query.", "attention.q_proj."},
        {"attention.self.key.", "attention.k_proj."},
        {"attention.self.value.", "attention.v_proj."},
        {"attention.output.dense.", "attention.o_proj."},
        {"attention.self.relative_position_bias_table",
         "attention.relative_position_bias.relative_position_bias_table"},
        {"intermediate.dense.", "mlp.fc1."},
        {"output.dense.", "mlp.fc2."}};
    std::map<std::string, CheckpointTensor> tensors;
    for (auto& [name, tensor] : c.tensors) {
      std::string renamed = name;
      for (const auto& [before, after] : kRenamed)
        if (const size_t at = renamed.find(before); at != std::string::npos)
          renamed.replace(at, std::string(before).size(), after);
      tensors[renamed] = std::move(tensor);
    }
    c.tensors = std::move(tensors);
  });
  const Model modules = read();
  ASSERT_EQ(modules.graph.nodes.size(), saved.graph.nodes.size());
  for (size_t i = 0; i < saved.graph.nodes.size(); ++i)
    if (saved.graph.nodes[i].is<Linear>())
      EXPECT_EQ(modules.graph.nodes[i].as<Linear>().weight.data,
                saved.graph.nodes[i].as<Linear>().weight.data)
          << saved.graph.nodes[i].name;
}

TEST_F(SwinModels, WhatIsNotComputedIsRefused) {
  reference_weights("swin");
  ModelOptions options;
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  options.adapters = {};
  options.adapters.prompts = "file";
  expect_refused({"--prompt-tokens"}, options);
  reference_weights("swin", [](Checkpoint& c) {
    c.tensors["layers.0.blocks.0.attn.logit_scale"] = {{1}, {1}};
  });
  expect_refused({"logit_scale"});
  reference_weights("swin", [](Checkpoint& c) {
    c.tensors["layers.0.blocks.0.attn.relative_position_bias_table"] = {{48, 1},
                                                                        std::vector<float>(48)};
  });
  expect_refused({"48 relative positions", "square window"});
  reference_weights("swin",
                    [](Checkpoint& c) { c.tensors.erase("layers.1.blocks.1.norm1.weight"); });
  expect_refused({"superfluous"});
  // What one block has, every block must have; zeros in its place would be another model.
  for (const char* name : {"layers.1.blocks.0.attn.qkv.bias", "layers.0.blocks.1.mlp.fc1.bias"}) {
    reference_weights("swin", [name](Checkpoint& c) { ASSERT_EQ(c.tensors.erase(name), 1u); });
    expect_refused({"is missing"});
  }
  reference_weights("swin", [](Checkpoint& c) {
    size_t gone = 0;
    for (int block = 0; block < 2; ++block)
      gone += c.tensors.erase("layers.1.blocks." + std::to_string(block) + ".attn.qkv.bias");
    ASSERT_EQ(gone, 2u);
  });
  expect_refused({"is missing"});
}

TEST_F(SwinModels, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("hf_swin");
  const json sound =
      json::parse(std::ifstream(std::string(VITRO_REFERENCE_MODELS) + "/hf_swin/config.json"));
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "image_size"), "20 | config.json: image_size");
  const auto refused = [&](const char* key, const json& value, const std::string& word) {
    json changed = sound;
    changed[key] = value;
    write("config.json", changed);
    expect_refused({word});
  };
  refused("patch_size", 4, "patch_size");
  refused("hidden_act", "quick_gelu", "hidden_act");
  refused("model_type", "swinv2", "swinv2");
  refused("model_type", "focalnet", "focalnet");
  refused("window_size", 5, "window_size");
  refused("depths", json::array({2, 3}), "depths");
  refused("depths", json::array({2, 1.5}), "not whole numbers");
  refused("num_heads", json::array({1, 1}), "num_heads");
}

TEST_F(SwinModels, TimmsArgumentsTellTheStages) {
  reference_weights("swin");
  const json sound = {{"architecture", "swin_tiny_patch4_window7_224"},
                      {"pretrained_cfg", {{"input_size", {3, 16, 16}}}},
                      {"model_args",
                       {{"img_size", {16, 16}},
                        {"depths", {2, 2}},
                        {"num_heads", {1, 2}},
                        {"drop_path_rate", 0.2}}}};
  write("config.json", sound);
  EXPECT_EQ(setting_of(read(), "image_size"), "16 | config.json: model_args.img_size");
  for (const char* key : {"depths", "num_heads"}) {
    json changed = sound;
    changed["model_args"][key] = json::array({2, 6});
    write("config.json", changed);
    expect_refused({key, "2 6"});
  }
}

TEST_F(SwinModels, InInt8) {
  for (const PixelSize size : {PixelSize{16, 16}, PixelSize{20, 28}}) {
    reference_weights("swin");
    ModelOptions options;
    options.adapters.image_size = size;
    const Model model = read(options);
    const ConvertResult result = convert(model.checkpoint, model.graph,
                                         generated_pictures(model.graph.preprocessing), {}, {});
    EXPECT_GT(result.logit_sqnr_db, 25) << size.width;
  }
}

}  // namespace
}  // namespace vitro
