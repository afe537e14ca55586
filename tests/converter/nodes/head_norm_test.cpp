// SPDX-License-Identifier: Apache-2.0
// Cosine attention: heads normalised in float as PyTorch does it, in int8 close to that.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/rotate.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro::head_norm_node_test {

using namespace converter;

namespace {

constexpr size_t kSide = 4, kPatch = 4, kDim = 16, kHeads = 2;

Matrix random_matrix(size_t rows, size_t cols, std::mt19937& random, float scale) {
  std::normal_distribution<float> normal(0, scale);
  Matrix m(rows, cols);
  for (float& value : m.data) value = normal(random);
  return m;
}

struct Cosine {
  Graph graph;
  size_t q = 0, k = 0, q_norm = 0, k_norm = 0, attention = 0;
};

/// Patches that attend to each other by the cosines of `heads` heads; some columns of queries and
/// keys are far larger than the others.
Cosine cosine(float factor, float largest, size_t heads = kHeads) {
  std::mt19937 random(5);
  Cosine c;
  Graph& g = c.graph;
  g.preprocessing.image_width = g.preprocessing.image_height = kSide * kPatch;
  g.preprocessing.resize_width = g.preprocessing.resize_height = kSide * kPatch;
  const auto linear = [&](const char* name, size_t from, size_t cols) {
    Linear l{random_matrix(cols, g.nodes[from].cols, random, 0.3f), std::vector<float>(cols, 0.1f)};
    return add_node(g, name, {from}, std::move(l));
  };
  const size_t pixels = add_node(g, "pixels", {}, PatchRows{kPatch, kPatch});
  const size_t embedded = linear("patch_embed", pixels, kDim);
  c.q = linear("q", embedded, kDim), c.k = linear("k", embedded, kDim);
  for (const size_t node : {c.q, c.k})
    for (size_t n = 0; n < kDim; n += 7)
      for (size_t i = 0; i < kDim; ++i) g.nodes[node].as<Linear>().weight.row(n)[i] *= largest;
  const size_t v = linear("v", embedded, kDim);
  c.q_norm = add_node(g, "q_norm", {c.q}, HeadNorm{std::vector<float>(heads, factor), 1e-24f});
  c.k_norm = add_node(g, "k_norm", {c.k}, HeadNorm{std::vector<float>(heads, 1), 1e-24f});
  Attention attention;
  attention.heads = kHeads, attention.scale = 1;
  c.attention = add_node(g, "attention", {c.q_norm, c.k_norm, v}, attention);
  const size_t proj = linear("proj", c.attention, kDim);
  const size_t sum = add_node(g, "sum", {embedded, proj}, Add{});
  g.outputs.push_back({linear("head", sum, 12), "rows", OutputKind::Features});
  return c;
}

// torch 2.13: 3 * torch.nn.functional.normalize(x.view(2, 4), dim=-1) of the first row, 1.5 of the
// second, which is zeros but for one number.
TEST(HeadNormNode, IsPyTorchsNormalize) {
  Graph g;
  g.preprocessing.image_width = g.preprocessing.image_height = kPatch;
  const size_t rows = add_node(g, "rows", {}, Constant{Matrix(2, 8)});
  const float x[] = {1, -2, 0.5f, 4, 0, 0, 0.001f, 0, 3, 0, 4, 0, 0, 0, 0, 0};
  std::copy_n(x, 16, g.nodes[rows].as<Constant>().rows.data.begin());
  const size_t norm = add_node(g, "norm", {rows}, HeadNorm{{3, 1.5f}, 1e-24f});
  g.outputs.push_back({norm, "norm", OutputKind::Features});
  const std::vector<uint8_t> picture(kPatch * kPatch * 3);
  const std::vector<float> y = FloatExecutor(g).run(picture.data())[0];
  const float expected[] = {0.65079137f, -1.3015827f, 0.32539569f, 2.6031655f, 0, 0, 1.5f, 0,
                            1.8f,        0,           2.4f,        0,          0, 0, 0,    0};
  for (size_t i = 0; i < 16; ++i) EXPECT_FLOAT_EQ(y[i], expected[i]) << i;
}

TEST(HeadNormNode, HeadsDivideTheColumns) {
  Cosine c = cosine(1, 1);
  EXPECT_THROW(add_node(c.graph, "bad", {c.q}, HeadNorm{std::vector<float>(3, 1), 0}),
               std::logic_error);
  EXPECT_THROW(add_node(c.graph, "bad", {c.q}, HeadNorm{}), std::logic_error);
}

ConvertResult to_int8(const Graph& graph) {
  return convert(Checkpoint(), graph, generated_pictures(graph.preprocessing), {}, {});
}

void expect_same_everywhere(const AlignedBytes& file) {
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  EXPECT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 2, 3}) {
      options.isa = vitro_isa_name(i);
      options.threads = threads;
      EXPECT_EQ(run_program(program, options).logits, expected.logits)
          << options.isa << ", " << threads << " threads";
    }
}

TEST(HeadNormNode, InInt8) {
  for (const float factor : {1.0f, 10.0f, 100.0f})
    for (const float largest : {1.0f, 20.0f}) {
      const ConvertResult result = to_int8(cosine(factor, largest).graph);
      EXPECT_GT(result.logit_sqnr_db, 25) << factor << " " << largest;
      expect_same_everywhere(result.file);
      for (const LayerError& layer : result.layers) EXPECT_GT(layer.sqnr_db, 25) << layer.name;
    }
}

std::vector<uint8_t> some_picture() {
  std::vector<uint8_t> picture(kSide * kPatch * kSide * kPatch * 3);
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i * 37 % 251);
  return picture;
}

float first_of(const Graph& graph, size_t node) {
  float first = 0;
  FloatExecutor(graph).run(some_picture().data(), [&](size_t at, const float* value) {
    if (at == node) first = *value;
  });
  return first;
}

// By way of the norm: lengths and products stay, columns that are larger than the others do not.
TEST(HeadNormNode, HeadsAreRotatedBehindIt) {
  const Cosine c = cosine(10, 20);
  Graph rotated = c.graph;
  rotate(rotated);
  EXPECT_GT(std::abs(first_of(rotated, c.q) - first_of(c.graph, c.q)), 0.1f);
  const std::vector<float> before = FloatExecutor(c.graph).run(some_picture().data())[0],
                           after = FloatExecutor(rotated).run(some_picture().data())[0];
  for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i], 1e-3f) << i;
  // Where something else reads what is normalised, its columns stay.
  Cosine shown = cosine(10, 20);
  shown.graph.outputs.push_back({shown.q_norm, "q", OutputKind::Features});
  rotated = shown.graph;
  rotate(rotated);
  EXPECT_NEAR(first_of(rotated, c.q), first_of(shown.graph, c.q), 1e-3f);
}

TEST(HeadNormNode, OtherHeadsThanAttentionsAreRefused) {
  EXPECT_THROW(to_int8(cosine(10, 1, 4).graph), std::exception);
  Cosine shown = cosine(10, 1);
  shown.graph.outputs.push_back({shown.q_norm, "q", OutputKind::Features});
  EXPECT_THROW(to_int8(shown.graph), std::exception);
}

}  // namespace
}  // namespace vitro::head_norm_node_test
