// SPDX-License-Identifier: Apache-2.0
// The tool with static activations: converts programs, runs them with vitro's kernels and with
// XNNPACK, and refuses what is not possible.
#include <gtest/gtest.h>

#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

using Json = nlohmann::json;

const Arguments kStatic = {"--activations", "static"};

std::vector<std::string> hashes(const Json& run) {
  std::vector<std::string> all;
  for (const Json& result : run.at("results")) all.push_back(result.at("logits_sha256"));
  return all;
}

TEST_F(ToolTest, StaticActivationsAreAnotherProgram) {
  const std::string vit = checkpoint(), model = path("static.vitro"), other = path("dynamic.vitro"),
                    again = path("again.vitro");
  run_json({"convert", vit, "-o", model, "--activations", "static"});
  run_json({"convert", vit, "-o", other});
  run_json({"convert", vit, "-o", again, "--activations", "dynamic"});
  EXPECT_TRUE(read_bytes(other) == read_bytes(again));
  const Json facts = run_json({"inspect", "-m", model});
  EXPECT_NE(facts.at("provenance").at("quantisation").get<std::string>().find("static"),
            std::string::npos);
  EXPECT_NE(facts.at("provenance").at("options").get<std::string>().find("activations=static"),
            std::string::npos);
  std::string ops;
  for (const Json& step : facts.at("steps")) ops += step.at("op").get<std::string>() + " ";
  for (const char* op : {"StaticNorm", "StaticQuantise", "Lookup", "StaticAdd"})
    EXPECT_NE(ops.find(op), std::string::npos) << op;
  EXPECT_EQ(facts.at("macs"), run_json({"inspect", "-m", other}).at("macs"));
  EXPECT_EQ(run_json({"verify", "-m", model}).at("golden"), true);
}

TEST_F(ToolTest, StaticActivationsAreCloseToFloat) {
  const std::string folder = pictures("photos", 24);
  std::string csv = "file,label\n";
  for (int i = 0; i < 24; ++i) csv += std::to_string(i) + ".png,0\n";
  const std::string labels = write("labels.csv", csv);
  for (const bool class_token : {true, false}) {
    RandomVit options;
    options.class_token = class_token;
    const std::string model =
        program("static.vitro", options, {"--activations", "static", "--calib", folder});
    const Json facts = run_json({"eval", "-m", model, "--images", folder, "--labels", labels,
                                 "--reference", model + ".safetensors"});
    EXPECT_GT(facts.at("logit_sqnr_db"), 15) << class_token;
    EXPECT_GE(facts.at("agreement"), 0.75) << class_token;
  }
}

TEST_F(ToolTest, StaticCalibrationIsSaved) {
  const std::string vit = checkpoint(), photos = pictures("photos", 4),
                    saved = path("vit.calibration");
  const Json first = run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos,
                               "--save-calibration", saved, "--activations", "static"});
  const Json again =
      run_json({"convert", vit, "-o", path("b.vitro"), "--activations", "static", "-t", "1"});
  EXPECT_EQ(again.at("calibration"), "saved");
  EXPECT_EQ(again.at("layers"), first.at("layers"));
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("b.vitro")));
  // A calibration for one kind of scales does not serve for the other.
  expect_refused({"convert", vit, "-o", path("c.vitro")},
                 {saved, "static", "--activations static"});
  run_json({"convert", vit, "-o", path("d.vitro"), "--calib", photos, "--save-calibration", saved});
  expect_refused({"convert", vit, "-o", path("c.vitro"), "--activations", "static"},
                 {saved, "dynamic", "--calib"});
  expect_wrong_usage({"convert", vit, "-o", path("c.vitro"), "--activations", "sometimes"},
                     "sometimes");
}

#ifdef VITRO_HAVE_XNNPACK

