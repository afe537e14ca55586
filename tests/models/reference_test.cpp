// SPDX-License-Identifier: Apache-2.0
// Small seeded models of every family against what PyTorch's libraries answer: reference/, which
// make_reference.py wrote.
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

struct Case {
  const char *path, *family;
  size_t heads;  // 0: by width, or none
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.path; }

double sqnr_db(const std::vector<double>& want, const std::vector<float>& got) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    signal += want[i] * want[i];
    noise += (want[i] - got[i]) * (want[i] - got[i]);
  }
  return 10 * std::log10(signal / noise);
}

class Reference : public testing::TestWithParam<Case> {};

TEST_P(Reference, AgreesWithPyTorch) {
  const std::filesystem::path path =
      std::filesystem::path(VITRO_REFERENCE_MODELS) / GetParam().path;
  const std::filesystem::path folder =
      std::filesystem::is_directory(path) ? path : path.parent_path();
  const auto expected = nlohmann::json::parse(std::ifstream(folder / "expected.json"));
  ModelOptions options;
  if (GetParam().heads)
    options.settings["heads"] = said(std::to_string(GetParam().heads), "--heads");
  const Model model = read_model(path.string(), options);
  EXPECT_STREQ(family_of(model.checkpoint).name, GetParam().family);

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

INSTANTIATE_TEST_SUITE_P(, Reference,
                         testing::Values(Case{"dino/model.safetensors", "vit", 2},
                                         Case{"dinov2/model.safetensors", "vit", 2},
                                         Case{"dinov2_reg4/model.safetensors", "vit", 2},
                                         Case{"dinov2_reg4/original_names.safetensors", "vit", 2},
                                         Case{"hf_dinov2", "vit", 0},
                                         Case{"hf_dinov2_with_registers", "vit", 0},
                                         Case{"mixer", "mlp_mixer", 0},
                                         Case{"resmlp/model.safetensors", "resmlp", 0},
                                         Case{"resmlp/original_names.safetensors", "resmlp", 0}),
                         [](const auto& info) {
                           std::string name = info.param.path;
                           for (char& c : name)
                             if (c == '/' || c == '.') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace vitro
