// SPDX-License-Identifier: Apache-2.0
// Rows gathered into windows, and attention with a bias and with regions in them: in float by the
// formula, in int8 close to that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "tests/support/small_program.h"

namespace vitro::gather_node_test {

using namespace converter;

namespace {

constexpr size_t kSide = 4, kPatch = 4, kDim = 16, kHeads = 2,
                 kWindow = 8;  // 16 patches, two windows

Matrix random_matrix(size_t rows, size_t cols, std::mt19937& random, float scale) {
  std::normal_distribution<float> normal(0, scale);
  Matrix m(rows, cols);
  for (float& value : m.data) value = normal(random);
  return m;
}

struct Windows {
  Graph graph;
  size_t gathered = 0, q = 0, k = 0, v = 0, attention = 0;
};

/// Patches in two windows, their order shuffled; attention in them.
struct Sizes {
  float bias_scale = 1, weight_scale = 0.3f;
  size_t value_dim = kDim;  // all heads' together
};

Windows windows(bool bias, bool regions, const Sizes& sizes = {}) {
  const auto& [bias_scale, weight_scale, value_dim] = sizes;
  std::mt19937 random(3);
  Windows w;
  Graph& g = w.graph;
  g.preprocessing.image_width = g.preprocessing.image_height = kSide * kPatch;
  g.preprocessing.resize_width = g.preprocessing.resize_height = kSide * kPatch;
  const auto linear = [&](const char* name, size_t from, size_t cols, float scale) {
    return add_node(g, name, {from},
                    Linear{random_matrix(cols, g.nodes[from].cols, random, scale),
                           std::vector<float>(cols, 0.1f)});
  };
  const size_t pixels = add_node(g, "pixels", {}, PatchRows{kPatch, kPatch});
  const size_t embedded = linear("patch_embed", pixels, kDim, 0.2f);
  GatherRows gather;
  for (uint32_t i = 0; i < kSide * kSide; ++i) gather.index.push_back(i * 7 % 16);
  w.gathered = add_node(g, "windows", {embedded}, gather);
  const size_t norm =
      add_node(g, "norm", {w.gathered},
               LayerNorm{std::vector<float>(kDim, 1), std::vector<float>(kDim), 1e-5f});
  w.q = linear("q", norm, kDim, weight_scale), w.k = linear("k", norm, kDim, weight_scale);
  w.v = linear("v", norm, value_dim, 0.3f);
  Attention attention;
  attention.heads = kHeads, attention.groups = 2, attention.scale = 0.35f;
  if (bias) attention.bias = random_matrix(kHeads * kWindow, kWindow, random, bias_scale);
  if (regions)
    for (uint8_t i = 0; i < 16; ++i) attention.regions.push_back(i < 8 ? i / 3 : i % 2);
  w.attention = add_node(g, "attention", {w.q, w.k, w.v}, attention);
  const size_t proj = linear("proj", w.attention, kDim, 0.3f);
  const size_t sum = add_node(g, "sum", {w.gathered, proj}, Add{});
  // Back, four rows side by side, and one row of zeros.
  GatherRows merge;
  merge.taps = 4;
  for (uint32_t i = 0; i < 15; ++i) merge.index.push_back(i * 7 % 16);
  merge.index.push_back(GatherRows::kNoRow);
  const size_t merged = add_node(g, "merge", {sum}, merge);
  const size_t head_norm = add_node(
      g, "head.norm", {merged},
      LayerNorm{std::vector<float>(4 * kDim, 1), std::vector<float>(4 * kDim, 0.2f), 1e-5f});
  g.outputs.push_back({linear("head", head_norm, 12, 0.3f), "rows", OutputKind::Features});
  return w;
}

/// The softmax of scores by the formula, in double.
std::vector<double> by_hand(const Windows& w, const std::vector<std::vector<float>>& values) {
  const auto& a = w.graph.nodes[w.attention].as<Attention>();
  const std::vector<float>&q = values[0], &k = values[1], &v = values[2];
  constexpr size_t kHead = kDim / kHeads;
  const size_t value_dim = w.graph.nodes[w.v].cols, value_head = value_dim / kHeads;
  std::vector<double> out(2 * kWindow * value_dim);
  for (size_t r = 0; r < 2 * kWindow; ++r)
    for (size_t h = 0; h < kHeads; ++h) {
      const size_t first = r / kWindow * kWindow;
      double weights[kWindow], sum = 0;
      for (size_t j = 0; j < kWindow; ++j) {
        double score = 0;
        for (size_t c = 0; c < kHead; ++c)
          score +=
              double{q[r * kDim + h * kHead + c]} * double{k[(first + j) * kDim + h * kHead + c]};
        score *= double{a.scale};
        if (a.bias.rows > 0) score += double{a.bias.row(h * kWindow + r % kWindow)[j]};
        const bool other = !a.regions.empty() && a.regions[r] != a.regions[first + j];
        sum += weights[j] = other ? 0 : std::exp(score);
      }
      for (size_t j = 0; j < kWindow; ++j)
        for (size_t c = 0; c < value_head; ++c)
          out[r * value_dim + h * value_head + c] +=
              weights[j] / sum * double{v[(first + j) * value_dim + h * value_head + c]};
    }
  return out;
}

void expect_formula(Windows w, const std::string& what) {
  w.graph.outputs.clear();
  for (const size_t node : {w.q, w.k, w.v, w.attention, w.gathered})
    w.graph.outputs.push_back({node, w.graph.nodes[node].name, OutputKind::Features});
  std::vector<uint8_t> picture(kSide * kPatch * kSide * kPatch * 3);
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i * 37 % 251);
  const auto values = FloatExecutor(w.graph).run(picture.data());
  const std::vector<double> want = by_hand(w, values);
  ASSERT_EQ(values[3].size(), want.size()) << what;
  for (size_t i = 0; i < want.size(); ++i)
    ASSERT_NEAR(double{values[3][i]}, want[i], 1e-5) << what << " " << i;
}

TEST(Windows, FloatIsTheFormula) {
  for (const bool bias : {false, true})
    for (const bool regions : {false, true})
      for (const size_t value_dim : {kDim / 2, kDim, kDim + 8})
        expect_formula(windows(bias, regions, {1, 0.3f, value_dim}),
                       std::to_string(bias) + std::to_string(regions) + std::to_string(value_dim));
}

double int8_db(const Graph& graph, bool static_scales) {
  ConvertOptions options;
  options.static_scales = static_scales;
  const ConvertResult result =
      convert({}, graph, generated_pictures(graph.preprocessing), options, nullptr);
  vitro_program program;
  EXPECT_EQ(vitro_open(result.file.data(), result.file.size(), &program), VITRO_OK);
  return result.logit_sqnr_db;
}

TEST(Windows, Int8IsClose) {
  for (const bool static_scales : {false, true})
    for (const bool bias : {false, true})
      for (const bool regions : {false, true})
        EXPECT_GT(int8_db(windows(bias, regions).graph, static_scales), static_scales ? 25 : 30)
            << static_scales << bias << regions;
}

// And padded: heads of five columns become eight.
TEST(Windows, ValuesOfAnotherWidthThanKeys) {
  for (const size_t value_dim : {kDim / 2, kDim + 8, kDim - 6})
    EXPECT_GT(int8_db(windows(true, true, {1, 0.3f, value_dim}).graph, false), 30) << value_dim;
}

// Queries so small that in their own units neither the bias nor the regions would fit the law.
TEST(Windows, BiasesFarLargerThanScores) {
  for (const bool regions : {false, true})
    for (const float weights : {1e-3f, 1e-5f})
      EXPECT_GT(int8_db(windows(true, regions, {10, weights}).graph, false), 30)
          << regions << weights;
}

// As of Swin's blocks, whose windows are the same.
TEST(Windows, TablesThatRepeatAreThereOnce) {
  Windows w = windows(false, true);
  Graph& g = w.graph;
  const auto linear = [&](const char* name, size_t from, size_t cols) {
    return add_node(g, name, {from},
                    Linear{Matrix(cols, g.nodes[from].cols), std::vector<float>(cols, 0.1f)});
  };
  const GatherRows gather = g.nodes[w.gathered].as<GatherRows>();
  const Attention attention = g.nodes[w.attention].as<Attention>();
  const auto sum = static_cast<size_t>(
      std::find_if(g.nodes.begin(), g.nodes.end(), [](const Node& n) { return n.name == "sum"; }) -
      g.nodes.begin());
  const size_t again = add_node(g, "again", {sum}, gather);
  const size_t norm =
      add_node(g, "again.norm", {again},
               LayerNorm{std::vector<float>(kDim, 1), std::vector<float>(kDim), 1e-5f});
  const size_t q = linear("again.q", norm, kDim), k = linear("again.k", norm, kDim),
               v = linear("again.v", norm, kDim);
  const size_t found = add_node(g, "again.attention", {q, k, v}, attention);
  g.outputs.push_back({linear("again.head", found, 4), "again", OutputKind::Features});
  const ConvertResult result = convert({}, g, generated_pictures(g.preprocessing), {}, nullptr);
  const schema::ProgramT program = unpack(result.file);
  std::vector<uint64_t> tables, regions;
  for (const auto& step : program.steps)
    for (const auto& op : step->ops) {
      if (const auto* rows = op->args.AsGatherRows()) tables.push_back(rows->index);
      if (const auto* biased = op->args.AsBiasedAttention()) regions.push_back(biased->regions);
    }
  ASSERT_EQ(tables.size(), 3u);
  EXPECT_EQ(std::set<uint64_t>(tables.begin(), tables.end()).size(), 2u);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0], regions[1]);
  EXPECT_NE(tables[0], regions[0]);
}

TEST(Windows, WhatDoesNotFitTogether) {
  Graph g = windows(true, true).graph;
  const auto refused = [&](const auto& change) {
    Graph changed = g;
    change(changed);
    EXPECT_THROW(settle_shapes(changed), std::logic_error);
  };
  const auto attention = [](Graph& graph) -> Attention& {
    return std::find_if(graph.nodes.begin(), graph.nodes.end(),
                        [](const Node& n) { return n.name == "attention"; })
        ->template as<Attention>();
  };
  refused([&](Graph& c) { attention(c).bias = Matrix(kHeads * kWindow, kWindow - 1); });
  refused([&](Graph& c) { attention(c).bias = Matrix(kWindow, kWindow); });
  refused([&](Graph& c) { attention(c).regions.pop_back(); });
  refused([&](Graph& c) { c.nodes[2].as<GatherRows>().index[3] = 16; });
  refused([&](Graph& c) { c.nodes[2].as<GatherRows>().index.clear(); });
  refused([&](Graph& c) { c.nodes[2].as<GatherRows>().taps = 3; });
  refused([&](Graph& c) { c.nodes[2].as<GatherRows>().height = 3; });
}

}  // namespace
}  // namespace vitro::gather_node_test
