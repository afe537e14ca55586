// SPDX-License-Identifier: Apache-2.0
// The contract of the tool: what each sub-command prints, and that it is true.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

bool is_sha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string numbered_lines(size_t count) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) lines += "thing " + std::to_string(i) + "\n";
  return lines;
}

TEST_F(ToolTest, Convert) {
  const std::string out = path("vit.vitro"), report = path("report.html");
  const Json facts = run_json({"convert", checkpoint(), "-o", out, "--calib", pictures("photos", 6),
                               "--labels", write("names", numbered_lines(10)), "--report", report});
  expect_counts(facts, {"file_bytes", "arena_bytes", "calibration_pictures"});
  expect_numbers(facts, {"seconds", "logit_sqnr_db"});
  EXPECT_EQ(facts.at("file_bytes"), std::filesystem::file_size(out));
  EXPECT_EQ(facts.at("calibration_pictures"), 6);
  EXPECT_GT(facts.at("logit_sqnr_db"), 15);
  EXPECT_LT(facts.at("logit_sqnr_db"), 100);
  ASSERT_GT(facts.at("layers").size(), 10u);
  for (const Json& layer : facts.at("layers")) {
    EXPECT_FALSE(layer.at("name").get<std::string>().empty());
    EXPECT_GT(layer.at("sqnr_db"), 15) << layer;
  }
  EXPECT_EQ(facts.at("layers").back().at("sqnr_db"), facts.at("logit_sqnr_db"));
  const std::string html = read_bytes(report);
  for (const Json& layer : facts.at("layers"))
    EXPECT_NE(html.find(layer.at("name").get<std::string>()), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("")), {}),
            5);  // checkpoint, photos, names, program, report

  const ToolResult human =
      run_tool({"convert", path("vit.safetensors"), "-o", path("again.vitro")});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.err.find("quantising"), std::string::npos) << "no progress";
  EXPECT_EQ(human.out.find("quantising"), std::string::npos);
  EXPECT_NE(human.out.find("blocks.1.mlp.fc2"), std::string::npos);
  EXPECT_NE(human.out.find("again.vitro"), std::string::npos);
  EXPECT_NE(human.out.find("--calib"), std::string::npos) << "no advice to calibrate on photos";
}

