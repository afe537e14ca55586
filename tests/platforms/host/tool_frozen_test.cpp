// SPDX-License-Identifier: Apache-2.0
// What the tool says about the frozen programs (tests/programs).
#include <gtest/gtest.h>

#include <cmath>

#include "converter/draft/program_object_generated.h"
#include "tests/support/tool_runner.h"

namespace vitro {

namespace {

using Json = nlohmann::json;

std::string frozen(const std::string& name) { return VITRO_FROZEN_PROGRAMS "/" + name; }

// Objects in `after` may have more keys than those in `before`; nothing else may differ.
void expect_still_said(const Json& before, const Json& after, const std::string& where) {
  if (!before.is_object()) {
    EXPECT_EQ(after, before) << where;
    return;
  }
  ASSERT_TRUE(after.is_object()) << where;
  for (const auto& [key, value] : before.items()) {
    ASSERT_TRUE(after.contains(key)) << where << "/" << key;
    expect_still_said(value, after.at(key), where + "/" + key);
  }
}

TEST_F(ToolTest, InspectStillSaysOfFrozenPrograms) {
  size_t programs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS)) {
    if (entry.path().extension() != ".vitro") continue;
    const std::string name = entry.path().stem().string();
    const Json before = Json::parse(read_bytes(frozen(name + ".inspect.json")));
    expect_still_said(before, run_json({"inspect", "-m", frozen(name + ".vitro")}), name);
    ++programs;
  }
  EXPECT_GE(programs, 9u);
}

TEST_F(ToolTest, VerifyAcceptsFrozenPrograms) {
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS))
    if (entry.path().extension() == ".vitro") {
      const ToolResult result = run_tool({"verify", "-m", entry.path().string()});
      EXPECT_EQ(result.exit_code, 0) << entry.path() << result.err;
    }
}

schema::ProgramT unpacked(const std::string& path) {
  schema::ProgramT program;
  schema::UnPackTo(*schema::GetProgram(read_bytes(path).data()), &program);
  return program;
}

void expect_near(float a, float b, const std::string& what) {
  EXPECT_NEAR(a, b, 1e-5f * std::abs(b)) << what;
}

void expect_same_scales(const schema::OpT& a, const schema::OpT& b) {
  ASSERT_EQ(a.args.type, b.args.type) << a.name;
  if (const auto* norm = a.args.AsStaticNorm()) {
    expect_near(norm->scale, b.args.AsStaticNorm()->scale, a.name);
    expect_near(norm->epsilon, b.args.AsStaticNorm()->epsilon, a.name);
    EXPECT_EQ(norm->zero_point, b.args.AsStaticNorm()->zero_point) << a.name;
  } else if (const auto* quantise = a.args.AsStaticQuantise()) {
    expect_near(quantise->scale, b.args.AsStaticQuantise()->scale, a.name);
    EXPECT_EQ(quantise->zero_point, b.args.AsStaticQuantise()->zero_point) << a.name;
  } else if (const auto* add = a.args.AsStaticAdd()) {
    expect_near(add->scale, b.args.AsStaticAdd()->scale, a.name);
  } else if (const auto* attention = a.args.AsAttention()) {
    const std::vector<float>& other = b.args.AsAttention()->score_scale;
    ASSERT_EQ(attention->score_scale.size(), other.size()) << a.name;
    for (size_t i = 0; i < other.size(); ++i)
      expect_near(attention->score_scale[i], other[i], a.name);
  }
}

// A calibration file of vitro 0.1.0 must give the same program as it gave then, apart from what
// float32 rounds differently on another machine.
TEST_F(ToolTest, AFrozenCalibrationGivesTheSameProgram) {
  RandomVit vit;
  vit.dim = vit.hidden = 16, vit.depth = 1, vit.heads = 2, vit.patch = 4, vit.image = 12;
  vit.classes = 3, vit.seed = 109;
  const std::string tiny = checkpoint("tiny.safetensors", vit);
  std::filesystem::copy(frozen("calibration/tiny.calibration"), path("tiny.calibration"));
  const Json facts =
      run_json({"convert", tiny, "-o", path("tiny.vitro"), "--activations", "static"});
  EXPECT_EQ(facts.at("calibration"), "saved");
  EXPECT_EQ(facts.at("calibration_pictures"), 6);
  EXPECT_EQ(facts.at("logit_sqnr_db"), 30.26229863381122);

  const std::string before = frozen("calibration/tiny.vitro");
  Json said = run_json({"inspect", "-m", before}),
       says = run_json({"inspect", "-m", path("tiny.vitro")});
  EXPECT_EQ(says.at("preprocessing"), said.at("preprocessing"));
  EXPECT_EQ(says.at("provenance").at("settings"), said.at("provenance").at("settings"));
  EXPECT_EQ(says.at("steps"), said.at("steps"));

  const schema::ProgramT was = unpacked(before), is = unpacked(path("tiny.vitro"));
  expect_near(is.residual_scale, was.residual_scale, "residual_scale");
  ASSERT_EQ(is.steps.size(), was.steps.size());
  for (size_t s = 0; s < was.steps.size(); ++s) {
    ASSERT_EQ(is.steps[s]->ops.size(), was.steps[s]->ops.size()) << was.steps[s]->name;
    for (size_t o = 0; o < was.steps[s]->ops.size(); ++o)
      expect_same_scales(*is.steps[s]->ops[o], *was.steps[s]->ops[o]);
  }
  ASSERT_EQ(is.constants.size(), was.constants.size());
  size_t different = 0;
  for (size_t i = 0; i < was.constants.size(); ++i)
    different += is.constants[i] != was.constants[i];
  EXPECT_LE(different, was.constants.size() / 20);
}

}  // namespace
}  // namespace vitro
