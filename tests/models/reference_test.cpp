// SPDX-License-Identifier: Apache-2.0
// Small seeded models of every family against what PyTorch's libraries answer: reference/, which
// make_reference.py wrote.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

/// All of reference/: a folder with a config as one model, else each of its files of weights.
std::vector<fs::path> all_models() {
  std::vector<fs::path> all;
  for (const auto& folder : fs::directory_iterator(VITRO_REFERENCE_MODELS)) {
    if (fs::exists(folder.path() / "config.json")) {
      all.push_back(folder.path());
      continue;
    }
    for (const auto& file : fs::directory_iterator(folder.path()))
      if (file.path().extension() == ".safetensors") all.push_back(file.path());
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

class Reference : public testing::TestWithParam<fs::path> {};

TEST_P(Reference, AgreesWithPyTorch) {
  const auto expected =
      nlohmann::json::parse(std::ifstream(folder_of(GetParam()) / "expected.json"));
  ModelOptions options;
  for (const std::string setting : expected.at("settings")) {
    const size_t equals = setting.find('=');
    const std::string name = setting.substr(0, equals);
    options.settings[name] = said(setting.substr(equals + 1), "--set " + name);
  }
  const Model model = read_model(GetParam().string(), options);
  EXPECT_EQ(family_of(model.checkpoint).name, expected.at("family").get<std::string>());

  const std::vector<uint8_t> pixels = expected.at("pixels");
  const std::vector<std::vector<float>> outputs = FloatExecutor(model.graph).run(pixels.data());
  ASSERT_EQ(model.graph.outputs.size(), expected.at("outputs").size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    SCOPED_TRACE(model.graph.outputs[i].name);
    const std::vector<double> want = expected.at("outputs").at(model.graph.outputs[i].name);
    ASSERT_EQ(outputs[i].size(), want.size());
    EXPECT_GT(sqnr_db(want, outputs[i]), 100);
  }
}

INSTANTIATE_TEST_SUITE_P(, Reference, testing::ValuesIn(all_models()), [](const auto& info) {
  std::string name = info.param.lexically_relative(VITRO_REFERENCE_MODELS).string();
  for (char& c : name)
    if (c == '/' || c == '.') c = '_';
  return name;
});

// Each family has a model of its own name, which every preset runs as well (end_to_end/).
TEST(ReferenceTest, EveryFamilyHasOne) {
  for (const Family* family : all_families()) {
    const fs::path own = fs::path(VITRO_REFERENCE_MODELS) / family->name;
    if (std::string(family->name) != "vit")  // whose models tests/support makes
      EXPECT_TRUE(fs::exists(own / "model.safetensors")) << own;
  }
}

}  // namespace
}  // namespace vitro
