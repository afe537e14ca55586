// SPDX-License-Identifier: Apache-2.0
// Perceiver: what its tensors and files tell, repeated blocks, the query of the classes, and
// refusals. reference_test compares its float outputs with transformers, by learned and by Fourier
// positions.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/model_folder.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace perceiver_test {

class Perceiver : public ModelFolderTest {
 protected:
  static json file_of(const std::string& model, const std::string& name) {
    return json::parse(std::ifstream(reference(model) + "/" + name));
  }
  void folder(
      const std::string& model,
      const std::function<void(Checkpoint&)>& change = [](Checkpoint&) {}) const {
    reference_weights(model, change);
    for (const char* name : {"config.json", "preprocessor_config.json"})
      write(name, file_of(model, name));
  }
  static ModelOptions with(const std::map<std::string, std::string>& settings) {
    ModelOptions options;
    for (const auto& [name, value] : settings)
      options.settings[name] = said(value, "--set " + name);
    return options;
  }
  static const Node& node(const Model& model, const std::string& name) {
    for (const Node& n : model.graph.nodes)
      if (n.name == name) return n;
    throw std::runtime_error("no node " + name);
  }
  /// With a file in which one thing is another.
  void refuse(const std::string& file, const std::string& key, const json& value,
              const std::vector<std::string>& words) const {
    const json sound = file_of("hf_perceiver", file);
    json changed = sound;
    changed[key] = value;
    write(file, changed);
    expect_refused(words);
    write(file, sound);
  }
};

TEST_F(Perceiver, FilesTellAllOfIt) {
  folder("hf_perceiver");
  const Model model = read();
  EXPECT_EQ(setting_of(model, "names"), "Hugging Face, prefix perceiver. | names of the tensors");
  EXPECT_EQ(setting_of(model, "positions"), "learned | names of the tensors");
  EXPECT_EQ(setting_of(model, "image_size"), "8 | shapes: the picture's side by the positions");
  EXPECT_EQ(setting_of(model, "latents"), "6 | shapes: the rows of the latents");
  EXPECT_EQ(setting_of(model, "repeats"), "2 | config.json: num_blocks");
  EXPECT_EQ(setting_of(model, "heads"), "2 | config.json: num_self_attention_heads");
  EXPECT_EQ(setting_of(model, "cross_heads"), "1 | config.json: num_cross_attention_heads");
  EXPECT_EQ(model.labels.size(), 7u);
  // layer_norm_eps of the file is what transformers does not use.
  EXPECT_EQ(node(model, "cross.norm1").as<LayerNorm>().epsilon, 1e-5f);
  const Preprocessing& p = model.graph.preprocessing;
  EXPECT_EQ(p.mode, ResizeMode::ShorterSide);
  EXPECT_EQ(p.resize_width, 9u);
  EXPECT_EQ(image_size(p), (PixelSize{8, 8}));
}

TEST_F(Perceiver, BareFilesWantTheNumberOfRepeats) {
  reference_weights("perceiver");
  expect_refused({"how often its blocks are run", "--set repeats"});
  const Model model = read(with({{"repeats", "3"}, {"heads", "2"}}));
  EXPECT_EQ(setting_of(model, "repeats"), "3 | --set repeats");
  EXPECT_EQ(setting_of(model, "cross_heads"), "1 | assumed: that of the released models");
  EXPECT_EQ(model.family_values.at("repeats").value, "3");
  // The same weights, again and again.
  for (const char* part : {".attn.q", ".mlp.fc2"}) {
    const Matrix &first = node(model, std::string("blocks.1") + part).as<Linear>().weight,
                 &last = node(model, std::string("blocks.5") + part).as<Linear>().weight;
    EXPECT_EQ(first.data, last.data) << part;
  }
  EXPECT_THROW(node(model, "blocks.6.attn.q"), std::runtime_error);
  expect_refused({"do not divide into 3 heads"}, with({{"repeats", "1"}, {"heads", "3"}}));
}

TEST_F(Perceiver, WhatConfigsLeaveOutIsTransformersDefault) {
  folder("hf_perceiver");
  json config = file_of("hf_perceiver", "config.json");
  config.erase("num_blocks"), config.erase("num_self_attention_heads");
  config.erase("num_cross_attention_heads");
  write("config.json", config);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "repeats"), "1 | assumed: transformers' default of num_blocks");
  EXPECT_EQ(setting_of(model, "heads"),
            "8 | assumed: transformers' default of num_self_attention_heads");
  EXPECT_EQ(setting_of(model, "cross_heads"),
            "8 | assumed: transformers' default of num_cross_attention_heads");
}

