// SPDX-License-Identifier: Apache-2.0
// What each kind of node computes, compared with numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"

namespace vitro {

using namespace converter;

namespace {

Matrix matrix(size_t rows, size_t cols, std::vector<float> data) {
  Matrix m(rows, cols);
  m.data = std::move(data);
  return m;
}

/// A graph with one node to test. Its inputs are nodes whose values the test gives.
class OneNode {
 public:
  explicit OneNode(size_t height = 1, size_t width = 1) {
    graph_.preprocessing.image_height = height;
    graph_.preprocessing.image_width = width;
  }

  size_t input(const Matrix& value, std::optional<Grid> grid = std::nullopt) {
    Node node;
    node.name = "input";
    node.rows = value.rows;
    node.cols = value.cols;
    node.grid = grid;
    graph_.nodes.push_back(node);
    values_.push_back(value.data);
    values_.back().resize(value.data.size() + Product::kPadding);
    return graph_.nodes.size() - 1;
  }

  const Node& add(Operation operation, std::vector<size_t> inputs) {
    return graph_.nodes[add_node(graph_, "node", std::move(inputs), std::move(operation))];
  }

  /// The values of the last node.
  std::vector<float> execute(const std::vector<uint8_t>& picture = {}) {
    const Node& node = graph_.nodes.back();
    std::vector<const float*> inputs;
    for (const size_t i : node.inputs) inputs.push_back(values_[i].data());
    std::vector<float> value(node.rows * node.cols + Product::kPadding, NAN), scratch;
    type_of(node).execute(graph_, node)({picture.data(), inputs.data(), value.data(), scratch});
    value.resize(node.rows * node.cols);
    return value;
  }

  size_t rows_read(size_t input, size_t rows) {
    const Node& node = graph_.nodes.back();
    return type_of(node).rows_read(graph_, node, input, rows);
  }

  Graph& graph() { return graph_; }

 private:
  Graph graph_;
  std::vector<std::vector<float>> values_;
};

using Floats = std::vector<float>;

void expect_near(const Floats& got, const Floats& want, float tolerance = 1e-6f) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance) << i;
}

TEST(Nodes, PatchRowsOfAnOblongPicture) {
  OneNode one(2, 6);  // 2 x 6 pixels, patches of 2 x 3
  const Node& node = one.add(PatchRows{2, 3, 2, true}, {});
  EXPECT_EQ(node.rows, 2u);
  EXPECT_EQ(node.cols, 20u);
  EXPECT_EQ(node.grid->height, 1u);
  EXPECT_EQ(node.grid->width, 2u);
  std::vector<uint8_t> picture(2 * 6 * 3);
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(one.execute(picture),
            (Floats{0, 1,  2,  3,  4,  5,  6,  7,  8,  18, 19, 20, 21, 22, 23, 24, 25, 26, 0, 0,
                    9, 10, 11, 12, 13, 14, 15, 16, 17, 27, 28, 29, 30, 31, 32, 33, 34, 35, 0, 0}));
}

TEST(Nodes, PatchRowsNormalises) {
  OneNode one;
  one.graph().preprocessing.mean[1] = 0.25f;
  one.graph().preprocessing.std[1] = 0.5f;
  one.add(PatchRows{1, 1}, {});
  const Floats value = one.execute({0, 255, 0});
  EXPECT_NEAR(value[1], (1 - 0.25f) / 0.5f, 1e-6f);
  EXPECT_THROW(one.add(PatchRows{1, 2}, {}), std::logic_error);
  EXPECT_THROW(one.add(PatchRows{1, 1}, {0}), std::logic_error);
}

TEST(Nodes, ConstantReadsNothing) {
  OneNode one;
  const Node& node = one.add(Constant{matrix(2, 2, {1, -2, 3, 0.5f})}, {});
  EXPECT_EQ(node.rows, 2u);
  EXPECT_EQ(node.cols, 2u);
  EXPECT_EQ(one.execute(), (Floats{1, -2, 3, 0.5f}));
  EXPECT_THROW(one.add(Constant{matrix(1, 1, {1})}, {0}), std::logic_error);
}

