// SPDX-License-Identifier: Apache-2.0
// Outputs that are asked for: what they mean, and that nothing else changes for their sake.
#include "converter/passes/more_outputs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "converter/base/error.h"
#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "runtime/core/outputs.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

RandomVit small_vit() {
  RandomVit vit;
  vit.dim = 64, vit.depth = 2, vit.heads = 2, vit.image = 32, vit.patch = 8, vit.classes = 10;
  return vit;
}

Graph graph_of(const RandomVit& vit) {
  vit::VitOptions options;
  options.heads = vit.heads;
  return vit::build_vit(make_checkpoint(vit), options);
}

MoreOutputs asked(const std::vector<std::string>& words) {
  MoreOutputs outputs;
  for (const std::string& word : words) EXPECT_TRUE(parse(word, outputs)) << word;
  return outputs;
}

Pictures some_pictures() {
  Pictures pictures(9, std::vector<uint8_t>(32 * 32 * 3));
  for (uint32_t i = 0; i < pictures.size(); ++i) golden_picture(50 + i, pictures[i].data(), 32, 32);
  return pictures;
}

// Of one picture: each output, and each node's value.
struct Values {
  std::map<std::string, std::vector<float>> outputs, nodes;
  Values(const Graph& graph, const std::vector<uint8_t>& picture) {
    FloatExecutor executor(graph);
    const std::vector<std::vector<float>> all =
        executor.run(picture.data(), [&](size_t node, const float* value) {
          const Node& n = graph.nodes[node];
          nodes[n.name].assign(value, value + n.rows * n.cols);
        });
    for (size_t i = 0; i < all.size(); ++i) outputs[graph.outputs[i].name] = all[i];
  }
};

std::vector<float> rows(const std::vector<float>& values, size_t cols, size_t first, size_t count) {
  const auto begin = values.begin() + static_cast<ptrdiff_t>(first * cols);
  return {begin, begin + static_cast<ptrdiff_t>(count * cols)};
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, float bound) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], bound) << i;
}

TEST(MoreOutputs, Words) {
  MoreOutputs outputs =
      asked({"patches", "attention=11", "features", "attention=0", "attention=11"});
  EXPECT_EQ(outputs.text(), "features,patches,attention=11,attention=0");
  EXPECT_EQ(asked({"attention"}).text(), "attention");
  EXPECT_EQ(asked({"attention", "parts", "patches"}).text(), "patches,parts,attention");
  for (const char* const word :
       {"", "logits", "Features", "attention=", "attention=-1", "attention=1x",
        "attention=99999999999999999999", "attention=10000", "attention1", "features ", "part"})
    EXPECT_FALSE(parse(word, outputs)) << word;
  EXPECT_TRUE(MoreOutputs().empty());
}

TEST(MoreOutputs, TheOthersNodesStay) {
  const Graph before = graph_of(small_vit());
  const Graph after = with_more_outputs(before, asked({"features", "patches", "attention"}));
  ASSERT_GT(after.nodes.size(), before.nodes.size());
  for (size_t i = 0; i < before.nodes.size(); ++i) {
    EXPECT_EQ(after.nodes[i].name, before.nodes[i].name);
    EXPECT_EQ(after.nodes[i].inputs, before.nodes[i].inputs);
  }
  std::vector<std::string> names;
  for (const GraphOutput& output : after.outputs) names.push_back(output.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"logits", "features", "patches", "blocks.0.attn.attention.q",
                                      "blocks.0.attn.attention.k", "blocks.1.attn.attention.q",
                                      "blocks.1.attn.attention.k"}));
  EXPECT_EQ(with_more_outputs(before, {}).nodes.size(), before.nodes.size());
}

// What the classifier reads, for each way of pooling; the patches are those that timm's
// forward_features() gives after the class token.
TEST(MoreOutputs, FeaturesAndPatches) {
  struct Case {
    const char* what;
    void (*change)(RandomVit&);
    const char *features, *patches;
    size_t first;
  };
  const Case cases[] = {
      {"class token", [](RandomVit&) {}, "norm", nullptr, 0},
      {"mean of normed", [](RandomVit& v) { v.mean_of_normed = true; }, "pool", "norm", 1},
      {"no class token", [](RandomVit& v) { v.class_token = false; }, "pool", "norm", 0},
      {"mean, then norm", [](RandomVit& v) { v.mean_pooling = true; }, "norm",
       "blocks.1.mlp.residual", 1},
  };
  const std::vector<uint8_t> picture = some_pictures()[0];
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    RandomVit vit = small_vit();
    c.change(vit);
    vit::VitOptions options;
    options.heads = 2;
    if (vit.mean_of_normed) options.pooling = vit::Pooling::Mean;
    const Graph graph = with_more_outputs(vit::build_vit(make_checkpoint(vit), options),
                                          asked({"features", "patches"}));
    const Values values(graph, picture);
    ASSERT_TRUE(values.nodes.count(c.features));
    expect_near(values.outputs.at("features"), values.nodes.at(c.features), 1e-5f);
    const std::vector<float>& patches = values.outputs.at("patches");
    ASSERT_EQ(patches.size(), 16u * 64);
    if (c.patches) expect_near(patches, rows(values.nodes.at(c.patches), 64, c.first, 16), 1e-5f);
  }
}