TEST_F(ToolTest, XnnpackGivesTheSameBits) {
  const std::string a = picture("a.png", 1), b = picture("b.png", 2),
                    folder = pictures("photos", 6);
  for (const size_t heads : {1, 4}) {
    RandomVit options;
    options.heads = heads;
    const std::string model = program("static.vitro", options, kStatic);
    const std::vector<std::string> expected =
        hashes(run_json({"run", "-m", model, "-i", a, b, "--isa", "reference"}));
    EXPECT_NE(expected[0], expected[1]);
    for (const char* threads : {"1", "2", "3"}) {
      const Json facts =
          run_json({"run", "-m", model, "-i", a, b, "--linear", "xnnpack", "-t", threads});
      EXPECT_EQ(facts.at("linear"), "xnnpack");
      EXPECT_EQ(hashes(facts), expected) << threads << " threads";
      EXPECT_EQ(
          run_json({"verify", "-m", model, "--linear", "xnnpack", "-t", threads}).at("golden"),
          true);
    }
    std::string csv = "file,label\n";
    for (int i = 0; i < 6; ++i) csv += std::to_string(i) + ".png,0\n";
    Arguments eval = {"eval",
                      "-m",
                      model,
                      "--images",
                      folder,
                      "--labels",
                      write("labels.csv", csv),
                      "--reference",
                      model + ".safetensors",
                      "--heads",
                      std::to_string(heads),
                      "-t",
                      "2"};
    const Json ours = run_json(eval);
    eval.insert(eval.end(), {"--linear", "xnnpack"});
    const Json theirs = run_json(eval);
    EXPECT_EQ(theirs.at("logit_sqnr_db"), ours.at("logit_sqnr_db"));
    EXPECT_EQ(theirs.at("top1"), ours.at("top1"));
  }
}

TEST_F(ToolTest, XnnpacksMemoryIsCountedApart) {
  const std::string model = program("static.vitro", {}, kStatic);
  const Json alone = run_json({"bench", "-m", model, "-n", "3"}),
             one = run_json({"bench", "-m", model, "-n", "3", "--linear", "xnnpack", "--profile"}),
             two = run_json({"bench", "-m", model, "-n", "3", "--linear", "xnnpack", "-t", "2"});
  EXPECT_EQ(alone.at("provider_bytes"), 0);
  EXPECT_EQ(alone.at("linear"), "vitro");
  EXPECT_EQ(one.at("arena_bytes"), alone.at("arena_bytes"));
  // The weights of 2 blocks (q, k, v, projection and MLP, 64 columns), which are packed again, once
  // for each thread.
  EXPECT_GT(one.at("provider_bytes"), 2 * 12 * 64 * 64);
  EXPECT_LT(one.at("provider_bytes"), 3 * 2 * 12 * 64 * 64);
  EXPECT_EQ(two.at("provider_bytes"), 2 * one.at("provider_bytes").get<size_t>());
  const ToolResult human = run_tool({"bench", "-m", model, "-n", "3", "--linear", "xnnpack"});
  EXPECT_NE(human.out.find(std::to_string(one.at("provider_bytes").get<size_t>())),
            std::string::npos)
      << human.out;
}

TEST_F(ToolTest, XnnpackTakesNoDynamicProgram) {
  const std::string model = program();
  for (const Arguments& command :
       {Arguments{"verify"}, {"bench"}, {"run", "-i", picture("a.png")}}) {
    Arguments arguments = {command[0], "-m", model, "--linear", "xnnpack"};
    arguments.insert(arguments.end(), command.begin() + 1, command.end());
    expect_refused(arguments, {model, "static", "--activations static"});
  }
  expect_wrong_usage({"verify", "-m", model, "--linear", "magic"}, "magic");
}

#else

TEST_F(ToolTest, WithoutXnnpackItIsRefused) {
  expect_refused({"verify", "-m", program("static.vitro", {}, kStatic), "--linear", "xnnpack"},
                 {"no XNNPACK", "libxnnpack-dev"});
}

#endif

}  // namespace
}  // namespace vitro