TEST(Nodes, Linear) {
  OneNode one;
  const size_t x = one.input(matrix(2, 2, {1, 2, -3, 0.5f}), Grid{1, 2, 0});
  const Node& node = one.add(Linear{matrix(3, 2, {1, 0, 0, 1, 2, -4}), {0, 10, 0.5f}}, {x});
  EXPECT_EQ(node.rows, 2u);
  EXPECT_EQ(node.cols, 3u);
  EXPECT_EQ(node.grid->width, 2u);
  expect_near(one.execute(), {1, 12, -5.5f, -3, 10.5f, -7.5f});
  EXPECT_EQ(one.rows_read(0, 1), 1u);
  EXPECT_THROW(one.add(Linear{Matrix(3, 3), Floats(3)}, {x}), std::logic_error);
  EXPECT_THROW(one.add(Linear{Matrix(3, 2), Floats(2)}, {x}), std::logic_error);
  EXPECT_THROW(one.add(Linear{Matrix(3, 2), Floats(3)}, {}), std::logic_error);
  EXPECT_THROW(one.add(Linear{Matrix(3, 2), Floats(3)}, {7}), std::logic_error);
}

TEST(Nodes, LinearAbsorbsAnAffineMap) {
  OneNode one;
  const size_t x = one.input(matrix(1, 2, {1, 1}));
  one.add(Linear{matrix(1, 2, {3, 5}), {1}}, {x});
  Node node = one.graph().nodes.back();
  ASSERT_EQ(type_of(node).affine.input, AffineInput::Absorbs);
  type_of(node).affine.absorb(node, {{2, 10}, {1, -1}});
  EXPECT_EQ(node.as<Linear>().weight.data, (Floats{6, 50}));
  EXPECT_EQ(node.as<Linear>().bias, (Floats{1 + 3 - 5}));
}

TEST(Nodes, Tokens) {
  OneNode one;
  const size_t x = one.input(matrix(2, 2, {1, 2, 3, 4}), Grid{2, 1, 0});
  const Node& node = one.add(Tokens{matrix(1, 2, {7, 8}), matrix(2, 2, {10, 20, 30, 40})}, {x});
  EXPECT_EQ(node.rows, 3u);
  EXPECT_EQ(node.grid->first_row, 1u);
  EXPECT_EQ(one.execute(), (Floats{7, 8, 11, 22, 33, 44}));
  EXPECT_EQ(one.rows_read(0, 1), 2u);
  EXPECT_THROW(one.add(Tokens{Matrix(), Matrix(3, 2)}, {x}), std::logic_error);
  EXPECT_THROW(one.add(Tokens{Matrix(1, 3), Matrix(2, 2)}, {x}), std::logic_error);
}

TEST(Nodes, LayerNorm) {
  OneNode one;
  const size_t x = one.input(matrix(2, 2, {1, 3, 5, 5}));
  one.add(LayerNorm{{2, 10}, {0.5f, 1}, 3}, {x});  // variances 1 and 0; 1 / sqrt(1 + 3) is 0.5
  expect_near(one.execute(), {-0.5f, 6, 0.5f, 1});
  EXPECT_EQ(type_of(one.graph().nodes.back()).basis(one.graph().nodes.back()), Basis::ByColumn);
  const std::optional<Affine> affine =
      type_of(one.graph().nodes.back()).affine.take(one.graph(), one.graph().nodes.back());
  ASSERT_TRUE(affine.has_value());
  EXPECT_EQ(affine->scale, (std::vector<double>{2, 10}));
  EXPECT_EQ(affine->shift, (std::vector<double>{0.5, 1}));
  expect_near(one.execute(), {-0.5f, 0.5f, 0, 0});
  EXPECT_EQ(type_of(one.graph().nodes.back()).basis(one.graph().nodes.back()), Basis::KeepsOnes);
  EXPECT_EQ(one.rows_read(0, 1), 1u);
  EXPECT_THROW(one.add(LayerNorm{{1, 1, 1}, {0, 0, 0}, 0}, {x}), std::logic_error);
  EXPECT_THROW(one.add(LayerNorm{{1, 1}, {}, 0}, {x}), std::logic_error);
}