// A pixel beside its position: the position's columns are constants that do not see the pixel.
TEST_F(Perceiver, PixelsAndPositionsAreSideBySide) {
  folder("hf_perceiver_fourier");
  const Model model = read();
  const auto& pixel = node(model, "inputs").as<Linear>();
  EXPECT_EQ(pixel.weight.rows, 261u);
  EXPECT_EQ(pixel.weight.row(2)[2], 1);
  EXPECT_EQ(pixel.weight.row(3)[0], 0);
  const Matrix& positions = node(model, "inputs.positioned").as<Tokens>().positions;
  ASSERT_EQ(positions.rows, 64u);
  const float *corner = positions.row(63), *second = positions.row(1);
  EXPECT_EQ(corner[0], 0);  // the pixel's
  EXPECT_EQ(corner[3], 1);  // y, then x
  EXPECT_EQ(corner[4], 1);
  EXPECT_EQ(second[3], -1);
  EXPECT_FLOAT_EQ(second[4], -1 + 2 / 7.0f);
  // sin(pi f y) for 64 frequencies from 1 to 112, the same of x, and then cosines.
  EXPECT_NEAR(second[5 + 64], std::sin(M_PI * (-1 + 2 / 7.0)), 1e-6);
  EXPECT_NEAR(second[5 + 127], std::sin(M_PI * 112 * (-1 + 2 / 7.0)), 1e-4);
  EXPECT_NEAR(second[5 + 192], std::cos(M_PI * (-1 + 2 / 7.0)), 1e-6);
}

TEST_F(Perceiver, FourierPositionsAreOfAnyPicture) {
  folder("hf_perceiver_fourier");
  ModelOptions options;
  options.adapters.image_size = {12, 16};
  const Model model = read(options);
  EXPECT_EQ(image_size(model.graph.preprocessing), (PixelSize{12, 16}));
  EXPECT_EQ(node(model, "inputs").rows, 192u);
  EXPECT_EQ(setting_of(model, "image_size"), "16 high, 12 wide | --image-size");
  EXPECT_EQ(setting_of(model, "activation"), "gelu_tanh | config.json: hidden_act");
}

// Scores by one vector, and values in parts that attention can take.
TEST_F(Perceiver, TheQueryOfTheClassesIsConstant) {
  folder("hf_perceiver");
  const Model model = read();
  const auto& attention = node(model, "decoder.attn.attention").as<Attention>();
  EXPECT_EQ(attention.heads, 1u);
  EXPECT_EQ(attention.scale, 1);
  EXPECT_EQ(node(model, "decoder.attn.q").as<Linear>().bias, (std::vector<float>{1, 0, 0, 0}));
  EXPECT_EQ(node(model, "decoder.attn.k").cols, 4u);
  const ConvertResult result =
      convert(model.checkpoint, model.graph, generated_pictures(model.graph.preprocessing), {}, {});
  EXPECT_GT(result.logit_sqnr_db, 25);
  // Of all pixels only keys and values are kept.
  const schema::ProgramT program = unpack(result.file);
  std::vector<std::string> ops;
  for (const auto& op : program.steps[0]->ops) ops.push_back(op->name);
  EXPECT_EQ(ops, (std::vector<std::string>{"pixels", "inputs", "cross.read", "cross.attn.k",
                                           "cross.attn.v"}));
}

