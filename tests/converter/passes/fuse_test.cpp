// SPDX-License-Identifier: Apache-2.0
// What fuse() makes of ViTs, line by line, and of graphs that are not ViTs.
#include "converter/passes/fuse.h"

#include <gtest/gtest.h>

#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/report/fused_graph.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

// A line "step | name kind rows x cols format [epilogue] place < inputs" for each operation.
std::vector<std::string> lines(const Graph& graph, bool static_scales = false,
                               const std::vector<size_t>& new_units = {}) {
  std::vector<std::string> out;
  std::vector<bool> begins_unit(graph.nodes.size());
  for (const size_t sum : new_units) begins_unit[sum] = true;
  for (const FusedRow& r : describe(graph, fuse(graph, static_scales, begins_unit))) {
    std::string line = r.step + " | " + r.name + " " + r.kind + " " + std::to_string(r.rows) + "x" +
                       std::to_string(r.cols) + " " + r.format +
                       (r.epilogue.empty() ? "" : " +" + r.epilogue) + " " + r.place + " <";
    for (const size_t input : r.inputs) line += " " + std::to_string(input);
    out.push_back(line);
  }
  return out;
}

void expect_lines(const std::vector<std::string>& got, const std::vector<std::string>& want,
                  size_t first = 0) {
  ASSERT_GE(got.size(), first + want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[first + i], want[i]) << first + i;
}

Graph vit(const RandomVit& options) {
  return vit::build_vit(make_checkpoint(options), {options.heads, 1e-6f});
}

TEST(Fuse, VitWithAClassToken) {
  RandomVit options;  // 16 patches, 64 channels, 2 blocks
  const std::vector<std::string> want = {
      "patch_embed | pixels patch_rows 16x48 RowS8 scratch <",
      "patch_embed | patch_embed linear 16x64 S16 +tokens arena < 0",
      "prefix | tokens tokens 1x64 S16 arena < 1",
      "blocks.0.norm1 | blocks.0.norm1 layer_norm 17x64 RowS8 scratch < 2",
      "blocks.0.norm1 | blocks.0.attn.q linear 17x64 S8 arena < 3",
      "blocks.0.norm1 | blocks.0.attn.k linear 17x64 Keys arena < 3",
      "blocks.0.norm1 | blocks.0.attn.v linear 17x64 Values arena < 3",
      "blocks.0.attn.attention | blocks.0.attn.attention attention 17x64 S16 scratch < 4 5 6",
      "blocks.0.attn.attention | blocks.0.attn.attention quantise 17x64 RowS8 scratch < 7",
      "blocks.0.attn.attention | blocks.0.attn.proj linear 17x64 S16 +add in place < 8 2",
      "blocks.0.norm2 | blocks.0.norm2 layer_norm 17x64 RowS8 scratch < 9",
      "blocks.0.norm2 | blocks.0.mlp.fc1 linear 17x256 S16 +gelu scratch < 10",
      "blocks.0.norm2 | blocks.0.mlp.gelu quantise 17x256 RowS8 scratch < 11",
      "blocks.0.norm2 | blocks.0.mlp.fc2 linear 17x64 S16 +add in place < 12 9",
      // The next block's norm reads the MLP's rows in the same step. Of the last queries only one
      // is read.
      "blocks.0.norm2 | blocks.1.norm1 layer_norm 17x64 RowS8 scratch < 13",
      "blocks.0.norm2 | blocks.1.attn.k linear 17x64 Keys arena < 14",
      "blocks.0.norm2 | blocks.1.attn.v linear 17x64 Values arena < 14",
      "blocks.1.attn.attention | blocks.1.norm1.leading layer_norm 1x64 RowS8 scratch < 13",
      "blocks.1.attn.attention | blocks.1.attn.q linear 1x64 S8 arena < 17",
      "blocks.1.attn.attention | blocks.1.attn.attention attention 1x64 S16 scratch < 18 15 16",
      "blocks.1.attn.attention | blocks.1.attn.attention quantise 1x64 RowS8 scratch < 19",
      "blocks.1.attn.attention | blocks.1.attn.proj linear 1x64 S16 +add in place < 20 13",
      "blocks.1.norm2 | blocks.1.norm2 layer_norm 1x64 RowS8 scratch < 21",
      "blocks.1.norm2 | blocks.1.mlp.fc1 linear 1x256 S16 +gelu scratch < 22",
      "blocks.1.norm2 | blocks.1.mlp.gelu quantise 1x256 RowS8 scratch < 23",
      "blocks.1.norm2 | blocks.1.mlp.fc2 linear 1x64 S16 +add in place < 24 21",
      " | cls select_rows 1x64 S16 arena < 25", "norm | norm layer_norm 1x64 RowS8 scratch < 26",
      "norm | head linear 1x10 F32 arena < 27"};
  const std::vector<std::string> got = lines(vit(options));
  EXPECT_EQ(got.size(), want.size());
  expect_lines(got, want);
  EXPECT_EQ(fuse(vit(options), false).streams.size(), 1u);
}

