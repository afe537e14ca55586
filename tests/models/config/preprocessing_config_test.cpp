// SPDX-License-Identifier: Apache-2.0
// Preprocessing as transformers' and timm's own code does it. Their code computed the expected
// numbers, from a picture of 53x37 pixels.
#include <cstdint>

#include "platforms/host/pictures/picture.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

constexpr size_t kWidth = 53, kHeight = 37;

Picture noisy_picture() {
  Picture picture{kWidth, kHeight, {}};
  for (size_t y = 0; y < kHeight; ++y)
    for (size_t x = 0; x < kWidth; ++x)
      for (size_t c = 0; c < 3; ++c)
        picture.rgb.push_back(static_cast<uint8_t>(x * (10 + c) + y * (8 - c) + 29 + 40 * c));
  return picture;
}

/// The prepared picture, [3, 16, 16] or [3, 16, 24]: its mean, and its values at (channel, row,
/// column) (0, 3, 5), (1, 8, 8) and (2, 15, 0).
struct Seen {
  double mean, a, b, c;
};

struct Case {
  const char *model_type, *config;
  Seen seen;
};

// transformers 5.24.0, backend "pil":
// AutoImageProcessor.from_pretrained(folder)(picture).pixel_values
constexpr Case kTransformers[] = {
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 16}})",
     {0.0005106389677772919, -0.34117645025253296, 0.20000004768371582, -0.35686272382736206}},
    {"vit",
     R"({"image_processor_type": "ViTImageProcessorFast", "size": {"height": 16, "width": 16}, "resample": 0, "image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.25, 0.3]})",
     {0.04226580519025447, -1.6666667461395264, 1.984313726425171, -1.0196077823638916}},
    {"vit",
     R"({"feature_extractor_type": "ViTFeatureExtractor", "size": 16, "do_resize": true, "do_normalize": true, "resample": 2, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})",
     {0.0005106389677772919, -0.34117645025253296, 0.20000004768371582, -0.35686272382736206}},
    {"vit",
     R"({"size": [16, 16], "resample": 1, "do_normalize": false})",
     {0.5001685158592105, 0.27450981736183167, 0.6117647290229797, 0.30980393290519714}},
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": 16, "resample": 4, "do_rescale": false, "image_mean": [120, 121, 122], "image_std": [60, 61, 62]})",
     {0.10948698347541115, -1.0666667222976685, 0.14754098653793335, -0.7096773982048035}},
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 18, "width": 21}, "do_center_crop": true, "crop_size": [16, 16], "resample": 5, "rescale_factor": 0.0078431372549})",
     {1.0083742255034547, -0.5607843399047852, 2.6235294342041016, 0.929411768913269}},
    {"deit",
     R"({"image_processor_type": "DeiTImageProcessor", "size": {"height": 19, "width": 19}, "crop_size": {"height": 16, "width": 16}})",
     {0.0023692977459480367, -0.6627451181411743, 0.8666666746139526, -0.3176470398902893}},
    {"deit",
     R"({"size": 20, "crop_size": 16, "resample": 3, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]})",
     {0.22434690861337003, -1.3815395832061768, 1.553221344947815, 0.23477131128311157}},
    {"deit",
     R"({"size": {"height": 16, "width": 16}, "do_center_crop": false})",
     {0.0004493639183541139, -0.41960781812667847, 0.23137259483337402, -0.37254899740219116}},
    {"vit",
     R"({"image_processor_type": "BeitImageProcessor", "size": 16, "do_center_crop": false})",
     {0.0004493639183541139, -0.41960781812667847, 0.23137259483337402, -0.37254899740219116}},
    {"vit",
     R"({"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 19}, "crop_size": {"height": 16, "width": 16}})",
     {0.18095689616257005, -1.2229238748550415, 1.7447128295898438, 0.8945313096046448}},
    {"vit",
     R"({"image_processor_type": "CLIPImageProcessor", "size": 17, "crop_size": 16})",
     {0.19916546385381176, -1.368908166885376, 1.924805998802185, 0.8803112506866455}},
    {"vit",
     R"({"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 12}, "crop_size": {"height": 16, "width": 16}})",
     {-0.2721501770896187, 1.565375566482544, 1.5646196603775024, -1.480219841003418}},
    {"vit",
     R"({"image_processor_type": "SiglipImageProcessor", "size": {"height": 16, "width": 16}})",
     {0.0004493639183541139, -0.41960781812667847, 0.23137259483337402, -0.37254899740219116}},
    {"vit",
     R"({"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 16}, "crop_pct": 0.8})",
     {0.003462026594206691, -0.5058823823928833, 0.929411768913269, 0.458823561668396}},
    // Which of both a size means that is a number alone.
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": 19, "default_to_square": false, "do_center_crop": true, "crop_size": 16})",
     {-0.00265521175848941, -0.686274528503418, 0.7647058963775635, 0.301960825920105}},
    {"vit",
     R"({"image_processor_type": "CLIPImageProcessor", "size": 19, "default_to_square": true, "crop_size": 16})",
     {0.19199270980895258, -1.1645302772521973, 1.8197517395019531, -0.24307399988174438}},
    // A null is false, whatever the class says.
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 16}, "do_normalize": null})",
     {0.5002553223554665, 0.3294117748737335, 0.6000000238418579, 0.32156863808631897}},
    {"deit",
     R"({"image_processor_type": "DeiTImageProcessor", "size": {"height": 16, "width": 16}, "do_center_crop": null, "crop_size": null, "do_convert_rgb": null, "do_rescale": null, "image_mean": [120, 121, 122], "image_std": [60, 61, 62]})",
     {0.10769973591717037, -0.7666666507720947, 0.5901639461517334, -0.6774193644523621}},
    {"vit",
     R"({"image_processor_type": "CLIPImageProcessor", "do_resize": null, "crop_size": 16})",
     {0.3822936635451697, -0.2302308976650238, 1.6246507167816162, 1.6339746713638306}},
};

