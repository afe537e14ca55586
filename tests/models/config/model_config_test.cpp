// SPDX-License-Identifier: Apache-2.0
// What is read from config.json about the network, and what is refused.
#include "models/config/json_file.h"
#include "models/vit/positions.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;

namespace {

using ModelConfigTest = ModelFolderTest;
using Json = nlohmann::json;

size_t heads_of(const Model& model) {
  for (const Node& node : model.graph.nodes)
    if (node.is<Attention>()) return node.as<Attention>().heads;
  return 0;
}

float epsilon_of(const Model& model) {
  for (const Node& node : model.graph.nodes)
    if (node.is<LayerNorm>()) return node.as<LayerNorm>().epsilon;
  return 0;
}

TEST_F(ModelConfigTest, HeadsAndEpsilon) {
  hugging_face({{"num_attention_heads", 4}, {"layer_norm_eps", 1e-5}});
  Model model = read();
  EXPECT_EQ(heads_of(model), 4u);
  EXPECT_EQ(epsilon_of(model), 1e-5f);
  EXPECT_EQ(setting_of(model, "heads"), "4 | config.json: num_attention_heads");
  EXPECT_EQ(setting_of(model, "epsilon"), "1e-05 | config.json: layer_norm_eps");
  ModelOptions options;
  options.settings["heads"] = said<std::string>("2", "--heads");
  options.settings["epsilon"] = said<std::string>("1e-4", "--epsilon");
  model = read(options);
  EXPECT_EQ(heads_of(model), 2u);
  EXPECT_EQ(setting_of(model, "heads"), "2 | --heads");
  EXPECT_EQ(setting_of(model, "epsilon"), "0.0001 | --epsilon");
  // The weights' file and its folder name the same model: config.json is read in both cases.
  EXPECT_EQ(heads_of(read_model(path("model.safetensors"), {})), 4u);
  std::filesystem::remove(path("config.json"));
  model = read();
  EXPECT_EQ(setting_of(model, "heads"), "1 | assumed: 64 channels each are usual at a width of 64");
  EXPECT_NE(describe_assumed(model.settings).find("heads 1, epsilon 1e-06"), std::string::npos);
}

TEST_F(ModelConfigTest, DefaultsOfTransformersAreAssumed) {
  RandomVit vit;
  vit.dim = 96;
  hugging_face(
      {{"num_attention_heads", nullptr}, {"layer_norm_eps", nullptr}, {"hidden_act", nullptr}},
      vit);
  const Model model = read();
  EXPECT_EQ(setting_of(model, "heads"),
            "12 | assumed: transformers' default of num_attention_heads");
  EXPECT_EQ(setting_of(model, "epsilon"),
            "1e-12 | assumed: transformers' default of layer_norm_eps for vit");
}

TEST_F(ModelConfigTest, TimmsNamesTellHeads) {
  RandomVit vit;
  vit.dim = 192;
  timm({{"architecture", "vit_tiny_patch16_224.augreg_in21k"}}, vit);
  EXPECT_EQ(setting_of(read(), "heads"),
            "3 | config.json: architecture \"vit_tiny_patch16_224.augreg_in21k\"");
  timm();  // its width is 64
  EXPECT_EQ(setting_of(read(), "heads"),
            "1 | assumed: 64 channels each are usual at a width of 64");
  timm({{"model_args",
         {{"num_heads", 4},
          {"embed_dim", 64},
          {"img_size", 16},
          {"drop_path_rate", 0.1},
          {"qk_norm", false}}}});
  EXPECT_EQ(setting_of(read(), "heads"), "4 | config.json: model_args.num_heads");
  vit.dim =
      96;  // timm.create_model("vit_small_patch16_224", embed_dim=96).blocks[0].attn.num_heads is 6
  timm({{"architecture", "vit_small_patch16_224"}, {"model_args", {{"embed_dim", 96}}}}, vit);
  EXPECT_EQ(heads_of(read()), 6u);
  vit.dim = 64;
  timm({{"architecture", "test_vit"}}, vit);
  EXPECT_EQ(heads_of(read()), 2u);
}

TEST_F(ModelConfigTest, PoolingOfTimm) {
  timm({{"global_pool", "avg"}});
  EXPECT_EQ(setting_of(read(), "pooling"), "mean of the patches | config.json: global_pool");
  timm();
  EXPECT_EQ(setting_of(read(), "pooling"), "class token | config.json: global_pool");
  timm({{"global_pool", "map"}});
  expect_refused({"global_pool", "map"});
}

TEST_F(ModelConfigTest, Labels) {
  Json numbered, reversed;
  for (int i = 9; i >= 0; --i)
    numbered[std::to_string(i)] = "class \"" + std::to_string(i) + "\", ä";
  hugging_face({{"id2label", numbered}});
  EXPECT_EQ(read().labels.at(3), "class \"3\", ä");
  EXPECT_EQ(read().labels.size(), 10u);

  Json names = Json::array(), synsets = Json::array(), descriptions;
  for (int i = 0; i < 10; ++i) {
    names.push_back("name " + std::to_string(i));
    synsets.push_back("n0000000" + std::to_string(i));
    descriptions["n0000000" + std::to_string(i)] = "thing " + std::to_string(i);
  }
  timm({{"label_names", names}});
  EXPECT_EQ(read().labels.at(9), "name 9");
  timm({{"pretrained_cfg", {{"label_names", names}}}});
  EXPECT_EQ(read().labels.at(9), "name 9");
  timm({{"label_names", synsets}, {"label_descriptions", descriptions}});
  EXPECT_EQ(read().labels.at(9), "thing 9");

  numbered.erase("9");
  hugging_face({{"id2label", numbered}});
  expect_refused({"config.json: id2label is 9", "is 10"});
  numbered["11"] = "x";
  hugging_face({{"id2label", numbered}});
  expect_refused({"id2label", "none for class 9"});
  numbered.erase("11"), numbered["9"] = 9;
  hugging_face({{"id2label", numbered}});
  expect_refused({"id2label", "other than text"});
}

TEST_F(ModelConfigTest, JsonAsAListOfLabels) {
  EXPECT_EQ(read_json_labels(write("a.json", std::string(R"(["x", "y"])"))),
            (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(read_json_labels(write("b.json", std::string(R"({"1": "y", "0": "x"})"))),
            (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(read_json_labels(
                write("c.json", std::string(R"({"id2label": {"0": "x"}, "hidden_size": 3})"))),
            (std::vector<std::string>{"x"}));
  EXPECT_THROW(read_json_labels(write("d.json", std::string(R"({"hidden_size": 3})"))),
               std::runtime_error);
  EXPECT_THROW(read_json_labels(write("e.json", std::string(R"([1, 2])"))), std::runtime_error);
  for (const char* none : {"null", R"({"id2label": null})", R"({"label_names": null})",
                           R"({"id2label": null, "label_names": null})", R"({"0": null})"})
    EXPECT_THROW(read_json_labels(write("f.json", std::string(none))), InputError) << none;
  EXPECT_EQ(read_json_labels(
                write("g.json", std::string(R"({"id2label": null, "label_names": ["x", "y"]})"))),
            (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(looks_like_json(path("a.json")));
  EXPECT_FALSE(looks_like_json(write("text", std::string("cat\ndog\n"))));
}

TEST_F(ModelConfigTest, WhatIsNotComputedIsNamed) {
  const std::pair<Json, std::vector<std::string>> kHuggingFace[] = {
      {{{"hidden_act", "relu"}}, {"hidden_act", "relu"}},
      {{{"hidden_act", "gelu_10"}}, {"hidden_act", "gelu_10"}},
      {{{"use_swiglu_ffn", true}}, {"use_swiglu_ffn is true"}},
      {{{"hidden_act", 3}}, {"hidden_act is 3", "not a text"}},
      {{{"model_type", "levit"}}, {"model_type", "levit"}},
      {{{"model_type", "pvt"}}, {"model_type", "pvt"}},
      {{{"model_type", nullptr}, {"architectures", {"PvtForImageClassification"}}},
       {"architectures", "Pvt"}},
      {{{"num_channels", 1}}, {"num_channels is 1"}},
      {{{"image_size", {224, 256}}},
       {"image_size is 224 high, 256 wide", "position embeddings is 16"}},
      {{{"use_swiglu_ffn", true}}, {"use_swiglu_ffn"}},
      {{{"quantization_config", {{"bits", 8}}}}, {"quantization_config"}},
      {{{"pruned_heads", {{"0", {1}}}}}, {"pruned_heads"}},
      {{{"num_attention_heads", "four"}}, {"num_attention_heads", "four"}},
      {{{"num_attention_heads", 0}}, {"num_attention_heads is 0"}},
      {{{"num_attention_heads", 2.5}}, {"num_attention_heads is 2.5"}},
      {{{"layer_norm_eps", -1}}, {"layer_norm_eps is -1"}},
      {{{"num_attention_heads", 5}}, {"5 heads"}},
  };
  for (const auto& [more, words] : kHuggingFace) {
    SCOPED_TRACE(more.dump());
    hugging_face(more);
    expect_refused(words);
  }
  const std::pair<Json, std::vector<std::string>> kTimm[] = {
      {{{"architecture", "resnet50"}}, {"architecture", "resnet50"}},
      {{{"architecture", "vit_giant_patch14_dinov2"}}, {"swiglu", "without a gate"}},
      {{{"architecture", "vit_base_patch16_rpn_224"}}, {"rpn"}},
      {{{"model_args", {{"act_layer", "relu"}}}}, {"model_args.act_layer", "relu"}},
      {{{"model_args", {{"qk_norm", true}}}}, {"model_args.qk_norm"}},
      {{{"model_args", {{"img_size", 32}}}},
       {"input_size is 16", "img_size is 32", "(--image-size)"}},
      {{{"model_args", {{"use_rot_pos_emb", false}}}}, {"model_args.use_rot_pos_emb is false"}},
      {{{"model_args", {{"rope_rotate_half", false}}}}, {"model_args.rope_rotate_half is false"}},
  };
  for (const auto& [more, words] : kTimm) {
    SCOPED_TRACE(more.dump());
    timm(more);
    expect_refused(words);
  }
}

// timm writes both, of models that take pictures of any size.
TEST_F(ModelConfigTest, PicturesOfAnotherSizeThanTheModelWasBuiltFor) {
  timm({{"pretrained_cfg", {{"input_size", {3, 32, 32}}}},
        {"model_args", {{"img_size", 16}, {"norm_layer", "layernorm"}}}});
  expect_refused({"input_size is 32", "img_size is 16", "(--image-size)"});
  for (const size_t side : {16u, 32u}) {
    ModelOptions options;
    options.adapters.image_size = {side, side};
    const Model model = read(options);
    EXPECT_EQ(model.graph.preprocessing.image_width, side);
    EXPECT_EQ(setting_of(model, "epsilon"),
              "1e-06 | timm's layernorm, config.json: model_args.norm_layer");
  }
}

TEST_F(ModelConfigTest, TimmsArgumentsOfMixersAreKnown) {
  reference_weights("mlp_mixer");
  const auto with_blocks = [&](int blocks) {
    write("config.json",
          {{"architecture", "mixer_s32_224"},
           {"pretrained_cfg", {{"input_size", {3, 20, 20}}}},
           {"model_args", {{"img_size", 20}, {"num_blocks", blocks}, {"drop_path_rate", 0.1}}}});
  };
  with_blocks(2);
  EXPECT_EQ(setting_of(read(), "blocks"), "2 | shapes: the number of blocks");
  with_blocks(3);
  expect_refused({"model_args.num_blocks is 3", "2"});
}

TEST_F(ModelConfigTest, ConfigAndTensorsThatDisagree) {
  const std::tuple<const char*, Json, const char*, const char*> kCases[] = {
      {"hidden_size", 128, "128", "64"},
      {"num_hidden_layers", 3, "3", "2"},
      {"intermediate_size", 128, "128", "256"},
      {"patch_size", 8, "8", "4"},
      {"patch_size", {8, 8}, "8", "4"},
      {"image_size", 32, "32", "16"},
      {"num_labels", 7, "7", "10"},
      {"qkv_bias", false, "false", "a bias"},
      {"num_register_tokens", 4, "4", "0"},
  };
  for (const auto& [key, value, said, found] : kCases) {
    SCOPED_TRACE(key);
    hugging_face({{key, value}});
    expect_refused({"config.json", key, said, found});
  }
  timm({{"num_classes", 7}});
  expect_refused({"num_classes is 7", "is 10"});
  timm({{"num_features", 32}});
  expect_refused({"num_features is 32", "is 64"});
  timm({{"pretrained_cfg", {{"input_size", {3, 32, 32}}}}});
  expect_refused({"input_size is 32", "is 16"});
}

// ViTModel keeps the labels of the classifier that its config once was of.
TEST_F(ModelConfigTest, ModelsWithoutAClassifierKeepItsLabels) {
  const auto without_head = [&](const char* architecture) {
    hugging_face({{"id2label", {{"0", "cat"}, {"1", "dog"}, {"2", "hen"}}},
                  {"architectures", {architecture}}});
    Checkpoint checkpoint = read_checkpoint(path("model.safetensors"));
    for (const char* head : {"classifier.weight", "classifier.bias"})
      ASSERT_EQ(checkpoint.tensors.erase(head), 1u);
    write_safetensors(path("model.safetensors"), checkpoint, StoredDtype::F32);
  };
  without_head("ViTForImageClassification");
  expect_refused({"id2label is 3", "rows of the head is 0"});
  without_head("ViTModel");
  const Model model = read();
  EXPECT_EQ(model.graph.outputs.at(0).name, "class");
  EXPECT_TRUE(model.labels.empty());
}

TEST_F(ModelConfigTest, PositionsAreResampledAsTheirLibraryDoes) {
  const auto positions = [](const Model& model) { return model.graph.nodes[2].as<Tokens>(); };
  ModelOptions smaller;
  smaller.adapters.image_size = {12, 12};
  timm();
  const Matrix trained = positions(read()).positions;
  EXPECT_EQ(positions(read(smaller)).positions.data,
            vit::resample_positions(trained, {4, 4}, {3, 3}).data);
  hugging_face();
  EXPECT_EQ(positions(read(smaller)).positions.data,
            vit::resample_positions(trained, {4, 4}, {3, 3}, vit::Resampling::OfFour).data);
  RandomVit registers;
  registers.registers = 1;
  hugging_face({{"model_type", "dinov2_with_registers"}}, registers);
  EXPECT_EQ(positions(read(smaller)).positions.data,
            vit::resample_positions(positions(read()).positions, {4, 4}, {3, 3}).data);

  RandomVit wide;
  wide.image = 8, wide.image_width = 32;
  hugging_face({{"model_type", "dinov2"}}, wide);
  expect_refused({"image_size is 8 high, 32 wide", "for those of a square"});
}

TEST_F(ModelConfigTest, BrokenJson) {
  hugging_face();
  const std::string whole = R"({"model_type": "vit", "num_attention_heads": 4})";
  for (size_t size = 0; size < whole.size(); ++size) {
    write("config.json", whole.substr(0, size));
    expect_refused({"config.json", "is not JSON"});
  }
  write("config.json",
        std::string(R"({"a": )") + std::string(100000, '[') + std::string(100000, ']') + "}");
  expect_refused({"config.json", "nested deeper than 64"});
  write("config.json", std::string(R"({"\"[[[[": "]]]", "model_type": "vit"})"));
  ModelOptions options;
  options.settings["heads"] = said<std::string>("2", "--heads");
  EXPECT_EQ(heads_of(read(options)), 2u);
  write("config.json", std::string(R"({"name": "an application"})"));
  expect_refused({"config.json", "model_type", "architecture"});
  write("config.json", std::string("{\n\"model_type\": \"v\xff\"}"));
  expect_refused({"config.json", "line 2"});
}

TEST_F(ModelConfigTest, WhatIsThereAndCannotBeReadIsNotAbsent) {
  namespace fs = std::filesystem;
  for (const char* name :
       {"config.json", "preprocessor_config.json", "processor_config.json", "model.safetensors"}) {
    SCOPED_TRACE(name);
    hugging_face();
    fs::remove(path(name));
    fs::create_symlink("nowhere", path(name));
    expect_refused({name, "link to nothing"});
    fs::remove(path(name));
    fs::create_directory(path(name));
    expect_refused({name, "not a regular file"});
    fs::remove(path(name));
  }
  write("model-00001-of-00002.safetensors", std::string("x"));
  write("model-00002-of-00002.safetensors", std::string("x"));
  expect_refused({"shards", "index"});
}

TEST_F(ModelConfigTest, WhatTheModelsFilesContradict) {
  hugging_face();
  ModelOptions options;
  options.settings["heads"] = said<std::string>("2", "--heads");
  const Model other = read(options);
  ASSERT_EQ(other.warnings.size(), 1u);
  EXPECT_NE(other.warnings[0].find("--heads is 2, but config.json: num_attention_heads says "),
            std::string::npos)
      << other.warnings[0];
  EXPECT_TRUE(read().warnings.empty());
  RandomVit registers;
  registers.registers = 2;
  hugging_face(Json::object(), registers);
  expect_refused({"registers of model_type vit is 0", "is 2"});
  RandomVit positions;
  positions.prefix_positions = false;
  hugging_face(Json::object(), positions);
  expect_refused({"positions for the patches alone"});
  timm({{"global_pool", "token"}, {"model_args", {{"global_pool", "avg"}}}});
  expect_refused({"global_pool is token", "model_args.global_pool is avg"});
}

TEST_F(ModelConfigTest, FilesOfAFolder) {
  expect_refused({path(), "without a file of weights"});
  write("adapter_model.safetensors", std::string("x"));
  expect_refused({path(), "adapter", "--lora"});
  std::filesystem::remove(path("adapter_model.safetensors"));
  write("training_args.bin", std::string("x"));  // from transformers' Trainer
  write_checkpoint(path("best.safetensors"), {});
  EXPECT_EQ(read().checkpoint.path, path("best.safetensors"));
  write("worst.pth", std::string("x"));
  expect_refused({path(), "2 files", "best.safetensors, worst.pth"});
  write("pytorch_model.bin", std::string("x"));
  expect_refused({"pytorch_model.bin"});
  write_checkpoint(path("model.safetensors"), {});
  EXPECT_EQ(read().checkpoint.path, path("model.safetensors"));
}

}  // namespace
}  // namespace vitro