TEST(Fuse, StaticScales) {
  const std::vector<std::string> got = lines(vit({}), true);
  expect_lines(got, {"patch_embed | pixels patch_rows 16x48 RowS8 scratch <",
                     "patch_embed | patch_embed linear 16x64 S16 +tokens arena < 0",
                     "prefix | tokens tokens 1x64 S16 arena < 1",
                     "blocks.0.norm1 | blocks.0.norm1 layer_norm 17x64 S8 scratch < 2",
                     "blocks.0.norm1 | blocks.0.attn.q linear 17x64 S8 arena < 3"});
  expect_lines(got,
               {"blocks.0.attn.attention | blocks.0.attn.attention quantise 17x64 S8 scratch < 7",
                "blocks.0.attn.attention | blocks.0.attn.proj linear 17x64 S8 scratch < 8",
                "blocks.0.attn.attention | blocks.0.attn.proj.add add 17x64 S16 in place < 2 9",
                "blocks.0.norm2 | blocks.0.norm2 layer_norm 17x64 S8 scratch < 10",
                "blocks.0.norm2 | blocks.0.mlp.fc1 linear 17x256 S8 scratch < 11",
                "blocks.0.norm2 | blocks.0.mlp.gelu gelu 17x256 S8 scratch < 12",
                "blocks.0.norm2 | blocks.0.mlp.fc2 linear 17x64 S8 scratch < 13",
                "blocks.0.norm2 | blocks.0.mlp.fc2.add add 17x64 S16 in place < 10 14"},
               8);
  // Logits are float, so the head reads a row that has a scale of its own.
  expect_lines(
      got,
      {"norm | norm layer_norm 1x64 RowS8 scratch < 30", "norm | head linear 1x10 F32 arena < 31"},
      got.size() - 2);
  const std::vector<bool> ranges = with_static_range(vit({}), fuse(vit({}), true));
  const Graph graph = vit({});
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const std::string& name = graph.nodes[i].name;
    const bool expected =
        name.find("norm1") != std::string::npos || name.find("norm2") != std::string::npos ||
        name.find("attn.attention") != std::string::npos ||
        name.find("attn.proj") != std::string::npos || name.find("mlp.fc") != std::string::npos ||
        name.find("mlp.gelu") != std::string::npos;
    EXPECT_EQ(ranges[i], expected) << name;
  }
}

TEST(Fuse, TwoHeadsAddUpInTheirAverage) {
  RandomVit options;
  options.distillation = true;
  const std::vector<std::string> got = lines(vit(options));
  expect_lines(
      got,
      {" | cls select_rows 1x64 S16 arena < 25", "norm | norm layer_norm 1x64 RowS8 scratch < 26",
       "norm | head linear 1x10 F32 +half arena < 27", " | dist select_rows 1x64 S16 arena < 25",
       "norm_dist | norm_dist layer_norm 1x64 RowS8 scratch < 29",
       "norm_dist | head_dist linear 1x10 F32 +average arena < 30 28"},
      26);
  EXPECT_NE(got[17].find("norm1.leading layer_norm 2x64"), std::string::npos) << got[17];
}