// timm 1.0.31: create_transform(**resolve_data_config({}, pretrained_cfg=...),
// is_training=False)(picture)
constexpr Case kTimm[] = {
    {"",
     R"({"crop_pct": 0.8, "interpolation": "bilinear"})",
     {0.23428618400430423, -1.0390444993972778, 1.9733892679214478, 1.4548150300979614}},
    {"",
     R"({"crop_pct": 0.9, "crop_mode": "squash", "interpolation": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]})",
     {0.005126650910824537, 0.301960825920105, 0.8588235378265381, -0.4745097756385803}},
    {"",
     R"({"crop_pct": 1.0, "crop_mode": "border", "interpolation": "lanczos"})",
     {0.15715653676428096, 1.3070467710494995, -0.9502800703048706, 0.008191797882318497}},
    {"",
     R"({"crop_pct": 0.8, "crop_mode": "border", "interpolation": "bilinear", "mean": [0.5, 0.4, 0.3], "std": [0.25, 0.25, 0.25]})",
     {0.3654207750999679, -1.2941176891326904, 1.0823529958724976, -0.00784313678741455}},
    {"",
     R"({"interpolation": "hamming"})",
     {0.23274397968089033, -1.4500386714935303, 2.0259103775024414, 1.00165593624115}},
    {"",
     R"({"crop_pct": 0.75, "interpolation": "box", "crop_mode": "center"})",
     {0.23197628571748888, -1.0219197273254395, 2.0959384441375732, 1.4373857975006104}},
    {"",
     R"({"crop_pct": 0.95, "interpolation": "nearest"})",
     {0.24663693632646755, -1.4842880964279175, 2.21848726272583, 0.9667975902557373}},
    {"",
     R"({"crop_pct": 1.2, "interpolation": "bicubic"})",
     {-0.17944893796023584, -1.2959158420562744, -0.47759097814559937, -1.804444432258606}},
};

