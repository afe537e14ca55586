// SPDX-License-Identifier: Apache-2.0
// Rotary positions: in float as PyTorch's libraries compute them, in int8 close to that, and the
// same with every kernel variant.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <stdexcept>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro::rotate_pairs_node_test {

using namespace converter;

namespace {

constexpr size_t kSide = 4, kPatch = 4, kDim = 24, kHeads = 2, kRows = kSide * kSide;

RotatePairs rotation(size_t heads, size_t half) {
  RotatePairs r{heads, Matrix(kRows, half), Matrix(kRows, half)};
  for (size_t i = 0; i < r.cosine.data.size(); ++i) {
    const double angle = i < half ? 0 : 0.37 * static_cast<double>(i);
    r.cosine.data[i] = static_cast<float>(std::cos(angle));
    r.sine.data[i] = static_cast<float>(std::sin(angle));
  }
  return r;
}

/// Attention over patches whose queries and keys are rotated, and logits of what it finds: of all
/// patches, or of the first alone.
class Rotated {
 public:
  explicit Rotated(bool first_row = false) {
    graph.preprocessing.image_width = graph.preprocessing.image_height = kSide * kPatch;
    graph.preprocessing.resize_width = graph.preprocessing.resize_height = kSide * kPatch;
    const size_t stream = linear("patch_embed", add("pixels", {}, PatchRows{kPatch, kPatch}), 0.2f);
    const size_t norm = add(
        "norm", {stream}, LayerNorm{std::vector<float>(kDim, 1), std::vector<float>(kDim), 1e-5f});
    const size_t q = linear("q", norm, 0.5f), k = linear("k", norm, 0.5f),
                 v = linear("v", norm, 0.3f);
    const RotatePairs rotate = rotation(kHeads, kDim / kHeads / 2);
    rotated = add("q.rotated", {q}, rotate);
    Attention attention;
    attention.heads = kHeads, attention.scale = 0.3f;
    const size_t found =
        add("attention", {rotated, add("k.rotated", {k}, rotate), v}, std::move(attention));
    const size_t sum = add("sum", {stream, linear("proj", found, 0.3f)}, Add{});
    const size_t pooled =
        first_row ? add("first", {sum}, SelectRows{0, 1}) : add("mean", {sum}, MeanRows{0});
    const size_t read =
        add("head.norm", {pooled},
            LayerNorm{std::vector<float>(kDim, 1), std::vector<float>(kDim, 0.2f), 1e-5f});
    graph.outputs.push_back({linear("head", read, 0.3f), "logits", OutputKind::Logits});
  }
  Graph graph;
  size_t rotated = 0;