TEST_F(ToolTest, WhatIsAssumedIsSaid) {
  const std::string vit = checkpoint(), out = path("out.vitro");
  for (const Arguments& calibration :
       {Arguments{},
        {"--calib", pictures("photos", 2), "--save-calibration", path("vit.calibration")},
        {}}) {  // generated pictures, photos, the saved calibration
    Arguments arguments = {"convert", vit, "-o", out};
    arguments.insert(arguments.end(), calibration.begin(), calibration.end());
    const ToolResult result = run_tool(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(result.err.find("warning: the number of heads, 1, is assumed"), std::string::npos)
        << result.err;
    EXPECT_NE(result.err.find(
                  "assumed, since neither an option nor a file says it: heads 1, epsilon 1e-06"),
              std::string::npos)
        << result.err;
  }
  const ToolResult said = run_tool(
      {"convert", vit, "-o", path("other.vitro"), "--calib", path("photos"), "--heads", "1"});
  EXPECT_EQ(said.err.find("warning: the number of heads"), std::string::npos) << said.err;
  EXPECT_NE(said.out.find("--heads"), std::string::npos);
}

TEST_F(ToolTest, ConvertRecordsItsPreprocessing) {
  const std::string model = program("vit.vitro", {},
                                    {"--resize", "20", "--filter", "bilinear", "--mean",
                                     "0.5,0.25,0.75", "--std", "0.5,0.5,0.25"});
  const Json facts = run_json({"inspect", "-m", model});
  EXPECT_EQ(
      facts.at("preprocessing"),
      Json::parse(
          R"({"image_size":16,"image_width":16,"image_height":16,"mode":"shorter","resize":20,"filter":"bilinear","crop_rounding":"half-even","fill":[0,0,0],
                        "orientation":"apply","rescale":0.003921568859368563,"mean":[0.5,0.25,0.75],"std":[0.5,0.5,0.25]})"));
  EXPECT_TRUE(run_json({"verify", "-m", model}).at("golden"));
}

TEST_F(ToolTest, Inspect) {
  const std::string model = path("vit.vitro");
  const Json converted = run_json(
      {"convert", checkpoint(), "-o", model, "--labels", write("names", numbered_lines(10))});
  const Json facts = run_json({"inspect", "-m", model});
  expect_counts(facts, {"arena_bytes", "file_bytes", "macs", "classes"});
  EXPECT_EQ(facts.at("arena_bytes"), converted.at("arena_bytes"));
  EXPECT_EQ(facts.at("file_bytes"), converted.at("file_bytes"));
  const Json& memories = facts.at("memories");
  expect_counts(memories, {"session", "activations", "scratch"});
  uint64_t tensors = 0, scratch = 0;
  for (const Json& tensor : facts.at("memory"))
    tensors =
        std::max(tensors, tensor.at("offset").get<uint64_t>() + tensor.at("bytes").get<uint64_t>());
  for (const Json& step : facts.at("schedule"))
    scratch = std::max(scratch, step.at("scratch_bytes").get<uint64_t>());
  EXPECT_EQ(memories.at("activations"), tensors);
  EXPECT_EQ(memories.at("scratch"), scratch);
  uint64_t macs = 0;
  for (const Json& step : facts.at("steps")) {
    EXPECT_FALSE(step.at("op").get<std::string>().empty());
    EXPECT_FALSE(step.at("name").get<std::string>().empty());
    ASSERT_TRUE(step.at("macs").is_number_unsigned());
    macs += step.at("macs").get<uint64_t>();
  }
  // 16 patches of 4 x 4 x 3; a block with 17 tokens: q, k, v, proj and the MLP, both products of
  // attention; the last block, of which one token is read; the head.
  EXPECT_EQ(macs, 16u * 48 * 64 + 17 * (4 + 8) * 64 * 64 + 2 * 17 * 17 * 64 +
                      (17 * 2 + 10) * 64 * 64 + 2 * 17 * 64 + 64 * 10);
  EXPECT_EQ(facts.at("macs"), macs);
  for (const char* key : {"bytes_moved", "calls"}) {
    uint64_t sum = 0;
    for (const Json& step : facts.at("steps")) sum += step.at(key).get<uint64_t>();
    EXPECT_GT(sum, 0u) << key;
    EXPECT_EQ(facts.at(key), sum) << key;
  }
  ASSERT_EQ(facts.at("labels").size(), 10u);
  EXPECT_EQ(facts.at("labels")[9], "thing 9");
  const Json& provenance = facts.at("provenance");
  EXPECT_EQ(provenance.at("checkpoint"), "vit.safetensors");
  EXPECT_TRUE(is_sha256(provenance.at("checkpoint_sha256")));
  for (const char* key : {"converter", "options", "quantisation"})
    EXPECT_FALSE(provenance.at(key).get<std::string>().empty()) << key;
  for (const Json& tensor : facts.at("memory"))
    EXPECT_LE(tensor.at("offset").get<uint64_t>() + tensor.at("bytes").get<uint64_t>(),
              facts.at("arena_bytes"))
        << tensor;

  const ToolResult human = run_tool({"inspect", "-m", model});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_EQ(human.err, "");
  for (const char* word : {"blocks.1.mlp.fc2", "10 classes", "bicubic", "checkpoint_sha256"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
}

TEST_F(ToolTest, InspectGraph) {
  const Json dynamic = run_json({"inspect", "--graph", checkpoint()}).at("nodes");
  const Json all = run_json({"inspect", "--graph", checkpoint(), "--activations", "static"});
  EXPECT_EQ(all.at("file"), checkpoint());
  const auto node = [](const Json& nodes, const std::string& name, const std::string& kind) {
    for (const Json& n : nodes)
      if (n.at("name") == name && n.at("kind") == kind) return n;
    ADD_FAILURE() << name;
    return Json();
  };
  Json fc1 = node(dynamic, "blocks.0.mlp.fc1", "linear");
  EXPECT_EQ(fc1.at("epilogue"), "gelu");
  EXPECT_EQ(fc1.at("format"), "S16");
  EXPECT_EQ(fc1.at("step"), "blocks.0.norm2");
  EXPECT_EQ(fc1.at("rows"), 17);
  EXPECT_EQ(fc1.at("cols"), 256);
  EXPECT_EQ(dynamic[fc1.at("inputs")[0].get<size_t>()].at("name"), "blocks.0.norm2");
  fc1 = node(all.at("nodes"), "blocks.0.mlp.fc1", "linear");
  EXPECT_EQ(fc1.at("epilogue"), "");
  EXPECT_EQ(fc1.at("format"), "S8");
  const ToolResult human = run_tool({"inspect", "--graph", checkpoint()});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"step patch_embed", "blocks.1.norm1.leading", "in place"})
    EXPECT_NE(human.out.find(word), std::string::npos) << word;
  EXPECT_EQ(run_tool({"inspect"}).exit_code, 2);
  EXPECT_EQ(run_tool({"inspect", "-m", "a", "--graph", checkpoint()}).exit_code, 2);
  EXPECT_EQ(run_tool({"inspect", "--graph", write("no.safetensors", "none")}).exit_code, 1);
}

TEST_F(ToolTest, Run) {
  const std::string labelled = program("labelled.vitro", {},
                                       {"--labels", write("names", numbered_lines(10))}),
                    plain = program();
  const std::string bmp = picture("a.bmp", 1), png = picture("b.png", 2),
                    tall = picture("c.bmp", 3, 40, 100), same = picture("same.png", 1);
  const Json facts =
      run_json({"run", "-m", labelled, "-i", bmp, png, tall, same, "-k", "3", "-t", "1"});
  ASSERT_EQ(facts.at("results").size(), 4u);
  for (const Json& result : facts.at("results")) {
    EXPECT_TRUE(is_sha256(result.at("logits_sha256"))) << result;
    expect_numbers(result, {"milliseconds"});
    ASSERT_EQ(result.at("top").size(), 3u);
    double last = 1, sum = 0;
    for (const Json& answer : result.at("top")) {
      const double probability = answer.at("probability");
      EXPECT_LE(probability, last);
      EXPECT_GE(probability, 0);
      last = probability, sum += probability;
      ASSERT_LT(answer.at("index"), 10u);
      EXPECT_EQ(answer.at("label"), "thing " + answer.at("index").dump());
    }
    EXPECT_LE(sum, 1.0001);
  }
  EXPECT_EQ(facts.at("results")[0].at("image"), bmp);
  EXPECT_EQ(facts.at("results")[2].at("image"), tall);
  EXPECT_EQ(hashes(facts)[0], hashes(facts)[3]);  // the same pixels in another file
  EXPECT_NE(hashes(facts)[0], hashes(facts)[1]);

  const Json unlabelled = run_json({"run", "-m", plain, "-i", bmp, "-k", "100"});
  EXPECT_EQ(hashes(unlabelled)[0], hashes(facts)[0]);  // labels do not change logits
  ASSERT_EQ(unlabelled.at("results")[0].at("top").size(), 10u);
  EXPECT_TRUE(unlabelled.at("results")[0].at("top")[0].at("label").is_string());
  double sum = 0;
  for (const Json& answer : unlabelled.at("results")[0].at("top"))
    sum += answer.at("probability").get<double>();
  EXPECT_NEAR(sum, 1, 1e-4);

  const ToolResult human = run_tool({"run", "-m", labelled, "-i", bmp, "-k", "1"});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_NE(human.out.find(facts.at("results")[0].at("top")[0].at("label").get<std::string>()),
            std::string::npos);
  EXPECT_NE(human.out.find(hashes(facts)[0]), std::string::npos);
}

TEST_F(ToolTest, NamesThatAreNotUtf8) {
  std::string names;
  for (int i = 0; i < 10; ++i) names += "caf\xe9 " + std::to_string(i) + "\n";
  const std::string model = program("caf\xe9.vitro", {}, {"--labels", write("names", names)});
  EXPECT_EQ(
      run_json({"run", "-m", model, "-i", picture("p\xff.png")}).at("results")[0].at("top").size(),
      5u);
  EXPECT_EQ(run_json({"inspect", "-m", model}).at("labels").size(), 10u);
}

}  // namespace
}  // namespace vitro