// The same for models whose pictures are 16 high and 24 wide.
constexpr Case kTransformersNotSquare[] = {
    {"vit",
     R"({"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 24}})",
     {0.00041532195690605376, 0.615686297416687, 0.16078436374664307, -0.41960781812667847}},
    {"deit",
     R"({"image_processor_type": "DeiTImageProcessor", "size": {"height": 20, "width": 30}, "crop_size": {"height": 16, "width": 24}})",
     {-0.0011165414212478532, 0.23921573162078857, 0.2862745523452759, -0.12156862020492554}},
    {"vit",
     R"({"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 19}, "crop_size": {"height": 16, "width": 24}})",
     {0.19371577945316354, 1.4047927856445312, 0.3339827358722687, -0.45637497305870056}},
    {"vit",
     R"({"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 15}, "crop_size": [16, 24]})",
     {-0.14620398160372539, 0.4996904730796814, -0.04121153801679611, -1.480219841003418}},
    {"vit",
     R"({"size": [16, 24], "resample": 1})",
     {0.00033362277059091464, 0.5843137502670288, 0.16078436374664307, -0.43529409170150757}},
};
constexpr Case kTimmNotSquare[] = {
    {"",
     R"({"crop_pct": 0.8, "interpolation": "bicubic"})",
     {0.21815307748976112, 1.444044828414917, 0.7128852605819702, -0.009237395599484444}},
    {"",
     R"({"crop_pct": 0.9, "crop_mode": "squash", "interpolation": "bilinear"})",
     {0.23391012512123174, 1.5296685695648193, 0.5203081965446472, -0.3403920829296112}},
    {"",
     R"({"crop_pct": 0.9, "crop_mode": "border", "interpolation": "lanczos"})",
     {0.2302794137305884, 1.2899221181869507, 0.415266215801239, -0.7586928009986877}},
    {"",
     R"({"crop_pct": 1.0, "crop_mode": "border", "interpolation": "bicubic", "mean": [0.5, 0.4, 0.3], "std": [0.25, 0.25, 0.25]})",
     {0.3842592754194306, 1.3411765098571777, 0.8627451658248901, -0.054901957511901855}},
    {"",
     R"({"crop_pct": 1.2, "interpolation": "bilinear"})",
     {-0.37192685299143907, 0.7248052358627319, 0.2752102017402649, -1.804444432258606}},
};

void expect_seen(const Preprocessing& p, const Seen& seen, size_t width = 16) {
  ASSERT_EQ(p.image_width, width);
  ASSERT_EQ(p.image_height, 16u);
  const std::vector<uint8_t> pixels = preprocess(noisy_picture(), p);
  const auto at = [&](size_t channel, size_t y, size_t x) {
    return (static_cast<double>(pixels[(y * width + x) * 3 + channel]) *
                static_cast<double>(p.rescale) -
            static_cast<double>(p.mean[channel])) /
           static_cast<double>(p.std[channel]);
  };
  double sum = 0;
  for (size_t c = 0; c < 3; ++c)
    for (size_t y = 0; y < 16; ++y)
      for (size_t x = 0; x < width; ++x) sum += at(c, y, x);
  EXPECT_NEAR(sum / static_cast<double>(3 * 16 * width), seen.mean, 1e-6);
  EXPECT_NEAR(at(0, 3, 5), seen.a, 2e-6);
  EXPECT_NEAR(at(1, 8, 8), seen.b, 2e-6);
  EXPECT_NEAR(at(2, 15, 0), seen.c, 2e-6);
}

using PreprocessingConfigTest = ModelFolderTest;

TEST_F(PreprocessingConfigTest, AsTransformers) {
  for (const Case& c : kTransformers) {
    SCOPED_TRACE(c.config);
    hugging_face({{"model_type", c.model_type}, {"architectures", nullptr}});
    write("preprocessor_config.json", std::string(c.config));
    const Model model = read();
    expect_seen(model.graph.preprocessing, c.seen);
    EXPECT_EQ(model.graph.preprocessing.orientation, Orientation::Apply);
    for (const Setting& setting : model.settings) EXPECT_FALSE(setting.assumed) << setting.name;
  }
}

TEST_F(PreprocessingConfigTest, WithinProcessorConfig) {
  hugging_face();
  write(
      "preprocessor_config.json",
      std::string(R"({"size": 20})"));  // processor_config.json has precedence, as in transformers
  write("processor_config.json", std::string(R"({"processor_class": "X", "image_processor": )") +
                                     kTransformers[1].config + "}");
  const Model model = read();
  expect_seen(model.graph.preprocessing, kTransformers[1].seen);
  EXPECT_EQ(setting_of(model, "mean"),
            "0.4,0.5,0.6 | processor_config.json: image_processor.image_mean");
  write("processor_config.json", std::string(R"({"processor_class": "X"})"));
  write("preprocessor_config.json", std::string(kTransformers[0].config));
  expect_seen(read().graph.preprocessing, kTransformers[0].seen);
}

