// SPDX-License-Identifier: Apache-2.0
// What `vitro convert` calibrates on: photos, or the calibration that --save-calibration saved.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;

namespace {

TEST_F(ToolTest, ConvertTakesACsvOfPhotos) {
  pictures("photos", 4);
  const std::string csv = write("photos/list.csv", "label,file\n1,0.png\n2,3.png\n");
  EXPECT_EQ(run_json({"convert", checkpoint(), "-o", path("vit.vitro"), "--calib", csv})
                .at("calibration_pictures"),
            2);
}

TEST_F(ToolTest, SavedCalibrationIsFoundByItself) {
  const std::string vit = checkpoint(), photos = pictures("photos", 4),
                    saved = path("vit.calibration");
  const nlohmann::json first =
      run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration",
                saved, "--mean", "0.4,0.5,0.6", "--epsilon", "1e-5"});
  EXPECT_EQ(first.at("calibration"), "photos");
  const nlohmann::json again = run_json({"convert", vit, "-o", path("b.vitro")});
  EXPECT_EQ(again.at("calibration"), "saved");
  EXPECT_EQ(again.at("calibration_pictures"), 4);
  EXPECT_EQ(again.at("layers"), first.at("layers"));
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("b.vitro")));

  // The saved calibration in another place and under another name; named on the command line, with
  // the same options.
  std::filesystem::create_directory(path("elsewhere"));
  std::filesystem::rename(saved, path("elsewhere/x.calibration"));
  run_json({"convert", vit, "-o", path("c.vitro"), "--calib", path("elsewhere/x.calibration"),
            "--mean", "0.4,0.5,0.6", "--epsilon", "1e-5", "-t", "1"});
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("c.vitro")));
  EXPECT_EQ(run_json({"convert", vit, "-o", path("d.vitro")}).at("calibration"), "generated");
  EXPECT_NE(
      run_tool({"convert", vit, "-o", path("d.vitro"), "--calib", path("elsewhere/x.calibration")})
          .out.find("x.calibration"),
      std::string::npos);
}

TEST_F(ToolTest, SavedCalibrationAndConfigMustAgree) {
  const std::string vit = checkpoint(), photos = pictures("photos", 3), out = path("out.vitro"),
                    saved = path("vit.calibration");
  const auto config = [&](const char* mean, int heads) {
    write("config.json",
          std::string(R"({"architecture": "vit_test", "model_args": {"num_heads": )") +
              std::to_string(heads) +
              R"(}, "pretrained_cfg": {"input_size": [3, 16, 16], "mean": )" + mean + "}}");
  };
  config("[0.5, 0.5, 0.5]", 2);
  run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration", saved});
  run_json({"convert", path(""), "-o", path("b.vitro"), "--calib", saved});
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("b.vitro")));
  config("[0.5, 0.5, 0.25]", 2);
  expect_refused({"convert", vit, "-o", out},
                 {saved, "mean 0.5,0.5,0.5", "config.json: pretrained_cfg.mean says 0.5,0.5,0.25"});
  config("[0.5, 0.5, 0.5]", 4);
  expect_refused({"convert", vit, "-o", out},
                 {saved, "heads 2", "config.json: model_args.num_heads says 4"});
  // Without the config, the calibration still has the values and their origin.
  std::filesystem::remove(path("config.json"));
  run_json({"convert", vit, "-o", path("c.vitro")});
  const nlohmann::json settings =
      run_json({"inspect", "-m", path("c.vitro")}).at("provenance").at("settings");
  const auto mean = std::find_if(settings.begin(), settings.end(),
                                 [](const nlohmann::json& s) { return s.at("name") == "mean"; });
  ASSERT_NE(mean, settings.end());
  EXPECT_EQ(mean->at("source"), "config.json: pretrained_cfg.mean");
}

TEST_F(ToolTest, LabelsFromJson) {
  const std::string vit = checkpoint(), out = path("out.vitro");
  std::string names = "[";
  for (int i = 0; i < 10; ++i)
    names += std::string(i ? ",\n" : "") + "\"class " + std::to_string(i) + "\"";
  run_json({"convert", vit, "-o", out, "--labels", write("names.json", names + "]")});
  EXPECT_EQ(run_json({"inspect", "-m", out}).at("labels").at(9), "class 9");
  expect_refused({"convert", vit, "-o", path("no.vitro"), "--labels",
                  write("other.json", "{\n\"a\":\n1\n}\n")},
                 {"other.json", "id2label"});
}

TEST_F(ToolTest, PhotosComeBeforeASavedCalibration) {
  const std::string vit = checkpoint(), photos = pictures("photos", 3);
  run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration",
            path("vit.calibration")});
  // With photos, calibration starts again; its result may replace the saved file, even a damaged
  // one.
  write("vit.calibration", "damaged");
  EXPECT_EQ(run_json({"convert", vit, "-o", path("b.vitro"), "--calib", photos,
                      "--save-calibration", path("vit.calibration")})
                .at("calibration"),
            "photos");
  EXPECT_EQ(run_json({"convert", vit, "-o", path("c.vitro")}).at("calibration"), "saved");
}

TEST_F(ToolTest, RefusesACalibrationThatDoesNotFit) {
  const std::string vit = checkpoint(), photos = pictures("photos", 3),
                    saved = path("vit.calibration"), out = path("out.vitro");
  run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration", saved});
  for (const Arguments& option : {Arguments{"--mean", "0.4,0.5,0.6"},
                                  {"--std", "1,1,1"},
                                  {"--resize", "40"},
                                  {"--filter", "bilinear"},
                                  {"--epsilon", "1e-05"},
                                  {"--heads", "2"}}) {
    Arguments arguments = {"convert", vit, "-o", out};
    arguments.insert(arguments.end(), option.begin(), option.end());
    expect_refused(arguments, {saved, "was saved with", option[0], option[1]});
  }
  RandomVit other;
  other.seed = 2;
  expect_refused({"convert", checkpoint("other.safetensors", other), "-o", out, "--calib", saved},
                 {saved, "other weights"});
  expect_refused({"convert", vit, "-o", out, "--calib", path("none.calibration")},
                 {path("none.calibration")});
  expect_refused({"convert", vit, "-o", saved}, {saved, "overwritten"});
  write("vit.calibration", read_bytes(saved).substr(0, 500));
  expect_refused({"convert", vit, "-o", out}, {saved, "damaged"});

  expect_wrong_usage({"convert", vit, "-o", out, "--save-calibration", path("x.calibration")},
                     "--calib");
  expect_wrong_usage(
      {"convert", vit, "-o", out, "--calib", photos, "--save-calibration", path("x.bin")},
      ".calibration");
  expect_wrong_usage({"convert", vit, "-o", path("x.calibration"), "--calib", photos,
                      "--save-calibration", path("x.calibration")},
                     "two names");
}

}  // namespace
}  // namespace vitro
