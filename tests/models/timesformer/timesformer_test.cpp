// SPDX-License-Identifier: Apache-2.0
// TimeSformer: what its tensors and files tell, clips as pictures, and refusals. reference_test
// compares its float outputs with transformers, of divided and of joint attention.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class TimeSformer : public ModelFolderTest {
 protected:
  static json file_of(const std::string& model, const std::string& name) {
    return json::parse(std::ifstream(reference(model) + "/" + name));
  }
  static ModelOptions with_heads(const std::string& heads = "2") {
    ModelOptions options;
    options.settings["heads"] = said(heads, "--set heads");
    return options;
  }
  static const Node& node(const Model& model, const std::string& name) {
    for (const Node& n : model.graph.nodes)
      if (n.name == name) return n;
    throw std::runtime_error("no node " + name);
  }
  /// With a config.json in which one thing is another.
  void refuse_config(const std::string& key, const json& value,
                     const std::vector<std::string>& words) const {
    json changed = file_of("hf_timesformer", "config.json");
    changed[key] = value;
    write("config.json", changed);
    expect_refused(words);
  }
};

TEST_F(TimeSformer, TensorsTellAllButHeads) {
  reference_weights("timesformer");
  const Model model = read(with_heads());
  EXPECT_EQ(setting_of(model, "names"), "facebookresearch, prefix model. | names of the tensors");
  EXPECT_EQ(setting_of(model, "frames"),
            "3, one below another in a picture | shapes: the rows of the time embeddings");
  EXPECT_EQ(setting_of(model, "attention"),
            "divided_space_time | shapes: whether blocks attend over time");
  EXPECT_EQ(setting_of(model, "image_size"),
            "12 | shapes: the side of a frame by the position embeddings");
  EXPECT_EQ(setting_of(model, "epsilon"), "1e-06 | assumed: usual for TimeSformer");
  EXPECT_EQ(model.family_values.at("heads").value, "2");
  const Preprocessing& p = model.graph.preprocessing;
  EXPECT_EQ(image_size(p), (PixelSize{12, 36}));
  EXPECT_TRUE(takes_whole(p));
  EXPECT_EQ(p.mean[1], 0.45f);
  EXPECT_EQ(p.std[2], 0.225f);
  expect_refused({"heads cannot be told from its width of 24"});
}

// Groups of what attends: each place over time, then each frame.
TEST_F(TimeSformer, AttentionIsOverTimeThenOverSpace) {
  reference_weights("timesformer");
  const Model model = read(with_heads());
  const Node &time = node(model, "blocks.1.temporal.attn.attention"),
             &space = node(model, "blocks.1.attn.attention");
  EXPECT_EQ(time.as<Attention>().groups, 9u);
  EXPECT_EQ(time.rows, 27u);
  EXPECT_EQ(space.as<Attention>().groups, 3u);
  EXPECT_EQ(space.rows, 30u);
  const auto& places = node(model, "blocks.1.temporal.places").as<GatherRows>().index;
  EXPECT_EQ(std::vector<uint32_t>(places.begin(), places.begin() + 6),
            (std::vector<uint32_t>{1, 11, 21, 2, 12, 22}));
  const auto& frames = node(model, "blocks.1.temporal.frames").as<GatherRows>().index;
  EXPECT_EQ(std::vector<uint32_t>(frames.begin() + 10, frames.begin() + 13),
            (std::vector<uint32_t>{GatherRows::kNoRow, 1, 4}));
}

