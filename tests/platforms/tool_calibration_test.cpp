// What `vitro convert` calibrates on: photos, and what --save-calibration kept of them.
#include <gtest/gtest.h>

#include "tests/platforms/tool_runner.h"

namespace vitro {
namespace {

TEST_F(ToolTest, ConvertTakesACsvOfPhotos) {
  pictures("photos", 4);
  const std::string csv = write("photos/list.csv", "label,file\n1,0.png\n2,3.png\n");
  EXPECT_EQ(run_json({"convert", checkpoint(), "-o", path("vit.vitro"), "--calib", csv}).at("calibration_pictures"), 2);
}

TEST_F(ToolTest, SavedCalibrationIsFoundByItself) {
  const std::string vit = checkpoint(), photos = pictures("photos", 4), saved = path("vit.calibration");
  const nlohmann::json first = run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration", saved, "--mean", "0.4,0.5,0.6", "--epsilon", "1e-5"});
  EXPECT_EQ(first.at("calibration"), "photos");
  const nlohmann::json again = run_json({"convert", vit, "-o", path("b.vitro")});
  EXPECT_EQ(again.at("calibration"), "saved");
  EXPECT_EQ(again.at("calibration_pictures"), 4);
  EXPECT_EQ(again.at("layers"), first.at("layers"));
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("b.vitro")));

  // Named, under another name, beside another copy of the weights, with the options repeated.
  std::filesystem::create_directory(path("elsewhere"));
  std::filesystem::rename(saved, path("elsewhere/x.calibration"));
  run_json({"convert", vit, "-o", path("c.vitro"), "--calib", path("elsewhere/x.calibration"), "--mean", "0.4,0.5,0.6", "--epsilon", "1e-5", "-t", "1"});
  EXPECT_TRUE(read_bytes(path("a.vitro")) == read_bytes(path("c.vitro")));
  EXPECT_EQ(run_json({"convert", vit, "-o", path("d.vitro")}).at("calibration"), "generated");
  EXPECT_NE(run_tool({"convert", vit, "-o", path("d.vitro"), "--calib", path("elsewhere/x.calibration")}).out.find("x.calibration"), std::string::npos);
}

TEST_F(ToolTest, PhotosComeBeforeASavedCalibration) {
  const std::string vit = checkpoint(), photos = pictures("photos", 3);
  run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration", path("vit.calibration")});
  // Photos are measured anew, and may replace it, even with what is saved damaged.
  write("vit.calibration", "damaged");
  EXPECT_EQ(run_json({"convert", vit, "-o", path("b.vitro"), "--calib", photos, "--save-calibration", path("vit.calibration")}).at("calibration"), "photos");
  EXPECT_EQ(run_json({"convert", vit, "-o", path("c.vitro")}).at("calibration"), "saved");
}

TEST_F(ToolTest, RefusesACalibrationThatDoesNotFit) {
  const std::string vit = checkpoint(), photos = pictures("photos", 3), saved = path("vit.calibration"), out = path("out.vitro");
  run_json({"convert", vit, "-o", path("a.vitro"), "--calib", photos, "--save-calibration", saved});
  for (const Arguments& option : {Arguments{"--mean", "0.4,0.5,0.6"}, {"--std", "1,1,1"}, {"--resize", "40"}, {"--filter", "bilinear"}, {"--epsilon", "1e-05"}, {"--heads", "2"}}) {
    Arguments arguments = {"convert", vit, "-o", out};
    arguments.insert(arguments.end(), option.begin(), option.end());
    expect_refused(arguments, {saved, "was saved with", option[0], option[1]});
  }
  RandomVit other;
  other.seed = 2;
  expect_refused({"convert", checkpoint("other.safetensors", other), "-o", out, "--calib", saved}, {saved, "other weights"});
  expect_refused({"convert", vit, "-o", out, "--calib", path("none.calibration")}, {path("none.calibration")});
  expect_refused({"convert", vit, "-o", saved}, {saved, "overwritten"});
  write("vit.calibration", read_bytes(saved).substr(0, 500));
  expect_refused({"convert", vit, "-o", out}, {saved, "damaged"});

  expect_wrong_usage({"convert", vit, "-o", out, "--save-calibration", path("x.calibration")}, "--calib");
  expect_wrong_usage({"convert", vit, "-o", out, "--calib", photos, "--save-calibration", path("x.bin")}, ".calibration");
  expect_wrong_usage({"convert", vit, "-o", path("x.calibration"), "--calib", photos, "--save-calibration", path("x.calibration")}, "two names");
}

}  // namespace
}  // namespace vitro
