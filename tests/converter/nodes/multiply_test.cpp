// SPDX-License-Identifier: Apache-2.0
// The node that multiplies two values: in float, and within a gated MLP in int8.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "converter/base/error.h"
#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "runtime/core/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace converter;

namespace {

/// A graph of 16 patches of 4 x 4 pixels, to which the test adds nodes.
class GatedMlp {
 public:
  GatedMlp() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 16;
    graph.preprocessing.resize_width = graph.preprocessing.resize_height = 16;
    stream = linear("embed", add("pixels", {}, PatchRows{4, 4, 0, false}), 32);
  }
  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  size_t linear(const std::string& name, size_t from, size_t cols) {
    const size_t k = graph.nodes[from].cols;
    std::normal_distribution<float> weight(0, 1 / std::sqrt(static_cast<float>(k)));
    Linear linear{Matrix(cols, k), std::vector<float>(cols)};
    for (float& w : linear.weight.data) w = weight(generator_);
    for (float& b : linear.bias) b = weight(generator_);
    return add(name, {from}, std::move(linear));
  }
  size_t norm(const std::string& name, size_t from) {
    const size_t cols = graph.nodes[from].cols;
    return add(name, {from},
               LayerNorm{std::vector<float>(cols, 1.25f), std::vector<float>(cols, -0.25f), 1e-6f});
  }
  /// Twice x + W (gate(A norm(x)) * (B norm(x))), then logits of the mean. `two_norms`: A and B
  /// each have a norm of their own.
  void build(size_t hidden, bool two_norms = false, const Operation& activation = Gelu{}) {
    for (const std::string block : {"0.", "1."}) {
      const size_t x = norm(block + "norm", stream);
      const size_t gate = add(block + "act", {linear(block + "gate", x, hidden)}, activation);
      const size_t up = linear(block + "up", two_norms ? norm(block + "norm2", stream) : x, hidden);
      const size_t product = add(block + "product", {gate, up}, Multiply{});
      const size_t down = linear(block + "down", product, 32);
      stream = add(block + "sum", {stream, down}, Add{});
    }
    const size_t mean = add("mean", {norm("norm", stream)}, MeanRows{0});
    graph.outputs.push_back({linear("head", mean, 10), "logits", OutputKind::Logits});
  }
  ConvertResult convert_it(bool static_scales = false) const {
    Checkpoint checkpoint;
    checkpoint.path = "gated";
    Pictures pictures(4, std::vector<uint8_t>(16 * 16 * 3));
    for (size_t i = 0; i < pictures.size(); ++i)
      golden_picture(static_cast<uint32_t>(40 + i), pictures[i].data(), pictures[i].size());
    ConvertOptions options;
    options.static_scales = static_scales;
    return convert(checkpoint, graph, pictures, options, {});
  }

  Graph graph;
  size_t stream = 0;

 private:
  std::mt19937 generator_{21};
};