// One head; a query attends to both keys with weights e^s / (e^s + e^t).
TEST(Nodes, AttentionByHand) {
  OneNode one;
  const size_t q = one.input(matrix(2, 1, {0, 2})), k = one.input(matrix(2, 1, {1, 3})),
               v = one.input(matrix(2, 1, {10, 20}));
  one.add(Attention{1, 1, 0.5f}, {q, k, v});
  const float late = 1 / (1 + std::exp(-2.0f));  // scores 1 and 3
  expect_near(one.execute(), {15, 10 + 10 * late}, 1e-5f);
  EXPECT_EQ(one.rows_read(0, 1), 1u);
  EXPECT_EQ(one.rows_read(1, 1), 2u);
  EXPECT_EQ(one.rows_read(2, 1), 2u);
}

// Two heads of one column: each has its own weights and values.
TEST(Nodes, AttentionOfTwoHeads) {
  OneNode one;
  const size_t q = one.input(matrix(1, 2, {0, 100})), k = one.input(matrix(2, 2, {5, 0, 6, 1})),
               v = one.input(matrix(2, 2, {1, 2, 3, 4}));
  one.add(Attention{2, 1, 1}, {q, k, v});
  expect_near(one.execute(), {2, 4}, 1e-5f);
}

// Each group is an attention of its own, whatever the other groups contain.
TEST(Nodes, AttentionOfGroups) {
  const Floats q = {0, 1, -1, 2, 0.5f, 3, 1, 1}, k = {1, 2, 0, -1, 3, 1, 2, 2, 1, 0, -2, 1},
               v = {4, 3, 2, 1, 0, -1, 7, 5, 6, 1, 2, 9};
  Floats apart;
  for (size_t g = 0; g < 2; ++g) {  // 2 queries, 3 keys and values of 2 columns each
    OneNode one;
    const auto part = [g](const Floats& all, size_t rows) {
      const auto first = all.begin() + static_cast<ptrdiff_t>(g * rows * 2);
      return matrix(rows, 2, {first, first + static_cast<ptrdiff_t>(rows * 2)});
    };
    const size_t a = one.input(part(q, 2)), b = one.input(part(k, 3)), c = one.input(part(v, 3));
    one.add(Attention{1, 1, 0.7f}, {a, b, c});
    const Floats value = one.execute();
    apart.insert(apart.end(), value.begin(), value.end());
  }
  OneNode one;
  const size_t a = one.input(matrix(4, 2, q)), b = one.input(matrix(6, 2, k)),
               c = one.input(matrix(6, 2, v));
  const Node& node = one.add(Attention{1, 2, 0.7f}, {a, b, c});
  EXPECT_EQ(node.rows, 4u);
  expect_near(one.execute(), apart);
  EXPECT_EQ(one.rows_read(1, 1), 6u);
  EXPECT_THROW(one.add(Attention{1, 3, 1}, {a, b, c}), std::logic_error);
  EXPECT_THROW(one.add(Attention{1, 4, 1}, {a, b, c}), std::logic_error);  // 6 rows of keys
  EXPECT_THROW(one.add(Attention{3, 1, 1}, {a, b, c}), std::logic_error);
  EXPECT_THROW(one.add(Attention{1, 1, 1}, {a, b, a}), std::logic_error);
  EXPECT_THROW(one.add(Attention{1, 1, 1}, {a, b}), std::logic_error);
}