// Of a class token's classifier: LayerNorm of the patches, by its definition.
TEST(MoreOutputs, PatchesBesideAClassToken) {
  RandomVit vit = small_vit();
  vit.registers = 2;
  const Graph graph = with_more_outputs(graph_of(vit), asked({"patches"}));
  const Values values(graph, some_pictures()[0]);
  const std::vector<float> stream = rows(values.nodes.at("blocks.1.mlp.residual"), 64, 3, 16);
  const LayerNorm* norm = nullptr;
  for (const Node& node : graph.nodes)
    if (node.name == "norm") norm = &node.as<LayerNorm>();
  ASSERT_NE(norm, nullptr);
  std::vector<float> expected;
  for (size_t r = 0; r < 16; ++r) {
    double mean = 0, variance = 0;
    for (size_t c = 0; c < 64; ++c) mean += static_cast<double>(stream[r * 64 + c]) / 64;
    for (size_t c = 0; c < 64; ++c)
      variance += std::pow(static_cast<double>(stream[r * 64 + c]) - mean, 2) / 64;
    for (size_t c = 0; c < 64; ++c)
      expected.push_back(static_cast<float>((static_cast<double>(stream[r * 64 + c]) - mean) /
                                                std::sqrt(variance + 1e-6) *
                                                static_cast<double>(norm->gamma[c]) +
                                            static_cast<double>(norm->beta[c])));
  }
  expect_near(values.outputs.at("patches"), expected, 1e-4f);
}

TEST(MoreOutputs, TwoHeadsReadTwoFeatures) {
  RandomVit vit = small_vit();
  vit.distillation = true;
  const Graph graph = with_more_outputs(graph_of(vit), asked({"features"}));
  const Values values(graph, some_pictures()[0]);
  expect_near(values.outputs.at("features"), values.nodes.at("norm"), 1e-5f);
  expect_near(values.outputs.at("features_2"), values.nodes.at("norm_dist"), 1e-5f);
}

// softmax(q k^T) v is what attention gave.
TEST(MoreOutputs, QueriesAndKeysAreThoseOfAttention) {
  const Graph graph = with_more_outputs(graph_of(small_vit()), asked({"attention=1"}));
  ASSERT_EQ(graph.outputs.size(), 3u);
  const Values values(graph, some_pictures()[0]);
  const std::vector<float>& q = values.outputs.at("blocks.1.attn.attention.q");
  const std::vector<float>& k = values.outputs.at("blocks.1.attn.attention.k");
  const std::vector<float>& v = values.nodes.at("blocks.1.attn.v");
  ASSERT_EQ(q.size(), 17u * 64);
  std::vector<float> expected(17 * 64);
  for (size_t row = 0; row < 17; ++row)
    for (size_t head = 0; head < 2; ++head) {
      std::vector<double> weights(17);
      double sum = 0;
      for (size_t t = 0; t < 17; ++t) {
        double score = 0;
        for (size_t c = head * 32; c < head * 32 + 32; ++c)
          score += static_cast<double>(q[row * 64 + c]) * static_cast<double>(k[t * 64 + c]);
        sum += weights[t] = std::exp(score);
      }
      for (size_t c = head * 32; c < head * 32 + 32; ++c) {
        double mean = 0;
        for (size_t t = 0; t < 17; ++t)
          mean += weights[t] / sum * static_cast<double>(v[t * 64 + c]);
        expected[row * 64 + c] = static_cast<float>(mean);
      }
    }
  expect_near(values.nodes.at("blocks.1.attn.attention"), expected, 1e-4f);
}

std::vector<std::vector<float>> outputs_of(const AlignedBytes& file,
                                           const std::vector<uint8_t>& picture) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  size_t bytes = 0;
  std::memcpy(vitro_input(session, &bytes), picture.data(), picture.size());
  vitro_run(session);
  std::vector<std::vector<float>> all;
  for (size_t i = 0; i < vitro_output_count(&program); ++i) {
    vitro_output_info info;
    EXPECT_EQ(vitro_output(&program, i, &info), VITRO_OK);
    const float* const first = vitro_output_values(session, i);
    all.emplace_back(first, first + info.rows * info.cols);
  }
  return all;
}