TEST_F(PreprocessingConfigTest, AsTimm) {
  for (const Case& c : kTimm) {
    SCOPED_TRACE(c.config);
    timm({{"pretrained_cfg", nlohmann::json::parse(c.config)}});
    expect_seen(read().graph.preprocessing, c.seen);
    // TimmWrapper of transformers adds its own keys to timm's.
    timm({{"pretrained_cfg", nlohmann::json::parse(c.config)},
          {"model_type", "timm_wrapper"},
          {"architectures", {"TimmWrapperForImageClassification"}}});
    expect_seen(read().graph.preprocessing, c.seen);
  }
}

TEST_F(PreprocessingConfigTest, PicturesThatAreNotSquare) {
  RandomVit vit;
  vit.image_width = 24;
  for (const Case& c : kTransformersNotSquare) {
    SCOPED_TRACE(c.config);
    hugging_face({{"model_type", c.model_type}, {"architectures", nullptr}}, vit);
    write("preprocessor_config.json", std::string(c.config));
    const Model model = read();
    expect_seen(model.graph.preprocessing, c.seen, 24);
    EXPECT_EQ(setting_of(model, "image_size"),
              "16 high, 24 wide | shapes: the picture's side by the position embeddings");
  }
  for (const Case& c : kTimmNotSquare) {
    SCOPED_TRACE(c.config);
    timm({{"pretrained_cfg", nlohmann::json::parse(c.config)}}, vit);
    expect_seen(read().graph.preprocessing, c.seen, 24);
  }
  timm({{"pretrained_cfg", nlohmann::json::parse(kTimmNotSquare[0].config)}});
  // With another shape than the model was trained for, photos are resized as timm does for that
  // shape.
  ModelOptions options;
  options.adapters.image_size = {24, 16};
  expect_seen(read(options).graph.preprocessing, kTimmNotSquare[0].seen, 24);
}

TEST_F(PreprocessingConfigTest, TimmOfOldHasItsKeysFlat) {
  write_checkpoint(path("model.safetensors"), {});
  nlohmann::json config = nlohmann::json::parse(kTimm[1].config);
  config.update(
      {{"architecture", "vit_tiny_patch4_16"}, {"num_classes", 10}, {"input_size", {3, 16, 16}}});
  write("config.json", config);
  expect_seen(read().graph.preprocessing, kTimm[1].seen);
}

TEST_F(PreprocessingConfigTest, OptionsOverride) {
  hugging_face();
  write("preprocessor_config.json",
        std::string(
            R"({"size": {"height": 24, "width": 24}, "do_center_crop": true, "crop_size": 16})"));
  ModelOptions options;
  options.picture.mean = {{0.1f, 0.2f, 0.3f}};
  options.picture.filter = ResizeFilter::Lanczos;
  options.picture.orientation = Orientation::Ignore;
  Model model = read(options);
  EXPECT_EQ(setting_of(model, "mean"), "0.1,0.2,0.3 | --mean");
  EXPECT_EQ(setting_of(model, "filter"), "lanczos | --filter");
  EXPECT_EQ(setting_of(model, "orientation"), "ignore | --orientation");
  EXPECT_EQ(setting_of(model, "resize"),
            "24x24 whatever its shape | preprocessor_config.json: size, crop_size");
  options.picture.resize = {20, 20};
  EXPECT_EQ(read(options).graph.preprocessing.resize_width, 20u);
  EXPECT_EQ(read(options).graph.preprocessing.mode, ResizeMode::Exact);
  options.picture.mode = ResizeMode::LongerSide;
  model = read(options);
  EXPECT_EQ(model.graph.preprocessing.mode, ResizeMode::LongerSide);
  EXPECT_EQ(setting_of(model, "resize"), "longer side to 20 | --resize, --resize-mode");
  // The sizes in the file are then ignored.
  write("preprocessor_config.json", std::string(R"({"size": {"longest_edge": 20}})"));
  EXPECT_EQ(read(options).graph.preprocessing.resize_width, 20u);
}

