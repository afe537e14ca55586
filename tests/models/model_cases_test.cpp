// SPDX-License-Identifier: Apache-2.0
// Small models that PyTorch made and ran: compares its logits with those of the whole way from the
// folder to the answer. Skipped where the cases are absent.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/float/executor.h"
#include "models/model.h"
#include "platforms/host/pictures/picture.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

std::string case_folder(const std::string& name) {
  return std::string(VITRO_TEST_DATA) + "/../cases/" + name;
}

class ModelCases : public testing::TestWithParam<const char*> {};

TEST_P(ModelCases, GiveTheLogitsOfPyTorch) {
  const std::string folder = case_folder(GetParam());
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data: " << folder;
  const auto expected = nlohmann::json::parse(std::ifstream(folder + "/expected.json"));
  const std::vector<double> want = expected.at("float32_logits");
  const Model model = read_model(folder, {});
  const std::vector<float> logits =
      FloatExecutor(model.graph)
          .run(prepare_picture(folder + "/" + expected.at("picture").get<std::string>(),
                               model.graph.preprocessing)
                   .data())
          .front();
  ASSERT_EQ(logits.size(), want.size());
  for (size_t c = 0; c < want.size(); ++c)
    EXPECT_NEAR(static_cast<double>(logits[c]), want[c], 2e-5) << c;  // the file has five digits
}

INSTANTIATE_TEST_SUITE_P(, ModelCases,
                         testing::Values("config_activation_quick_gelu", "config_heads",
                                         "config_preprocessing", "config_preprocessing_timm"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ModelCasesTest, ActivationsAreRefused) {
  const std::string folder = case_folder("config_activation_relu");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data: " << folder;
  try {
    read_model(folder, {});
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("hidden_act is \"relu\""), std::string::npos)
        << error.what();
  }
}

TEST(ModelCasesTest, ShardsAreOneModel) {
  const std::string folder = case_folder("folder_sharded");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data: " << folder;
  const Model model = read_model(folder, {}),
              by_index = read_model(folder + "/model.safetensors.index.json", {});
  EXPECT_EQ(model.labels.at(4), "LABEL_4");
  EXPECT_EQ(model.checkpoint.sha256, by_index.checkpoint.sha256);
  EXPECT_EQ(by_index.labels, model.labels);
}

}  // namespace
}  // namespace vitro
