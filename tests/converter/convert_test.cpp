// SPDX-License-Identifier: Apache-2.0
// The numbers that a conversion promises, each measured again on the program that it makes.
#include "converter/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "converter/float/executor.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

class ConversionTest : public testing::TestWithParam<bool> {  // static scales
 protected:
  void SetUp() override {
    RandomVit vit;
    vit.dim = 64, vit.depth = 2, vit.heads = 2, vit.image = 32, vit.patch = 8, vit.classes = 10;
    checkpoint_ = make_checkpoint(vit);
    vit::VitOptions options;
    options.heads = 2;
    graph_ = vit::build_vit(checkpoint_, options);
    for (uint32_t i = 0; i < 9; ++i) {
      pictures_.emplace_back(32 * 32 * 3);
      golden_picture(50 + i, pictures_.back().data(), 32, 32);
    }
    ConvertOptions convert_options;
    convert_options.static_scales = GetParam();
    result_ = convert(checkpoint_, graph_, pictures_, convert_options, nullptr);
  }

  std::vector<std::vector<float>> of_the_program() const {
    vitro_program program;
    EXPECT_EQ(vitro_open(result_.file.data(), result_.file.size(), &program), VITRO_OK);
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
    std::vector<std::vector<float>> all;
    for (const auto& picture : pictures_) {
      size_t bytes = 0;
      std::memcpy(vitro_input(session, &bytes), picture.data(), picture.size());
      const float* logits = vitro_run(session);
      all.emplace_back(logits, logits + 10);
    }
    return all;
  }

  std::vector<std::vector<float>> of_the_graph() const {
    FloatExecutor executor(graph_);
    std::vector<std::vector<float>> all;
    for (const auto& picture : pictures_) all.push_back(executor.run(picture.data()).front());
    return all;
  }

  Checkpoint checkpoint_;
  Graph graph_;
  Pictures pictures_;
  ConvertResult result_;
};

TEST_P(ConversionTest, SqnrIsThatOfTheLogits) {
  const auto got = of_the_program(), want = of_the_graph();
  double signal = 0, noise = 0;
  for (size_t i = 0; i < want.size(); ++i)
    for (size_t c = 0; c < 10; ++c) {
      const double truth = static_cast<double>(want[i][c]),
                   difference = static_cast<double>(got[i][c]) - truth;
      signal += truth * truth;
      noise += difference * difference;
    }
  EXPECT_NEAR(result_.logit_sqnr_db, 10 * std::log10(signal / noise), 0.02);
  EXPECT_EQ(result_.layers.back().sqnr_db, result_.logit_sqnr_db);
}

// Bias correction: over the calibration pictures, each column of the tokens has the float model's
// mean, although the patch embedding's weights are rounded. The only difference left is the
// rounding of the residual stream.
TEST_P(ConversionTest, MeansOfTokensAreThoseOfTheFloatModel) {
  const schema::Program& p = *schema::GetProgram(result_.file.data());
  const schema::Tensor* tokens = nullptr;
  for (const schema::Tensor* t : *p.tensors())
    if (t->name() && std::string(t->name()->c_str()) == "tokens") tokens = t;
  ASSERT_NE(tokens, nullptr);
  ASSERT_EQ(tokens->format(), schema::Format::S16);

  vitro_program program;
  ASSERT_EQ(vitro_open(result_.file.data(), result_.file.size(), &program), VITRO_OK);
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  std::vector<double> mean(tokens->cols());
  for (const auto& picture : pictures_) {
    size_t bytes = 0;
    uint8_t* input = vitro_input(session, &bytes);
    const uint8_t* planned = input - p.tensors()->Get(p.input())->offset();
    std::memcpy(input, picture.data(), bytes);
    size_t step = 0;
    do vitro_run_step(session, step);
    while (std::string(p.steps()->Get(static_cast<unsigned>(step++))->name()->c_str()) != "prefix");
    const auto* values = reinterpret_cast<const int16_t*>(planned + tokens->offset());
    for (size_t i = 0; i < size_t{tokens->rows()} * tokens->cols(); ++i)
      mean[i % tokens->cols()] += values[i];
  }
  const double count = static_cast<double>(tokens->rows() * pictures_.size());
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (!graph_.nodes[i].is<Tokens>()) continue;
    for (size_t c = 0; c < mean.size(); ++c)
      EXPECT_NEAR(
          mean[c] / count,
          result_.calibration.statistics[i].mean[c] / static_cast<double>(p.residual_scale()), 0.5)
          << c;
  }
}

// The residual stream can represent one and a half times the largest magnitude in the calibration.
TEST_P(ConversionTest, HeadroomOfTheResidualStream) {
  float largest = 0;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (!graph_.nodes[i].is<Tokens>() && !graph_.nodes[i].is<Add>()) continue;
    const ColumnStatistics& s = result_.calibration.statistics[i];
    for (size_t c = 0; c < s.lowest.size(); ++c)
      largest = std::max({largest, -s.lowest[c], s.highest[c]});
  }
  ASSERT_GT(largest, 0);
  const float scale = schema::GetProgram(result_.file.data())->residual_scale();
  EXPECT_NEAR(scale * 32767, 1.5f * largest, 1e-5f * largest);
}

INSTANTIATE_TEST_SUITE_P(Scales, ConversionTest, testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "Static" : "Dynamic");
});

}  // namespace
}  // namespace vitro