// The logits keep their bits, and the outputs are close to the float graph's.
TEST(MoreOutputs, Converted) {
  const Checkpoint checkpoint = make_checkpoint(small_vit());
  const Graph graph = graph_of(small_vit());
  const Pictures pictures = some_pictures();
  const ConvertResult plain = convert(checkpoint, graph, pictures, {}, nullptr);
  ConvertOptions options;
  options.also = asked({"features", "patches", "attention"});
  const ConvertResult more = convert(checkpoint, graph, pictures, options, nullptr);
  const Graph float_graph = with_more_outputs(graph, options.also);
  FloatExecutor executor(float_graph);
  for (const auto& picture : pictures) {
    const auto expected = executor.run(picture.data());
    const auto answers = outputs_of(more.file, picture);
    EXPECT_EQ(answers[0], outputs_of(plain.file, picture)[0]);
    ASSERT_EQ(answers.size(), expected.size());
    for (size_t i = 0; i < answers.size(); ++i) {
      double signal = 0, noise = 0;
      for (size_t c = 0; c < answers[i].size(); ++c) {
        signal += std::pow(static_cast<double>(expected[i][c]), 2);
        noise += std::pow(static_cast<double>(expected[i][c] - answers[i][c]), 2);
      }
      EXPECT_GT(10 * std::log10(signal / noise), 25) << float_graph.outputs[i].name;
    }
  }
  const schema::Program& program = *schema::GetProgram(more.file.data());
  EXPECT_NE(std::string(program.provenance()->options()->c_str())
                .find(" also=features,patches,attention"),
            std::string::npos);
}

// A calibration is saved without them, and gives them where linear layers alone are added.
TEST(MoreOutputs, WithASavedCalibration) {
  const Checkpoint checkpoint = make_checkpoint(small_vit());
  const Graph graph = graph_of(small_vit());
  const Pictures pictures = some_pictures();
  ConvertOptions options;
  options.also = asked({"features", "attention"});
  const ConvertResult measured = convert(checkpoint, graph, pictures, options, nullptr);
  const ConvertResult plain = convert(checkpoint, graph, pictures, {}, nullptr);
  SavedCalibration saved;
  saved.calibration = plain.calibration;
  saved.layers = plain.layers;
  const ConvertResult again = convert(checkpoint, graph, saved, options, nullptr);
  const auto a = outputs_of(measured.file, pictures[0]), b = outputs_of(again.file, pictures[0]);
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(a[0], b[0]);
  for (size_t i = 1; i < a.size(); ++i) expect_near(a[i], b[i], 1e-3f);
  options.also = asked({"patches"});
  EXPECT_THROW(convert(checkpoint, graph, saved, options, nullptr), InputError);
}

// Of a model that picks rows by rollout; nothing is added to compute them.
TEST(MoreOutputs, Parts) {
  const Graph plain = graph_of(small_vit());
  EXPECT_THROW(with_more_outputs(plain, asked({"parts"})), NodeFault);
  Graph graph = plain;
  const auto named = [&graph](const std::string& name) {
    size_t i = 0;
    while (graph.nodes[i].name != name) ++i;
    return i;
  };
  const size_t rollout =
                   add_node(graph, "rollout", {named("blocks.0.attn.q"), named("blocks.0.attn.k")},
                            Rollout{2, 0.25f}),
               parts = add_node(graph, "found", {rollout}, ArgMax{1});
  const Graph after = with_more_outputs(graph, asked({"parts"}));
  EXPECT_EQ(after.nodes.size(), graph.nodes.size());
  ASSERT_EQ(after.outputs.size(), 2u);
  EXPECT_EQ(after.outputs[1].name, "parts");
  EXPECT_EQ(after.outputs[1].node, parts);
  EXPECT_EQ(after.outputs[1].kind, OutputKind::Features);
}

TEST(MoreOutputs, Refused) {
  const Graph graph = graph_of(small_vit());
  EXPECT_THROW(with_more_outputs(graph, asked({"attention=2"})), NodeFault);
  Graph windows = graph;
  for (Node& node : windows.nodes)
    if (node.is<Attention>()) node.as<Attention>().groups = 17;
  EXPECT_THROW(with_more_outputs(windows, asked({"attention"})), NodeFault);
  Graph regions = graph, biased = graph;
  for (Node& node : regions.nodes)
    if (node.is<Attention>()) node.as<Attention>().regions.assign(17, 0);
  EXPECT_THROW(with_more_outputs(regions, asked({"attention"})), NodeFault);
  for (Node& node : biased.nodes)
    if (node.is<Attention>()) node.as<Attention>().bias = Matrix(17, 17);
  EXPECT_THROW(with_more_outputs(biased, asked({"attention"})), NodeFault);
  Graph features = graph;
  features.outputs = {{graph.nodes.size() - 2, "class", OutputKind::Features}};
  EXPECT_THROW(with_more_outputs(features, asked({"features"})), NodeFault);
  EXPECT_THROW(with_more_outputs(features, asked({"patches"})), NodeFault);
  EXPECT_EQ(with_more_outputs(features, asked({"attention=0"})).outputs.size(), 3u);
  ConvertOptions options;
  options.static_scales = true;
  options.also = asked({"attention"});
  EXPECT_THROW(convert(make_checkpoint(small_vit()), graph, some_pictures(), options, nullptr),
               InputError);
  options.also = asked({"features"});
  EXPECT_NO_THROW(convert(make_checkpoint(small_vit()), graph, some_pictures(), options, nullptr));
}

}  // namespace
}  // namespace vitro
