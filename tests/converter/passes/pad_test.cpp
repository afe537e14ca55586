// SPDX-License-Identifier: Apache-2.0
// Widths that are not multiples of 4: the padded graph computes the same as a naive ViT in double,
// and its program nearly the same.
#include "converter/passes/pad.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include <gtest/gtest.h>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/passes/fold.h"
#include "converter/quantise/activations.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/naive_vit.h"

namespace vitro {

using namespace converter;

namespace {

struct Widths {
  size_t dim, heads, hidden, patch, image;
};

// Patches of 147, 27, 75 and 3 values; MLPs of 22, 33, 66, 170; heads of 10, 11, 7, 1; streams of
// 30, 33, 35, 50, 7.
constexpr Widths kWidths[] = {{32, 1, 0, 7, 28},  {16, 1, 22, 3, 12}, {16, 1, 33, 4, 16},
                              {36, 3, 66, 5, 20}, {64, 1, 170, 1, 8}, {30, 3, 0, 7, 21},
                              {33, 3, 0, 4, 16},  {35, 5, 22, 3, 15}, {50, 5, 33, 14, 28},
                              {7, 7, 9, 2, 8}};

std::vector<RandomVit> odd_models() {
  std::vector<RandomVit> all;
  for (const Widths& w : kWidths) {
    RandomVit vit;
    vit.dim = w.dim, vit.heads = w.heads, vit.hidden = w.hidden, vit.patch = w.patch,
    vit.image = w.image;
    const size_t kind = all.size() % 5;
    vit.distillation = kind == 1;
    vit.mean_pooling = kind == 2;
    vit.class_token = kind != 3;
    vit.layer_scale = kind == 4;
    vit.classes = 7;
    all.push_back(vit);
  }
  return all;
}

TEST(Pad, KeepsTheFunction) {
  for (const RandomVit& vit : odd_models()) {
    SCOPED_TRACE(vit.dim);
    const Checkpoint checkpoint = make_checkpoint(vit);
    const Graph graph = vit::build_vit(checkpoint, {vit.heads, 1e-6f}), padded = pad(graph);
    EXPECT_FALSE(is_padded(graph));
    EXPECT_TRUE(is_padded(padded));
    const std::vector<uint8_t> pixels = random_picture(vit, 3);
    const std::vector<double> expected = naive_vit(checkpoint, vit, pixels.data());
    for (const Graph& same : {graph, padded, fold(padded)}) {
      const std::vector<float> logits = FloatExecutor(same).run(pixels.data()).front();
      ASSERT_EQ(logits.size(), expected.size());
      for (size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 2e-5);
    }
  }
}

TEST(Pad, EpsilonIsThatOfTheNarrowerRow) {
  RandomVit vit;
  vit.dim = 35, vit.heads = 5;
  for (const Node& node : pad(vit::build_vit(make_checkpoint(vit), {vit.heads, 1e-3f})).nodes) {
    if (node.is<LayerNorm>())
      EXPECT_FLOAT_EQ(node.as<LayerNorm>().epsilon, 1e-3f * 35 / 36) << node.name;
  }
}

TEST(Pad, LeavesOthersAlone) {
  RandomVit vit;
  vit.dim = 36, vit.heads = 3;
  const Graph graph = vit::build_vit(make_checkpoint(vit), {vit.heads, 1e-6f});
  ASSERT_TRUE(is_padded(graph));
  const Graph padded = pad(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].is<Linear>())
      EXPECT_EQ(padded.nodes[i].as<Linear>().weight.data, graph.nodes[i].as<Linear>().weight.data);
    if (graph.nodes[i].is<LayerNorm>())
      EXPECT_EQ(padded.nodes[i].as<LayerNorm>().gamma, graph.nodes[i].as<LayerNorm>().gamma);
    EXPECT_EQ(padded.nodes[i].cols, graph.nodes[i].cols);
  }
  EXPECT_THROW(pad(fold(graph)), std::logic_error);
}

double program_sqnr_db(const AlignedBytes& file, const Checkpoint& checkpoint,
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
    const std::vector<double> expected = naive_vit(checkpoint, vit, pixels.data());
    std::memcpy(vitro_input(session, nullptr), pixels.data(), pixels.size());
    const float* logits = vitro_run(session);
    for (size_t i = 0; i < expected.size(); ++i) {
      signal += expected[i] * expected[i];
      noise += (logits[i] - expected[i]) * (logits[i] - expected[i]);
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Pad, ProgramsOfOddWidthsAreCloseToNaiveOnes) {
  for (const bool static_scales : {false, true}) {
    for (const RandomVit& vit : odd_models()) {
      SCOPED_TRACE(std::to_string(vit.dim) + (static_scales ? " static" : " dynamic"));
      const Checkpoint checkpoint = make_checkpoint(vit);
      ConvertOptions options;
      options.static_scales = static_scales;
      Pictures pictures;
      for (uint32_t i = 0; i < 16; ++i) pictures.push_back(random_picture(vit, 100 + i));
      const ConvertResult result = convert(
          checkpoint, vit::build_vit(checkpoint, {vit.heads, 1e-6f}), pictures, options, nullptr);
      EXPECT_GT(program_sqnr_db(result.file, checkpoint, vit), vit.dim < 16 ? 20 : 25);
    }
  }
}

TEST(Pad, WhatPacksByFourRefusesOtherWidths) {
  const auto packed = [](size_t k) {
    return pack_linear("a", {1, k, std::vector<int8_t>(k), {1.0f}}, {1.0f}, {0.0f});
  };
  EXPECT_EQ(packed(8).weights.size(), 16 * 8u);
  for (const size_t k : {6u, 7u, 9u}) EXPECT_THROW(packed(k), std::logic_error);
  EXPECT_THROW(
      pack_linear("a", {2, 8, std::vector<int8_t>(8), {1.0f, 1.0f}}, {1.0f, 1.0f}, {0.0f, 0.0f}),
      std::logic_error);
  for (const schema::Format format : {schema::Format::Keys, schema::Format::Values}) {
    EXPECT_NO_THROW(Activations(format, 5, 24, 2, 1));
    EXPECT_THROW(Activations(format, 5, 20, 2, 1), std::logic_error);
    EXPECT_THROW(Activations(format, 5, 20, 3, 1), std::logic_error);
  }
}

}  // namespace
}  // namespace vitro