TEST(Fuse, PooledRows) {
  RandomVit options;
  options.class_token = false;  // norm, then mean
  std::vector<std::string> got = lines(vit(options));
  expect_lines(
      got,
      {"norm | norm layer_norm 16x64 S16 arena < 23", "pool | pool mean_rows 1x64 S16 scratch < 24",
       "pool | pool quantise 1x64 RowS8 scratch < 25", "pool | head linear 1x10 F32 arena < 26"},
      got.size() - 4);
  options.mean_pooling = options.class_token = true;  // mean, then norm
  got = lines(vit(options));
  expect_lines(
      got,
      {"pool | pool mean_rows 1x64 S16 arena < 24",
       "norm | norm layer_norm 1x64 RowS8 scratch < 25", "norm | head linear 1x10 F32 arena < 26"},
      got.size() - 3);
}

// A graph of 16 patches of 4 x 4 pixels, to which the test adds nodes.
struct FuseSketch {
  FuseSketch() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 16;
    pixels = add("pixels", {}, PatchRows{4, 4, 0, false});
  }
  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  size_t linear(const std::string& name, size_t from, size_t cols) {
    return add(name, {from},
               Linear{Matrix(cols, graph.nodes[from].cols), std::vector<float>(cols)});
  }
  size_t norm(const std::string& name, size_t from) { return add(name, {from}, LayerNorm{}); }
  void output(size_t node, const std::string& name = "logits") {
    graph.outputs.push_back({node, name, OutputKind::Features});
  }
  Graph graph;
  size_t pixels = 0;
};

TEST(Fuse, ALinearThatOnlyANormReadsHasAStreamOfItsOwn) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 8), b = s.linear("b", s.norm("n", a), 12);
  s.output(s.linear("c", s.norm("m", b), 4));
  expect_lines(lines(s.graph),
               {"a | pixels patch_rows 16x48 RowS8 scratch <", "a | a linear 16x8 S16 scratch < 0",
                "a | n layer_norm 16x8 RowS8 scratch < 1", "a | b linear 16x12 S16 scratch < 2",
                "a | m layer_norm 16x12 RowS8 scratch < 3", "a | c linear 16x4 F32 arena < 4"});
  const FusedGraph fused = fuse(s.graph, false);
  ASSERT_EQ(fused.streams.size(), 2u);
  EXPECT_EQ(fused.streams[0].nodes, std::vector<size_t>{a});
  EXPECT_EQ(fused.streams[1].nodes, std::vector<size_t>{b});
}

TEST(Fuse, WhatIsReadAgainIsNotWrittenOver) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 8);
  const size_t sum = s.add("sum", {a, s.linear("b", s.norm("n", a), 8)}, Add{});
  const size_t again = s.add("again", {sum, s.linear("c", s.norm("m", a), 8)}, Add{});
  s.output(s.linear("d", s.norm("o", again), 4));
  const std::vector<std::string> got = lines(s.graph);
  EXPECT_EQ(got[3], "n | b linear 16x8 S16 +add arena < 2 1");
  EXPECT_EQ(got[5], "m | c linear 16x8 S16 +add in place < 4 3");
  EXPECT_EQ(fuse(s.graph, false).streams.size(), 1u);
}

TEST(Fuse, RowsOfWhatIsReadAgainAreNotWrittenOver) {
  for (const bool again : {false, true}) {
    FuseSketch s;
    const size_t a = s.linear("a", s.pixels, 8), first = s.add("first", {a}, SelectRows{0, 16});
    const size_t sum = s.add("sum", {first, s.linear("b", s.norm("n", first), 8)}, Add{});
    s.output(s.linear("c", s.norm("m", sum), 4));
    if (again) s.output(s.linear("d", s.norm("o", a), 4), "again");
    const std::vector<std::string> got = lines(s.graph);
    EXPECT_EQ(got[4], again ? "n | b linear 16x8 S16 +add arena < 3 2"
                            : "n | b linear 16x8 S16 +add in place < 3 2");
  }
}