// The expected values are torch.nn.functional.gelu(x) * y of torch 2.13.
TEST(MultiplyNode, AgreesWithPyTorch) {
  Graph graph;
  graph.preprocessing.image_width = graph.preprocessing.image_height = 2;
  const auto constant = [&](const char* name, std::vector<float> values) {
    Tokens tokens;  // its input is multiplied by weights of 0, so only the positions are left
    tokens.positions = Matrix(1, 8);
    tokens.positions.data = std::move(values);
    const size_t pixels = add_node(graph, std::string(name) + ".pixels", {}, PatchRows{2, 2});
    const size_t zero = add_node(graph, std::string(name) + ".zero", {pixels},
                                 Linear{Matrix(8, 12), std::vector<float>(8)});
    return add_node(graph, name, {zero}, std::move(tokens));
  };
  const size_t x = constant("x", {1.5f, -2.0f, 0.25f, 3.0f, -0.5f, 0.75f, -1.25f, 2.5f});
  const size_t y = constant("y", {0.5f, 1.25f, -4.0f, -1.0f, 2.0f, -0.125f, -3.0f, 0.0f});
  const size_t gelu = add_node(graph, "gelu", {x}, Gelu{});
  graph.outputs = {
      {add_node(graph, "product", {gelu, y}, Multiply{}), "product", OutputKind::Features}};
  const std::vector<uint8_t> picture(12);
  const std::vector<float> got = FloatExecutor(graph).run(picture.data()).front();
  const float want[] = {0.69989455f,  -0.056875348f, -0.59870631f, -2.9959497f,
                        -0.30853754f, -0.072503686f, 0.39618665f,  0};
  ASSERT_EQ(got.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(got[i], want[i], 1e-6) << i;
}

TEST(MultiplyNode, ReadsTwoValuesOfOneShape) {
  GatedMlp mlp;
  const size_t narrow = mlp.linear("narrow", mlp.stream, 16);
  EXPECT_THROW(mlp.add("product", {mlp.stream}, Multiply{}), std::logic_error);
  EXPECT_THROW(mlp.add("product", {mlp.stream, narrow}, Multiply{}), std::logic_error);
}

/// Expects the same outputs with every kernel variant. Returns the number of multiply ops.
size_t run_everywhere(const AlignedBytes& file) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  EXPECT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 3}) {
      options.isa = vitro_isa_name(i);
      options.threads = threads;
      EXPECT_EQ(run_program(program, options).logits, expected.logits)
          << options.isa << ", " << threads << " threads";
    }
  size_t products = 0;
  for (const auto& step : unpack(file).steps)
    for (const auto& op : step->ops) products += op->args.type == schema::OpArgs::Multiply;
  return products;
}

// 42 hidden columns are padded to 44. Even with static scales, the product takes int16 values, and
// the linear layers that make them read row-quantised int8.
TEST(MultiplyNode, AGatedMlpInInt8) {
  for (const size_t hidden : {64u, 42u})
    for (const bool two_norms : {false, true})
      for (const bool static_scales : {false, true}) {
        SCOPED_TRACE(testing::Message() << hidden << " " << two_norms << " " << static_scales);
        GatedMlp mlp;
        mlp.build(hidden, two_norms);
        const ConvertResult result = mlp.convert_it(static_scales);
        EXPECT_GT(result.logit_sqnr_db, static_scales ? 25 : 30);
        EXPECT_EQ(run_everywhere(result.file), 2u);
      }
}

TEST(MultiplyNode, SwiGluInInt8) {
  for (const bool static_scales : {false, true}) {
    GatedMlp mlp;
    mlp.build(64, false, Silu{});
    const ConvertResult result = mlp.convert_it(static_scales);
    EXPECT_GT(result.logit_sqnr_db, static_scales ? 25 : 30);
    EXPECT_EQ(run_everywhere(result.file), 2u);
    size_t silus = 0;
    for (const auto& step : unpack(result.file).steps)
      for (const auto& op : step->ops)
        if (const auto* linear = op->args.AsLinear())
          silus += linear->activation == schema::Activation::Silu;
    EXPECT_EQ(silus, 2u);
  }
}

// Attention's output has a unit for each column.
TEST(MultiplyNode, ColumnsOfDifferentUnitsAreRefused) {
  GatedMlp mlp;
  const size_t x = mlp.norm("norm", mlp.stream);
  const size_t q = mlp.linear("q", x, 32), k = mlp.linear("k", x, 32), v = mlp.linear("v", x, 32);
  const size_t attention = mlp.add("attention", {q, k, v}, Attention{1, 1, 0.25f});
  const size_t product = mlp.add("product", {attention, mlp.linear("gate", x, 32)}, Multiply{});
  mlp.graph.outputs.push_back({mlp.linear("head", product, 10), "features", OutputKind::Features});
  try {
    mlp.convert_it();
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("columns of different units"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace vitro