// By hand: 4 * 3 and 4 * 0.5 + 0.25.
TEST_F(TimeSformer, TwoLinearsBehindAttentionOverTimeAreOne) {
  reference_weights("timesformer", [](Checkpoint& c) {
    const auto clear = [&](const std::string& name) -> std::vector<float>& {
      std::vector<float>& data = c.tensors.at("model.blocks.0." + name).data;
      std::fill(data.begin(), data.end(), 0.0f);
      return data;
    };
    clear("temporal_attn.proj.weight")[1 * 24 + 5] = 3;
    clear("temporal_attn.proj.bias")[1] = 0.5f;
    clear("temporal_fc.weight")[2 * 24 + 1] = 4;
    clear("temporal_fc.bias")[2] = 0.25f;
  });
  const Model model = read(with_heads());
  const auto& linear = node(model, "blocks.0.temporal.fc").as<Linear>();
  EXPECT_EQ(linear.weight.row(2)[5], 12);
  EXPECT_EQ(linear.weight.row(5)[2], 0);
  EXPECT_EQ(linear.bias[2], 2.25f);
  EXPECT_EQ(linear.bias[1], 0);
}

TEST_F(TimeSformer, OfTheLastBlockOnlyTheClassTokenIsComputed) {
  reference_weights("timesformer");
  const Model model = read(with_heads());
  const ConvertResult result =
      convert(model.checkpoint, model.graph, generated_pictures(model.graph.preprocessing), {}, {});
  EXPECT_GT(result.logit_sqnr_db, 25);
  vitro_program program;
  ASSERT_EQ(vitro_open(result.file.data(), result.file.size(), &program), VITRO_OK);
  const schema::Program& p = *schema::GetProgram(result.file.data());
  EXPECT_EQ(p.tensors()->Get(p.input())->rows(), 36u);
  size_t checked = 0;
  for (const schema::Step* step : *p.steps())
    for (const schema::Op* op : *step->ops()) {
      const std::string name = op->name()->c_str();
      if (!op->args_as_Linear() || name.find(".mlp.fc") == std::string::npos) continue;
      const bool last = name.rfind("blocks.1.", 0) == 0;
      EXPECT_EQ(step->rows(), last ? 1u : 30u) << name;
      ++checked;
    }
  EXPECT_EQ(checked, 4u);
}

TEST_F(TimeSformer, JointAttentionIsOverAllPatches) {
  reference_weights("hf_timesformer_joint");
  write("config.json", file_of("hf_timesformer_joint", "config.json"));
  const Model model = read();
  EXPECT_EQ(setting_of(model, "attention"),
            "joint_space_time | shapes: whether blocks attend over time");
  const Node& attention = node(model, "blocks.0.attn.attention");
  EXPECT_EQ(attention.as<Attention>().groups, 1u);
  EXPECT_EQ(attention.rows, 28u);
}

TEST_F(TimeSformer, WithoutAHeadTheClassTokenIsTheOutput) {
  reference_weights("hf_timesformer_features");
  write("config.json", file_of("hf_timesformer_features", "config.json"));
  const Model model = read();
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
  EXPECT_EQ(model.graph.outputs[0].kind, OutputKind::Features);
}

TEST_F(TimeSformer, ConfigsAreHeldAgainstTheTensors) {
  reference_weights("hf_timesformer");
  write("config.json", file_of("hf_timesformer", "config.json"));
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"), "2 | config.json: num_attention_heads");
  EXPECT_EQ(model.labels.size(), 7u);
  refuse_config("num_frames", 8, {"num_frames is 8", "time embeddings is 3"});
  refuse_config("image_size", 16, {"16", "12"});
  refuse_config("attention_type", "joint_space_time",
                {"attention_type is joint_space_time", "divided_space_time"});
  refuse_config("attention_type", "space_only", {"attention_type is space_only"});
  refuse_config("hidden_act", "relu", {"hidden_act is \"relu\""});
  refuse_config("num_attention_heads", 5, {"does not divide into 5 heads"});
  refuse_config("model_type", "vit", {"model_type", "vit"});
  // Its tensors are a ViT's.
  hugging_face({{"model_type", "timesformer"}, {"attention_type", "space_only"}});
  expect_refused({"attention_type is space_only"});
}