// Tiles of a step run at the same time.
TEST(Fuse, WhatTheStepReadsInOtherRowsIsNotWrittenOver) {
  FuseSketch square;
  const size_t a = square.linear("a", square.pixels, 16);
  const size_t turned = square.add("turned", {a}, Transpose{});
  const size_t sum = square.add("sum", {a, square.linear("b", turned, 16)}, Add{});
  square.output(square.linear("c", square.norm("n", sum), 4));
  std::vector<std::string> got = lines(square.graph);
  EXPECT_EQ(got[2], "turned | turned transpose 16x16 S16 scratch < 1");
  EXPECT_EQ(got[4], "turned | b linear 16x16 S16 +add arena < 3 1");
  for (const size_t first : {0, 1}) {
    FuseSketch s;
    const size_t x = s.linear("x", s.pixels, 8);
    const size_t some = s.add("some", {x}, SelectRows{first, 15}),
                 here = s.add("here", {x}, SelectRows{0, 15});
    const size_t onto = s.add("onto", {here, s.linear("y", s.norm("n", some), 8)}, Add{});
    s.output(s.linear("z", s.norm("m", onto), 4));
    got = lines(s.graph);
    EXPECT_EQ(got[5], first == 0 ? "n | y linear 15x8 S16 +add in place < 4 3"
                                 : "n | y linear 15x8 S16 +add arena < 4 3");
  }
}

TEST(Fuse, ALinearAddsToWhatIsInTheUnitOfTheSum) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 8);
  const size_t sum = s.add("sum", {a, s.linear("b", s.norm("n", a), 8)}, Add{});
  s.output(s.linear("c", s.norm("m", sum), 4));
  expect_lines(
      lines(s.graph, false, {sum}),
      {"n | n layer_norm 16x8 RowS8 scratch < 1", "n | a.rescaled rescale 16x8 S16 arena < 1",
       "n | b linear 16x8 S16 +add in place < 2 3", "n | m layer_norm 16x8 RowS8 scratch < 4"},
      2);
  // With static scales the linear layer writes int8, and a second operation adds.
  expect_lines(lines(s.graph, true, {sum}),
               {"n | n layer_norm 16x8 S8 scratch < 1", "n | a.rescaled rescale 16x8 S16 arena < 1",
                "n | b linear 16x8 S8 scratch < 2", "n | b.add add 16x8 S16 in place < 3 4"},
               2);
  std::vector<bool> begins_unit(s.graph.nodes.size());
  begins_unit[sum] = true;
  const FusedGraph fused = fuse(s.graph, false, begins_unit);
  ASSERT_EQ(fused.streams.size(), 2u);
  EXPECT_EQ(fused.streams[0].nodes, std::vector<size_t>{a});
  EXPECT_EQ(fused.streams[1].nodes,
            (std::vector<size_t>{a, sum}));  // the unit also fits the rescaled value
}

TEST(Fuse, ASumOfInt16ItselfBringsTheOtherPartToItsUnit) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 16);
  const size_t b = s.linear("b", s.add("t", {a}, Transpose{}), 16);
  const size_t sum = s.add("sum", {a, s.add("u", {b}, Transpose{})}, Add{});
  s.output(s.linear("c", s.norm("m", sum), 4));
  EXPECT_EQ(lines(s.graph)[6], "u | sum add 16x16 S16 in place < 1 5");
  EXPECT_EQ(lines(s.graph, false, {sum})[6], "u | sum add 16x16 S16 in place < 5 1");
}