// More queries than the float engine processes at a time.
TEST(Nodes, AttentionOfManyQueries) {
  OneNode one;
  Floats many(300);
  for (size_t i = 0; i < many.size(); ++i) many[i] = i % 2 ? 50 : -50;
  const size_t q = one.input(matrix(300, 1, many)), k = one.input(matrix(2, 1, {-1, 1})),
               v = one.input(matrix(2, 1, {3, 4}));
  one.add(Attention{1, 1, 1}, {q, k, v});
  const Floats value = one.execute();
  for (size_t i = 0; i < many.size(); ++i) ASSERT_NEAR(value[i], i % 2 ? 4 : 3, 1e-5f) << i;
}

TEST(Nodes, Gelu) {
  OneNode one;
  const size_t x = one.input(matrix(1, 4, {0, 1, -1, 10}));
  one.add(Gelu{}, {x});
  expect_near(one.execute(), {0, 0.8413447f, -0.1586553f, 10});
}

// torch.nn.functional.gelu(x, approximate="tanh") and silu of torch 2.13.
TEST(Nodes, GeluByTanhAndSilu) {
  OneNode one;
  const size_t x = one.input(matrix(1, 6, {0, 1, -1, 3, -2.5f, 10}));
  one.add(Gelu{true}, {x});
  expect_near(one.execute(), {0, 0.84119201f, -0.15880799f, 2.9963627f, -0.015084296f, 10});
  one.graph().nodes.pop_back();
  one.add(Silu{}, {x});
  expect_near(one.execute(), {0, 0.73105860f, -0.26894143f, 2.8577223f, -0.18964545f, 9.9995461f});
}

TEST(Nodes, AddAndAverage) {
  OneNode one;
  const size_t a = one.input(matrix(1, 2, {1, -2})), b = one.input(matrix(1, 2, {10, 5})),
               other = one.input(Matrix(2, 1));
  one.add(Add{}, {a, b});
  EXPECT_EQ(one.execute(), (Floats{11, 3}));
  one.graph().nodes.pop_back();
  one.add(Average{}, {a, b});
  EXPECT_EQ(one.execute(), (Floats{5.5f, 1.5f}));
  EXPECT_THROW(one.add(Add{}, {a, other}), std::logic_error);
  EXPECT_THROW(one.add(Add{}, {a}), std::logic_error);
  EXPECT_THROW(one.add(Average{}, {a}), std::logic_error);
}

TEST(Nodes, SelectRows) {
  OneNode one;
  const size_t x = one.input(matrix(5, 1, {1, 2, 3, 4, 5}), Grid{2, 2, 1});
  const Node& some = one.add(SelectRows{2, 2}, {x});
  EXPECT_FALSE(some.grid.has_value());
  EXPECT_EQ(one.execute(), (Floats{3, 4}));
  EXPECT_EQ(one.rows_read(0, 1), 3u);
  EXPECT_EQ(one.rows_read(0, 2), 4u);
  one.graph().nodes.pop_back();
  const Node& map = one.add(SelectRows{1, 4}, {x});
  ASSERT_TRUE(map.grid.has_value());
  EXPECT_EQ(map.grid->first_row, 0u);
  EXPECT_THROW(one.add(SelectRows{2, 4}, {x}), std::logic_error);
  EXPECT_THROW(one.add(SelectRows{2, 0}, {x}), std::logic_error);
}

TEST(Nodes, MeanRows) {
  OneNode one;
  const size_t x = one.input(matrix(3, 2, {100, 100, 1, 2, 3, 6}));
  const Node& node = one.add(MeanRows{1}, {x});
  EXPECT_EQ(node.rows, 1u);
  EXPECT_EQ(one.execute(), (Floats{2, 4}));
  EXPECT_EQ(one.rows_read(0, 1), 3u);
  EXPECT_THROW(one.add(MeanRows{3}, {x}), std::logic_error);
}

TEST(Nodes, FaultsNameTheNode) {
  Graph graph;
  graph.preprocessing.image_width = graph.preprocessing.image_height = 3;
  try {
    add_node(graph, "pixels", {}, PatchRows{2, 2});
    FAIL();
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "patch_rows node pixels does not divide the picture into patches");
  }
}

}  // namespace
}  // namespace vitro
