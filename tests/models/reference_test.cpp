// SPDX-License-Identifier: Apache-2.0
// Small seeded models of every family, compared with the answers of PyTorch's libraries.
// make_reference.py wrote both to reference/.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "models/families.h"
#include "models/model.h"

namespace vitro {

using namespace converter;

namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& model) {
  return fs::is_directory(model) ? model : model.parent_path();
}

/// All models of reference/: a folder with a config is one model; of other folders, each file of
/// weights is one.
std::vector<fs::path> all_models() {
  std::vector<fs::path> all;
  for (const auto& folder : fs::directory_iterator(VITRO_REFERENCE_MODELS)) {
    if (fs::exists(folder.path() / "config.json")) {
      all.push_back(folder.path());
      continue;
    }
    for (const auto& file : fs::directory_iterator(folder.path()))
      if (file.path().extension() == ".safetensors" || file.path().extension() == ".npz" ||
          file.path().extension() == ".index")
        all.push_back(file.path());
  }
  std::sort(all.begin(), all.end());
  return all;
}

double sqnr_db(const std::vector<double>& want, const std::vector<float>& got) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    signal += want[i] * want[i];
    noise += (want[i] - got[i]) * (want[i] - got[i]);
  }
  return 10 * std::log10(signal / noise);
}

Model read(const fs::path& path, const std::vector<std::string>& settings) {
  ModelOptions options;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    const std::string name = setting.substr(0, equals);
    options.settings[name] = said(setting.substr(equals + 1), "--set " + name);
  }
  return read_model(path.string(), options);
}

class Reference : public testing::TestWithParam<fs::path> {
 protected:
  const nlohmann::json expected =
      nlohmann::json::parse(std::ifstream(folder_of(GetParam()) / "expected.json"));
  const std::vector<uint8_t> pixels = expected.at("pixels");
  const Model model = read(GetParam(), expected.at("settings"));

  std::vector<double> want(size_t output) const {
    return expected.at("outputs").at(model.graph.outputs[output].name);
  }
};

TEST_P(Reference, AgreesWithPyTorch) {
  EXPECT_EQ(family_of(model.checkpoint).name, expected.at("family").get<std::string>());

  const std::vector<std::vector<float>> outputs = FloatExecutor(model.graph).run(pixels.data());
  ASSERT_EQ(model.graph.outputs.size(), expected.at("outputs").size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    SCOPED_TRACE(model.graph.outputs[i].name);
    ASSERT_EQ(outputs[i].size(), want(i).size());
    EXPECT_GT(sqnr_db(want(i), outputs[i]), 100);
  }
}

// Calibrated on other pictures, with dynamic and with static scales. Random weights quantise worse
// than trained ones.
TEST_P(Reference, StaysCloseInInt8) {
  for (const bool static_scales : {false, true}) {
    SCOPED_TRACE(static_scales ? "static" : "dynamic");
    ConvertOptions options;
    options.static_scales = static_scales;
    options.threads = 2;
    const Pictures pictures = generated_pictures(model.graph.preprocessing);
    const AlignedBytes file =
        std::move(convert(model.checkpoint, model.graph, pictures, options, nullptr).file);
    vitro_program program;
    ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
    EXPECT_EQ(vitro_self_test(session), VITRO_OK);
    size_t size = 0;
    uint8_t* const input = vitro_input(session, &size);
    ASSERT_EQ(size, pixels.size());
    std::copy(pixels.begin(), pixels.end(), input);
    vitro_run(session);
    for (size_t i = 0; i < model.graph.outputs.size(); ++i) {
      SCOPED_TRACE(model.graph.outputs[i].name);
      const float* const values = vitro_output_values(session, i);
      EXPECT_GT(sqnr_db(want(i), {values, values + want(i).size()}), 20);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Reference, testing::ValuesIn(all_models()), [](const auto& info) {
  std::string name = info.param.lexically_relative(VITRO_REFERENCE_MODELS).string();
  for (char& c : name)
    if (c == '/' || c == '.') c = '_';
  return name;
});

// Each family has a model of its own name, which every preset runs too (end_to_end/).
TEST(ReferenceTest, EveryFamilyHasOne) {
  for (const Family* family : all_families()) {
    const fs::path own = fs::path(VITRO_REFERENCE_MODELS) / family->name;
    if (std::string(family->name) != "vit")  // tests/support makes models of this family
      EXPECT_TRUE(fs::exists(own / "model.safetensors")) << own;
  }
}

}  // namespace
}  // namespace vitro