TEST(Fuse, RowsThatNobodyReadsAreNotMade) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 8), n = s.norm("n", a);
  const size_t all = s.linear("all", n, 8), few = s.linear("few", n, 4);
  s.output(s.linear("head", s.norm("p", s.add("mean", {all}, MeanRows{})), 4));
  s.output(s.linear("out", s.norm("q", s.add("two", {few}, SelectRows{0, 2})), 4), "two");
  const std::vector<std::string> got = lines(s.graph);
  expect_lines(
      got,
      {"a | n layer_norm 16x8 RowS8 scratch < 1", "a | all linear 16x8 S16 arena < 2",
       "few | n.leading layer_norm 2x8 RowS8 scratch < 1", "few | few linear 2x4 S16 arena < 4"},
      2);
}

TEST(Fuse, Int16ThatIsReadInInt8IsConverted) {
  FuseSketch s;
  const size_t a = s.linear("a", s.pixels, 8);
  const size_t selected = s.add("middle", {a}, SelectRows{4, 8});
  s.output(s.linear("head", selected, 4));
  expect_lines(
      lines(s.graph),
      {"a | a linear 16x8 S16 arena < 0", " | middle select_rows 8x8 S16 arena < 1",
       "middle | middle quantise 8x8 RowS8 scratch < 2", "middle | head linear 8x4 F32 arena < 3"},
      1);
}

void expect_refused(const Graph& graph, const std::string& node) {
  for (const bool static_scales : {false, true}) try {
      fuse(graph, static_scales);
      ADD_FAILURE() << "fused " << node;
    } catch (const NodeFault& fault) {
      EXPECT_EQ(std::string(fault.what()).rfind(node + " (", 0), 0u) << fault.what();
      EXPECT_FALSE(fault.remedy.empty());
    }
}

TEST(Fuse, RefusesByNameWhatNoOperationComputes) {
  {
    FuseSketch s;  // GELU of a norm
    s.output(s.linear("head", s.add("act", {s.norm("n", s.linear("a", s.pixels, 8))}, Gelu{}), 4));
    expect_refused(s.graph, "act");
  }
  {
    FuseSketch s;  // GELU of a linear layer that something else reads too
    const size_t a = s.linear("a", s.pixels, 8);
    s.output(s.linear("head", s.add("act", {a}, Gelu{}), 4));
    s.output(s.linear("other", s.norm("n", a), 4), "other");
    expect_refused(s.graph, "act");
  }
  {
    FuseSketch s;  // an output that no linear layer makes
    s.output(s.norm("n", s.linear("a", s.pixels, 8)));
    expect_refused(s.graph, "n");
  }
  {
    FuseSketch s;  // queries that are also keys
    const size_t n = s.norm("n", s.linear("a", s.pixels, 8));
    const size_t q = s.linear("q", n, 8), v = s.linear("v", n, 8);
    s.output(s.linear("head", s.add("attention", {q, q, v}, Attention{1, 1, 0.5f}), 4));
    expect_refused(s.graph, "q");
  }
  {
    // Only two rows of the sum are read: `few` is made for two rows, but `b` for all, as it reads
    // the pixels.
    FuseSketch s;
    const size_t n = s.norm("n", s.linear("a", s.pixels, 8));
    const size_t all = s.linear("all", n, 4), few = s.linear("few", n, 8);
    const size_t sum = s.add("sum", {few, s.linear("b", s.pixels, 8)}, Add{});
    s.output(all);
    s.graph.outputs.push_back(
        {s.linear("head", s.norm("m", s.add("two", {sum}, SelectRows{0, 2})), 4), "two",
         OutputKind::Features});
    expect_refused(s.graph, "sum");
  }
  {
    FuseSketch s;  // an average of nodes that are not linear layers
    const size_t a = s.linear("a", s.pixels, 8);
    s.output(s.add("average", {s.norm("n", a), s.norm("m", a)}, Average{}));
    expect_refused(s.graph, "n");
  }
}

}  // namespace
}  // namespace vitro
