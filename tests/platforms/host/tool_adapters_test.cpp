// SPDX-License-Identifier: Apache-2.0
// The options --lora, --prompt-tokens and --image-size: of convert, and of eval for the model that
// it compares with.
#include <gtest/gtest.h>

#include <cmath>

#include "converter/base/npy.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

class ToolAdapters : public ToolTest {
 protected:
  /// Writes an adapter for the first block's fused qkv, with a head of 3 classes.
  std::string adapter(float alpha = 8) const {
    std::filesystem::create_directories(path("lora"));
    Checkpoint weights;
    const auto put = [&](const std::string& name, const std::vector<size_t>& shape) {
      CheckpointTensor& tensor = weights.tensors["base_model.model." + name];
      tensor.shape = shape;
      for (size_t i = 0; i < shape[0] * (shape.size() > 1 ? shape[1] : 1); ++i)
        tensor.data.push_back(0.2f * std::sin(static_cast<float>(i * i)));
    };
    put("blocks.0.attn.qkv.lora_A.weight", {4, 64});
    put("blocks.0.attn.qkv.lora_B.weight", {192, 4});
    put("head.weight", {3, 64});
    put("head.bias", {3});
    write_safetensors(path("lora/adapter_model.safetensors"), weights, StoredDtype::F32);
    write("lora/adapter_config.json",
          nlohmann::json{
              {"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", alpha}, {"modules_to_save", {"head"}}}
              .dump());
    return path("lora");
  }

  std::string prompts(size_t count, size_t width) const {
    std::string file = path("prompts.npy");
    NpyWriter writer(file, {width});
    std::vector<float> row(width, 0.5f);
    for (size_t i = 0; i < count; ++i) writer.append(row.data());
    writer.finish();
    return file;
  }

  static std::string setting(const nlohmann::json& said, const std::string& name) {
    for (const auto& setting : said.at("settings")) {
      if (setting.at("name") == name)
        return setting.at("value").get<std::string>() + " | " +
               setting.at("source").get<std::string>();
    }
    return "";
  }
};

TEST_F(ToolAdapters, LoraIsInTheProgramAndInWhatEvalComparesWith) {
  const std::string vit = checkpoint(), lora = adapter(), photos = pictures("photos", 6),
                    out = path("lora.vitro");
  const nlohmann::json said =
      run_json({"convert", vit, "-o", out, "--lora", lora, "--calib", photos});
  EXPECT_NE(setting(said, "lora").find("lora, SHA-256 "), std::string::npos);
  EXPECT_EQ(setting(said, "classes").substr(0, 4), "3 | ");
  EXPECT_NE(run_tool({"inspect", "-m", out}).out.find("--lora"), std::string::npos);
  const std::string labels = write("photos/labels.csv", "file,label\n0.png,0\n1.png,1\n2.png,2\n");
  const Arguments eval = {"eval",     "-m",   out,           "--images", photos,
                          "--labels", labels, "--reference", vit};
  Arguments with = eval;
  with.insert(with.end(), {"--lora", lora});
  EXPECT_GT(run_json(with).at("logit_sqnr_db"), 25);
  expect_refused(eval, {vit, "number of classes"});
}

TEST_F(ToolAdapters, ASavedCalibrationBelongsToTheAdapterToo) {
  const std::string vit = checkpoint(), lora = adapter(), photos = pictures("photos", 4),
                    saved = path("vit.calibration");
  run_json(
      {"convert", vit, "-o", path("base.vitro"), "--calib", photos, "--save-calibration", saved});
  EXPECT_EQ(run_json({"convert", vit, "-o", path("a.vitro")}).at("calibration"), "saved");
  EXPECT_EQ(run_json({"convert", vit, "-o", path("a.vitro"), "--lora", lora}).at("calibration"),
            "generated");
  expect_refused({"convert", vit, "-o", path("a.vitro"), "--lora", lora, "--calib", saved},
                 {saved, "other weights"});
  expect_refused({"convert", vit, "-o", path("a.vitro"), "--image-size", "32", "--calib", saved},
                 {saved, "other weights"});
  expect_refused(
      {"convert", vit, "-o", path("a.vitro"), "--prompt-tokens", prompts(2, 64), "--calib", saved},
      {saved, "other weights"});

  run_json({"convert", vit, "-o", path("b.vitro"), "--lora", lora, "--calib", photos,
            "--save-calibration", path("lora.calibration")});
  run_json(
      {"convert", vit, "-o", path("c.vitro"), "--lora", lora, "--calib", path("lora.calibration")});
  EXPECT_TRUE(read_bytes(path("b.vitro")) == read_bytes(path("c.vitro")));
  adapter(9);  // the same tensors, another alpha
  expect_refused(
      {"convert", vit, "-o", path("a.vitro"), "--lora", lora, "--calib", path("lora.calibration")},
      {"lora.calibration", "other weights"});
}