// What a file says of a frame holds for the whole clip, which is resized at once.
TEST_F(TimeSformer, ClipsAreResizedWhole) {
  reference_weights("hf_timesformer");
  write("config.json", file_of("hf_timesformer", "config.json"));
  EXPECT_EQ(setting_of(read(), "mean"),
            "0.5,0.5,0.5 | assumed: transformers' VideoMAEImageProcessor, without a "
            "preprocessor_config.json");
  json sound = file_of("hf_timesformer", "preprocessor_config.json");
  sound["size"] = {{"shortest_edge", 16}};
  write("preprocessor_config.json", sound);
  const Model model = read();
  const Preprocessing& p = model.graph.preprocessing;
  EXPECT_EQ(p.mode, ResizeMode::Exact);
  EXPECT_EQ(p.resize_width, 12u);
  EXPECT_EQ(p.resize_height, 36u);
  EXPECT_EQ(p.filter, ResizeFilter::Bilinear);
  EXPECT_EQ(setting_of(model, "resize"),
            "12x36 whatever its shape | preprocessor_config.json: size, crop_size; of 3 frames, "
            "one below another");
  ModelOptions options;
  options.picture.mode = ResizeMode::None;
  EXPECT_EQ(read(options).graph.preprocessing.mode, ResizeMode::None);
  sound["crop_size"] = {{"height", 16}, {"width", 16}};
  write("preprocessor_config.json", sound);
  expect_refused({"makes pictures of 16x16", "36 high, 12 wide"});
  sound["feature_extractor_type"] = "VideoMAEFeatureExtractor";  // as it is released
  sound.erase("image_processor_type");
  sound["crop_size"] = {{"height", 12}, {"width", 12}};
  write("preprocessor_config.json", sound);
  EXPECT_EQ(read().graph.preprocessing.mode, ResizeMode::Exact);
}

TEST_F(TimeSformer, WhatIsNotComputedIsRefused) {
  const ModelOptions heads = with_heads();
  reference_weights("timesformer");
  ModelOptions options = heads;
  options.adapters.image_size = {24, 24};
  expect_refused({"--image-size", "TimeSformer"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  const auto refuse = [&](const std::function<void(Checkpoint&)>& change,
                          const std::vector<std::string>& words) {
    reference_weights("timesformer", change);
    expect_refused(words, heads);
  };
  const auto resize = [](const std::string& name, const std::vector<size_t>& shape) {
    return [=](Checkpoint& c) {
      size_t count = 1;
      for (const size_t n : shape) count *= n;
      c.tensors.at(name) = {shape, std::vector<float>(count)};
    };
  };
  refuse([](Checkpoint& c) { c.tensors.erase("model.blocks.1.temporal_fc.weight"); },
         {"blocks.1.temporal.fc.weight is missing"});
  refuse([](Checkpoint& c) { c.tensors.erase("model.blocks.0.temporal_attn.proj.bias"); },
         {"blocks.0.temporal.attn.proj.bias is missing"});
  refuse(
      [](Checkpoint& c) {
        c.tensors["model.blocks.0.attn.q_norm.weight"] = {{12}, std::vector<float>(12)};
      },
      {"blocks.0.attn.q_norm.weight"});
  refuse(resize("model.pos_embed", {1, 9, 24}), {"its 9 positions", "square frame"});
  refuse(resize("model.pos_embed", {1, 1, 24}), {"its 1 positions", "square frame"});
  refuse(resize("model.patch_embed.proj.weight", {24, 3, 4, 2}), {"not square and RGB"});
  // Of frames of 12 pixels.
  refuse(resize("model.time_embed", {1, 342, 24}), {"height of its clip", "4104", "4096"});
  reference_weights("timesformer", resize("model.time_embed", {1, 341, 24}));
  EXPECT_EQ(read(heads).graph.preprocessing.image_height, 4092u);
  // Attention over space alone, whose answer is one for each frame.
  reference_weights("hf_timesformer_joint", [](Checkpoint& c) {
    c.tensors.erase("timesformer.embeddings.time_embeddings");
  });
  expect_refused({"TimeSformer without positions in time"});
}

}  // namespace
}  // namespace vitro
