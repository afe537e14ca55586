// SPDX-License-Identifier: Apache-2.0
// Variants of the plain ViT that need no op of their own: registers, DINOv2's and DeiT-III's
// positions, other poolings, missing biases, prompts.
#include <cmath>
#include <cstring>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/convert.h"
#include "converter/float/executor.h"
#include "models/vit/config.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/naive_vit.h"

namespace vitro {

using namespace converter;

namespace {

struct Trunk {
  const char* name;
  std::function<void(RandomVit& vit, vit::VitOptions& options)> change;
};

Matrix prompts_of(size_t rows, size_t cols) {
  Matrix prompts(rows, cols);
  for (size_t i = 0; i < prompts.data.size(); ++i)
    prompts.data[i] = std::sin(static_cast<float>(i * i));
  return prompts;
}

const Trunk kTrunks[] = {
    {"registers", [](RandomVit& v, vit::VitOptions&) { v.registers = 4; }},
    {"registers, positions of the patches alone",
     [](RandomVit& v, vit::VitOptions&) {
       v.registers = 4, v.prefix_positions = false, v.layer_scale = true;
     }},
    {"registers behind the class token's position",
     [](RandomVit& v, vit::VitOptions&) {
       v.registers = 4, v.register_positions = false, v.layer_scale = true;
     }},
    {"registers, no class token, fc_norm",
     [](RandomVit& v, vit::VitOptions&) {
       v.registers = 4, v.class_token = false, v.prefix_positions = false, v.mean_pooling = true;
     }},
    {"registers, no class token, norm",
     [](RandomVit& v, vit::VitOptions&) { v.registers = 4, v.class_token = false; }},
    {"one register and fc_norm",
     [](RandomVit& v, vit::VitOptions&) {
       v.registers = 1, v.mean_pooling = true, v.prefix_positions = false;
     }},
    {"class token, norm, mean",
     [](RandomVit& v, vit::VitOptions& o) {
       v.mean_of_normed = true, o.pooling = vit::Pooling::Mean;
     }},
    {"class token and mean",
     [](RandomVit& v, vit::VitOptions&) { v.token_and_mean = true, v.layer_scale = true; }},
    {"class token and mean with registers",
     [](RandomVit& v, vit::VitOptions&) {
       v.token_and_mean = true, v.registers = 4, v.register_positions = false;
     }},
    {"DeiT-III",
     [](RandomVit& v, vit::VitOptions&) { v.layer_scale = true, v.prefix_positions = false; }},
    {"no biases", [](RandomVit& v, vit::VitOptions&) { v.biases = false, v.qkv_bias = false; }},
    {"no biases but qkv's", [](RandomVit& v, vit::VitOptions&) { v.biases = false; }},
    {"prompts", [](RandomVit&, vit::VitOptions& o) { o.prompts = prompts_of(5, 48); }},
    {"prompts and registers",
     [](RandomVit& v, vit::VitOptions& o) { v.registers = 4, o.prompts = prompts_of(1, 48); }},
    {"prompts and distillation",
     [](RandomVit& v, vit::VitOptions& o) {
       v.distillation = true, o.prompts = prompts_of(7, 48);
     }},
    {"prompts and mean",
     [](RandomVit& v, vit::VitOptions& o) {
       v.mean_pooling = true, o.prompts = prompts_of(2, 48);
     }},
};

/// The SQNR of the program's logits, compared with the naive model's.
double sqnr_db(const AlignedBytes& file,
               const std::function<std::vector<double>(const std::vector<uint8_t>& pixels)>& naive,
               const RandomVit& vit) {
  vitro_program program;
  if (vitro_open(file.data(), file.size(), &program) != VITRO_OK)
    throw std::runtime_error(program.fault);
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  if (vitro_bind(&program, nullptr, arena.data(), arena.size(), &session) != VITRO_OK)
    throw std::runtime_error("does not bind");
  double signal = 0, noise = 0;
  for (uint32_t seed = 0; seed < 4; ++seed) {
    const std::vector<uint8_t> pixels = random_picture(vit, seed);
    const std::vector<double> expected = naive(pixels);
    std::memcpy(vitro_input(session, nullptr), pixels.data(), pixels.size());
    const float* logits = vitro_run(session);
    for (size_t i = 0; i < expected.size(); ++i) {
      signal += expected[i] * expected[i];
      noise += (logits[i] - expected[i]) * (logits[i] - expected[i]);
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Trunks, AgainstNaiveOnes) {
  for (const Trunk& trunk : kTrunks) {
    for (const bool static_scales : {false, true}) {
      SCOPED_TRACE(std::string(trunk.name) + (static_scales ? ", static" : ", dynamic"));
      RandomVit vit;
      vit.dim = 48, vit.heads = 3, vit.image = 20;
      vit::VitOptions options;
      options.heads = 3;
      trunk.change(vit, options);
      const Checkpoint checkpoint = make_checkpoint(vit);
      const Graph graph = vit::build_vit(checkpoint, options);
      const auto naive = [&](const std::vector<uint8_t>& pixels) {
        return naive_vit(checkpoint, vit, pixels.data(), options.prompts);
      };
      const std::vector<uint8_t> pixels = random_picture(vit, 3);
      const std::vector<double> expected = naive(pixels);
      const std::vector<float> logits = FloatExecutor(graph).run(pixels.data()).front();
      ASSERT_EQ(logits.size(), expected.size());
      for (size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 2e-5);

      ConvertOptions convert_options;
      convert_options.static_scales = static_scales;
      Pictures pictures;
      for (uint32_t i = 0; i < 16; ++i) pictures.push_back(random_picture(vit, 100 + i));
      const ConvertResult result = convert(checkpoint, graph, pictures, convert_options, nullptr);
      EXPECT_GT(sqnr_db(result.file, naive, vit), 28);
    }
  }
}

TEST(Trunks, WhatWasDeduced) {
  RandomVit vit;
  vit.registers = 4, vit.register_positions = false;
  vit::VitConfig config;
  vit::build_vit(make_checkpoint(vit), {}, &config);
  EXPECT_EQ(config.class_tokens, 1u);
  EXPECT_EQ(config.registers, 4u);
  EXPECT_EQ(config.positioned, 1u);
  EXPECT_EQ(config.prefix(), 5u);
  EXPECT_EQ(config.trained_grid, (vit::GridSize{4, 4}));
  EXPECT_TRUE(config.norm_bias);
  EXPECT_EQ(config.pool, vit::VitPool::Token);
  vit.biases = false, vit.token_and_mean = true;
  vit::build_vit(make_checkpoint(vit), {}, &config);
  EXPECT_FALSE(config.norm_bias);
  EXPECT_EQ(config.pool, vit::VitPool::TokenAndMean);
}

void expect_refused(const RandomVit& vit, const vit::VitOptions& options,
                    const std::string& fault) {
  try {
    vit::build_vit(make_checkpoint(vit), options);
    ADD_FAILURE() << "accepted, where it should be: " << fault;
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find(fault), std::string::npos) << e.what();
  }
}

TEST(Trunks, Refusals) {
  vit::VitOptions options;
  options.prompts = prompts_of(2, 63);
  expect_refused({}, options, "its width of 64 is not that of the prompt tokens, 63");
  options = {};
  options.pooling = vit::Pooling::Token;
  RandomVit vit;
  vit.class_token = false;
  expect_refused(vit, options, "has no class token, which is what its classifier is said to read");
  options.pooling = vit::Pooling::Mean;
  vit.class_token = vit.distillation = true;
  expect_refused(vit, options, "has a distillation head");
  options = {};
  options.image_size = {18, 18};
  expect_refused({}, options, "a picture of 18 pixels is not whole patches of 4");
  options.image_size = {4 * 200, 4 * 200};
  expect_refused({}, options, "the number of its tokens, of 40001 is beyond the runtime's 32768");
  options.image_size = {20, 18};
  expect_refused({}, options, "a picture 18 high, 20 wide is not whole patches of 4");
  // 9 positions may belong to 3 x 3 patches, or to 2 x 2 patches, the class token and 4 registers.
  vit = {};
  vit.registers = 4, vit.image = 8;
  expect_refused(vit, {}, "are those of more than one square picture");
  // 13 positions for 3 x 4 patches and the class token: they are not a square, and nothing tells
  // the shape.
  vit = {};
  vit.image = 12, vit.image_width = 16;
  expect_refused(vit, {}, "its 13 positions, of which 1 may be of class");
  expect_refused(vit, {}, "--image-size");
}

}  // namespace
}  // namespace vitro