TEST_F(ToolAdapters, PromptsAndImageSize) {
  const std::string vit = checkpoint(), out = path("out.vitro"), file = prompts(5, 64);
  const nlohmann::json said =
      run_json({"convert", vit, "-o", out, "--prompt-tokens", file, "--image-size", "24"});
  EXPECT_EQ(setting(said, "prompt_tokens"), "5 of prompts.npy | --prompt-tokens");
  EXPECT_EQ(setting(said, "image_size"), "24 | --image-size; trained for 16");
  EXPECT_EQ(setting(said, "prefix_tokens").substr(0, 4), "6 | ");
  EXPECT_EQ(run_json({"inspect", "-m", out}).at("preprocessing").at("image_size"), 24);
  const std::string photos = pictures("photos", 3),
                    labels = write("photos/labels.csv", "file,label\n0.png,0\n1.png,1\n2.png,2\n");
  EXPECT_GT(run_json({"eval", "-m", out, "--images", photos, "--labels", labels, "--reference", vit,
                      "--prompt-tokens", file, "--image-size", "24"})
                .at("logit_sqnr_db"),
            20);

  expect_refused({"convert", vit, "-o", path("x.vitro"), "--image-size", "22"},
                 {vit, "22 pixels", "patches of 4"});
  expect_refused({"convert", vit, "-o", path("x.vitro"), "--prompt-tokens", prompts(5, 63)},
                 {vit, "64", "prompt tokens, 63"});
  expect_refused({"convert", vit, "-o", path("x.vitro"), "--lora", path("nowhere")},
                 {path("nowhere"), "not the folder of an adapter"});
  expect_refused({"convert", vit, "-o", file, "--prompt-tokens", file}, {file, "overwritten"});
  adapter();
  expect_refused(
      {"convert", vit, "-o", path("lora/adapter_model.safetensors"), "--lora", path("lora")},
      {"adapter_model.safetensors", "overwritten"});
}

// vitro inspect --graph takes the same options for a model as convert, and shows what the model
// becomes.
TEST_F(ToolAdapters, TheGraphOfAModelWithEachOption) {
  const std::string vit = checkpoint(), out = path("out.vitro"), lora = adapter(),
                    file = prompts(5, 64);
  const auto inspected = [&](Arguments options) {
    options.insert(options.begin(), {"inspect", "--graph", vit});
    return run_json(options).at("nodes");
  };
  for (const Arguments& options :
       {Arguments{}, Arguments{"--lora", lora}, Arguments{"--image-size", "24"},
        Arguments{"--prompt-tokens", file}, Arguments{"--set", "heads=2"},
        Arguments{"--resize", "32", "--filter", "nearest"}}) {
    Arguments convert = {"convert", vit, "-o", out};
    convert.insert(convert.end(), options.begin(), options.end());
    run_json(convert);
    std::vector<std::string> steps, planned;
    for (const auto& node : inspected(options)) {
      const std::string step = node.at("step");
      if (!step.empty() && (planned.empty() || planned.back() != step)) planned.push_back(step);
    }
    const nlohmann::json program = run_json({"inspect", "-m", out});
    for (const auto& step : program.at("schedule")) steps.push_back(step.at("name"));
    EXPECT_EQ(planned, steps);
  }
  // The number of classes, of patches, of tokens.
  EXPECT_EQ(inspected({"--lora", lora}).back().at("cols"), 3);
  EXPECT_EQ(inspected({"--image-size", "24"})[0].at("rows"), 36);
  EXPECT_EQ(inspected({"--image-size", "16x24"})[0].at("rows"), 24);
  EXPECT_EQ(inspected({"--prompt-tokens", file})[2].at("rows"), 6);
  expect_refused({"inspect", "--graph", vit, "--image-size", "22"}, {vit, "22 pixels"});
  expect_refused({"inspect", "--graph", vit, "--set", "heads=5"}, {vit, "heads"});
  for (const Arguments& alone : {Arguments{"--lora", lora}, Arguments{"--set", "heads=2"},
                                 Arguments{"--image-size", "24"}, Arguments{"--mean", "0,0,0"}}) {
    Arguments arguments = {"inspect", "-m", out};
    arguments.insert(arguments.end(), alone.begin(), alone.end());
    EXPECT_EQ(run_tool(arguments).exit_code, 2) << alone[0];
  }
}

}  // namespace
}  // namespace vitro