TEST_F(Perceiver, ConfigsAreHeldAgainstTheTensors) {
  folder("hf_perceiver");
  refuse("config.json", "image_size", 9, {"9", "8"});
  refuse("config.json", "d_latents", 20, {"d_latents is 20", "16"});
  refuse("config.json", "num_self_attends_per_block", 3, {"num_self_attends_per_block is 3", "2"});
  refuse("config.json", "num_self_attention_heads", 3, {"do not divide into 3 heads"});
  refuse("config.json", "num_cross_attention_heads", 5, {"do not divide into 5 heads"});
  refuse("config.json", "use_query_residual", false, {"use_query_residual is false"});
  refuse("config.json", "use_query_residual", nullptr, {"use_query_residual is null"});
  refuse("config.json", "hidden_act", "relu", {"hidden_act is \"relu\""});
  const std::string photos = "preprocessor_config.json";
  refuse(photos, "size", {{"height", 10}, {"width", 10}}, {"the crop is of a square"});
  refuse(photos, "crop_size", {{"height", 9}, {"width", 10}}, {"the crop is of a square"});
  refuse(photos, "size", {{"shortest_edge", 8}}, {"the crop is of a square"});
  refuse(photos, "do_resize", false, {"do_resize is false", "photos of every shape"});
  json whole = file_of("hf_perceiver", photos);
  whole["do_center_crop"] = false;
  write(photos, whole);
  EXPECT_EQ(read().graph.preprocessing.mode, ResizeMode::Exact);
}

// As deepmind's, of 224 pixels.
TEST_F(Perceiver, PhotosAsTransformersPreparesThem) {
  folder("hf_perceiver_fourier");
  json config = file_of("hf_perceiver_fourier", "config.json");
  config["image_size"] = 224;
  write("config.json", config);
  write("preprocessor_config.json", json{{"feature_extractor_type", "PerceiverFeatureExtractor"}});
  const Preprocessing by_class = read().graph.preprocessing;
  EXPECT_EQ(by_class.mode, ResizeMode::ShorterSide);
  EXPECT_EQ(by_class.resize_width, 256u);
  EXPECT_EQ(by_class.filter, ResizeFilter::Bicubic);
  EXPECT_EQ(by_class.mean[0], 0.485f);
  std::remove(path("preprocessor_config.json").c_str());
  EXPECT_EQ(read().graph.preprocessing, by_class);
}

TEST_F(Perceiver, WhatIsNotComputedIsRefused) {
  folder("hf_perceiver");
  ModelOptions options;
  options.adapters.image_size = {16, 16};
  expect_refused({"--image-size", "learned positions"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  const auto changed = [&](const std::function<void(Checkpoint&)>& change,
                           const std::vector<std::string>& words) {
    folder("hf_perceiver", change);
    expect_refused(words);
  };
  changed(
      [](Checkpoint& c) {
        c.tensors["perceiver.input_preprocessor.convnet.conv.weight"] = {
            {64, 3, 7, 7}, std::vector<float>(64 * 147)};
      },
      {"convolution of 7 x 7"});
  changed(
      [](Checkpoint& c) {
        c.tensors["perceiver.input_preprocessor.position_embeddings.position_embeddings"] = {
            {63, 4}, std::vector<float>(252)};
      },
      {"63 positions", "square picture"});
  changed(
      [](Checkpoint& c) {
        c.tensors["perceiver.input_preprocessor.convnet_1x1.weight"] = {{512, 3, 1, 1},
                                                                        std::vector<float>(1536)};
      },
      {"without positions"});
  changed(
      [](Checkpoint& c) {
        c.tensors.erase("perceiver.encoder.self_attends.1.attention.self.key.bias");
      },
      {"attn.k.bias is missing"});
  changed(
      [](Checkpoint& c) {
        c.tensors.erase("perceiver.input_preprocessor.position_embeddings.position_embeddings");
      },
      {"512 numbers a pixel", "261"});
  changed([](Checkpoint& c) { c.tensors.erase("perceiver.decoder.decoder.final_layer.weight"); },
          {"head.weight"});
  // As a model of text has them, whose decoder is not in another.
  changed(
      [](Checkpoint& c) {
        std::map<std::string, CheckpointTensor> tensors;
        for (auto& [name, tensor] : c.tensors) {
          const size_t at = name.find("decoder.decoder.");
          tensors[at == std::string::npos ? name : "perceiver." + name.substr(at + 8)] =
              std::move(tensor);
        }
        c.tensors = std::move(tensors);
      },
      {"a Perceiver that does not classify pictures"});
  folder("hf_perceiver_fourier");
  options.adapters = {};
  options.adapters.image_size = {256, 257};
  expect_refused({"number of its pixels", "65792", "65536"}, options);
  options.adapters.image_size = {256, 256};
  EXPECT_EQ(read(options).graph.preprocessing.image_height, 256u);
}

}  // namespace perceiver_test
}  // namespace vitro