TEST_F(PreprocessingConfigTest, WhatCannotBeDoneIsNamed) {
  hugging_face();
  const std::pair<const char*, std::vector<std::string>> kCases[] = {
      {R"({"image_processor_type": "LevitImageProcessor"})",
       {"image_processor_type", "LevitImageProcessor"}},
      {R"({"size": {"longest_edge": 20}})", {"size", "longest_edge", "--resize-mode"}},
      {R"({"size": {"shortest_edge": 16}})", {"size", "shortest_edge", "without a crop"}},
      {R"({"size": {"height": 16, "width": 20}})",
       {"preprocessor_config.json: size", "16 high, 20 wide", "16x16"}},
      {R"({"size": {"height": 224, "width": 224}})",
       {"preprocessor_config.json: size", "224x224", "16x16"}},
      {R"({"size": 20, "do_center_crop": true})", {"do_center_crop", "crop_size is missing"}},
      {R"({"size": 16, "resample": 6})", {"resample is 6"}},
      {R"({"size": 16, "resample": 2.5})", {"resample is 2.5"}},
      {R"({"size": 16, "image_mean": [0.5, 0.5]})", {"image_mean"}},
      {R"({"size": 16, "image_mean": "half"})", {"image_mean", "half"}},
      {R"({"size": 16, "image_std": [0.5, 0, 0.5]})", {"image_std"}},
      {R"({"size": 16, "rescale_factor": 0})", {"rescale_factor is 0"}},
      {R"({"size": 16, "do_pad": true})", {"do_pad is true"}},
      {R"({"size": 16, "do_flip_channel_order": true})", {"do_flip_channel_order is true"}},
      {R"({"size": 100000})", {"size is 100000"}},
      {R"({"size": -16})", {"size is -16"}},
      {R"({"size": {"height": 16}})", {"size is"}},
      {R"({"size": 16, "image_mean": [NaN, 0.5, 0.5]})",
       {"preprocessor_config.json: is not JSON, at line 1"}},
      {R"({"size": 16, "rescale_factor": 1e999})", {"too large"}},
      {R"(["size"])", {"not an object"}},
      {"", {"is not JSON"}},
  };
  for (const auto& [config, words] : kCases) {
    SCOPED_TRACE(config);
    write("preprocessor_config.json", std::string(config));
    expect_refused(words);
  }
  write("preprocessor_config.json", std::string(kTransformers[0].config));
  for (const auto& [key, value, word] : {std::tuple{"crop_mode", "random", "random"},
                                         {"interpolation", "random", "random"},
                                         {"crop_pct", "big", "big"}}) {
    timm({{"pretrained_cfg", {{key, value}}}});
    expect_refused({"pretrained_cfg", key, word});
  }
  timm({{"pretrained_cfg", {{"input_size", {3, 16, 24}}}}});
  expect_refused({"pretrained_cfg.input_size is 16 high, 24 wide", "position embeddings is 16"});
  timm({{"pretrained_cfg", {{"crop_border_pixels", 4}}}});
  expect_refused({"crop_border_pixels is 4"});
}

TEST_F(PreprocessingConfigTest, WithoutAProcessorItIsAssumed) {
  hugging_face();
  const Model model = read();
  EXPECT_EQ(setting_of(model, "resize"),
            "16x16 whatever its shape | assumed: transformers' ViTImageProcessor, without a "
            "preprocessor_config.json");
  EXPECT_EQ(
      setting_of(model, "mean"),
      "0.5,0.5,0.5 | assumed: transformers' ViTImageProcessor, without a preprocessor_config.json");
  EXPECT_NE(describe_assumed(model.settings).find("mean 0.5,0.5,0.5"), std::string::npos);
  std::filesystem::remove(path("config.json"));
  EXPECT_EQ(setting_of(read(), "mean"), "0.485,0.456,0.406 | assumed: usual for ImageNet");
}

}  // namespace
}  // namespace vitro