 private:
  size_t add(const char* name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  size_t linear(const char* name, size_t from, float scale) {
    std::normal_distribution<float> normal(0, scale);
    Linear linear{Matrix(kDim, graph.nodes[from].cols), std::vector<float>(kDim, 0.1f)};
    for (float& w : linear.weight.data) w = normal(random_);
    return add(name, {from}, std::move(linear));
  }
  std::mt19937 random_{5};
};

// x * cos + rotate_half(x) * sin of transformers' DINOv3, in torch 2.13; x = 0.5, -1, 2, 0.25 for
// the first of two rows, whose angles are 0.7 and -1.9, and the same backwards for the second,
// whose angles are 3 and 0.2.
TEST(RotatePairsNode, AgreesWithPyTorch) {
  Graph graph;
  graph.preprocessing.image_width = 4, graph.preprocessing.image_height = 2;
  Tokens tokens;  // its input is multiplied by weights of 0, so only the positions are left
  tokens.positions = Matrix(2, 4);
  tokens.positions.data = {0.5f, -1, 2, 0.25f, 0.25f, 2, -1, 0.5f};
  const size_t pixels = add_node(graph, "pixels", {}, PatchRows{2, 2});
  const size_t zero =
      add_node(graph, "zero", {pixels}, Linear{Matrix(4, 12), std::vector<float>(4)});
  const size_t x = add_node(graph, "x", {zero}, std::move(tokens));
  RotatePairs r{1, Matrix(2, 2), Matrix(2, 2)};
  const double angles[] = {0.7, -1.9, 3, 0.2};
  for (size_t i = 0; i < 4; ++i) {
    r.cosine.data[i] = static_cast<float>(std::cos(angles[i]));
    r.sine.data[i] = static_cast<float>(std::sin(angles[i]));
  }
  graph.outputs = {{add_node(graph, "rotated", {x}, r), "rotated", OutputKind::Features}};
  const std::vector<uint8_t> picture(4 * 2 * 3);
  const std::vector<float> got = FloatExecutor(graph).run(picture.data()).front();
  const float want[] = {-0.9060142f,  0.55986458f, 1.8517933f, 0.86547768f,
                        -0.10637812f, 1.8607985f,  1.0252725f, 0.88737196f};
  ASSERT_EQ(got.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(got[i], want[i], 1e-6) << i;
}

TEST(RotatePairsNode, HasAnAngleForEachRowAndPair) {
  Rotated r;
  const size_t x = r.graph.nodes[r.rotated].inputs[0];
  const auto refused = [&](const RotatePairs& rotation) {
    EXPECT_THROW(add_node(r.graph, "r", {x}, rotation), std::logic_error);
  };
  refused(rotation(0, 6));
  refused(rotation(2, 5));
  refused(rotation(1, 6));
  RotatePairs other = rotation(kHeads, 6);
  other.sine = Matrix(kRows, 5);
  refused(other);
  other = rotation(kHeads, 6);
  other.sine = Matrix(kRows - 1, 6);
  refused(other);
  other = rotation(kHeads, 6);
  other.cosine = Matrix(kRows + 1, 6);
  refused(other);
  EXPECT_NO_THROW(add_node(r.graph, "r", {x}, rotation(kHeads, 6)));
}

ConvertResult converted(const Graph& graph, const ConvertOptions& options = {}) {
  return convert({}, graph, generated_pictures(graph.preprocessing), options, nullptr);
}

void expect_same_everywhere(const AlignedBytes& file) {
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK) << program.fault;
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  EXPECT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 2, 3}) {
      options.isa = vitro_isa_name(i), options.threads = threads;
      const RunResult got = run_program(program, options);
      EXPECT_EQ(got.fault, "") << options.isa;
      EXPECT_EQ(got.logits, expected.logits) << options.isa << " " << threads;
    }
}

std::vector<const schema::RotatePairsT*> rotations_of(const schema::ProgramT& p) {
  std::vector<const schema::RotatePairsT*> all;
  for (const auto& step : p.steps)
    for (const auto& op : step->ops)
      if (const auto* rotation = op->args.AsRotatePairs()) all.push_back(rotation);
  return all;
}

TEST(RotatePairsNode, Int8IsClose) {
  for (const bool first_row : {false, true})
    for (const bool static_scales : {false, true}) {
      ConvertOptions options;
      options.static_scales = static_scales;
      const ConvertResult result = converted(Rotated(first_row).graph, options);
      EXPECT_GE(result.logit_sqnr_db, 30) << first_row << static_scales;
      expect_same_everywhere(result.file);
    }
}

TEST(RotatePairsNode, QueriesAndKeysShareTheirAngles) {
  const schema::ProgramT program = unpack(converted(Rotated().graph).file);
  const auto all = rotations_of(program);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]->turns, all[1]->turns);
  const std::set<schema::Format> formats = {program.tensors[all[0]->dst]->format,
                                            program.tensors[all[1]->dst]->format};
  EXPECT_EQ(formats, (std::set<schema::Format>{schema::Format::S8, schema::Format::Keys}));
}

// What is rotated lies in the scratch, a tile of it at a time, where one step makes and reads it.
TEST(RotatePairsNode, WhatIsRotatedIsNotKept) {
  const schema::ProgramT program = unpack(converted(Rotated().graph).file);
  for (const schema::RotatePairsT* rotation : rotations_of(program))
    EXPECT_EQ(program.tensors[rotation->src]->storage, schema::Storage::Scratch);
}

// Maps of attention are made of queries and keys as they are compared.
TEST(RotatePairsNode, AttentionCanBeShown) {
  ConvertOptions options;
  options.also.all_attention = true;
  const ConvertResult result = converted(Rotated().graph, options);
  for (const char* name : {"attention.q", "attention.k"}) {
    double db = 0;
    for (const LayerError& layer : result.layers)
      if (layer.name == name) db = layer.sqnr_db;
    EXPECT_GE(db, 30) << name;
  }
  expect_same_everywhere(result.file);
}

}  // namespace
}  // namespace vitro::rotate_pairs_node_test
