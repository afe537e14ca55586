// SPDX-License-Identifier: Apache-2.0
// Rollout, arg_max, pick_rows and overlapping patches in float: as PyTorch computes them, and what
// does not fit together. tests/models/transfg has them in int8.
#include <gtest/gtest.h>

#include <stdexcept>

#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"

namespace vitro::rollout_node_test {

using namespace converter;

namespace {

/// Three rows of four columns, by positions: what they are added to is multiplied by weights of 0.
struct Rows {
  Graph graph;
  size_t x = 0;
  Rows() {
    graph.preprocessing.image_width = 6, graph.preprocessing.image_height = 2;
    Tokens tokens;
    tokens.positions = Matrix(3, 4);
    tokens.positions.data = {0.5f, -1, 2, 0.25f, 1.5f, 0.75f, -0.5f, 1, -2, 0.125f, 1, -1.25f};
    const size_t pixels = add("pixels", {}, PatchRows{2, 2});
    x = add("x", {add("zero", {pixels}, Linear{Matrix(4, 12), std::vector<float>(4)})},
            std::move(tokens));
  }
  size_t add(const char* name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  std::vector<std::vector<float>> run(const std::vector<size_t>& nodes) {
    graph.outputs.clear();
    for (const size_t i : nodes)
      graph.outputs.push_back({i, graph.nodes[i].name, OutputKind::Features});
    return FloatExecutor(graph).run(std::vector<uint8_t>(2 * 6 * 3).data());
  }
};

// Of two heads, by torch 2.15: maps = (q @ k.mT * 0.7).softmax(-1) with q = k = x, the first row of
// maps, and that times maps. Then argmax, and x.gather by it after the first row.
TEST(RolloutNode, AgreesWithPyTorch) {
  Rows rows;
  const size_t first = rows.add("first", {rows.x, rows.x}, Rollout{2, 0.7f}),
               second = rows.add("second", {rows.x, rows.x, first}, Rollout{2, 0.7f}),
               best = rows.add("best", {second}, ArgMax{0}),
               others = rows.add("others", {second}, ArgMax{1}),
               picked = rows.add("picked", {rows.x, others}, PickRows{1});
  const std::vector<std::vector<float>> got = rows.run({first, second, best, others, picked});
  const float want_first[] = {0.62246102f, 0.25948036f, 0.1180586f,
                              0.8169288f,  0.02812902f, 0.15494215f},
              want_second[] = {0.42186967f, 0.38651103f, 0.19161934f,
                               0.72522712f, 0.0482847f,  0.22648817f};
  ASSERT_EQ(got[0].size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(got[0][i], want_first[i], 1e-6) << i;
    EXPECT_NEAR(got[1][i], want_second[i], 1e-6) << i;
  }
  EXPECT_EQ(got[2], (std::vector<float>{0, 0}));
  EXPECT_EQ(got[3], (std::vector<float>{1, 2}));
  EXPECT_EQ(got[4],
            (std::vector<float>{0.5f, -1, 2, 0.25f, 1.5f, 0.75f, -0.5f, 1, -2, 0.125f, 1, -1.25f}));
}

// Pixels of patches of 4 x 4 whose first pixels are 3 apart, of a picture of 11 x 8: the last
// column and row of pixels are in none.
TEST(PatchRowsNode, Overlap) {
  Graph graph;
  graph.preprocessing.image_width = 11, graph.preprocessing.image_height = 8;
  const size_t patches = add_node(graph, "pixels", {}, PatchRows{4, 4, 0, true, 3});
  const Node& node = graph.nodes[patches];
  EXPECT_EQ(node.rows, 6u);
  EXPECT_EQ(node.grid->width, 3u);
  EXPECT_EQ(node.grid->height, 2u);
  graph.outputs = {{patches, "pixels", OutputKind::Features}};
  std::vector<uint8_t> picture(11 * 8 * 3);
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i);
  const std::vector<float> got = FloatExecutor(graph).run(picture.data()).front();
  for (size_t i = 0; i < got.size(); ++i) {
    const size_t row = i / 48, y = row / 3 * 3 + i % 48 / 12, x = row % 3 * 3 * 3 + i % 12;
    ASSERT_EQ(got[i], static_cast<float>(picture[y * 33 + x])) << i;
  }
  const auto refused = [&](const PatchRows& larger) {
    EXPECT_THROW(add_node(graph, "p", {}, larger), std::logic_error);
  };
  refused({9, 9, 0, true, 3});
  refused({4, 12, 0, true, 3});
  refused({0, 0, 0, true, 3});
  refused({4, 4, 0, true, 0});
}

TEST(RolloutNode, WhatDoesNotFitTogether) {
  Rows rows;
  const size_t row = rows.add("row", {rows.x}, SelectRows{0, 1}),
               narrow = rows.add("narrow", {rows.x}, Linear{Matrix(2, 4), std::vector<float>(2)}),
               first = rows.add("first", {rows.x, rows.x}, Rollout{2, 1}),
               other = rows.add("other", {rows.x, rows.x}, Rollout{4, 1}),
               best = rows.add("best", {first}, ArgMax{2});
  const auto refused = [&](const std::vector<size_t>& inputs, const Operation& operation) {
    EXPECT_THROW(rows.add("r", inputs, operation), std::logic_error);
  };
  refused({rows.x, row}, Rollout{2, 1});
  refused({rows.x, narrow}, Rollout{2, 1});
  refused({rows.x, rows.x}, Rollout{3, 1});
  refused({rows.x, rows.x}, Rollout{0, 1});
  refused({rows.x, rows.x, other}, Rollout{2, 1});
  refused({rows.x, rows.x, best}, Rollout{2, 1});
  refused({first}, ArgMax{3});
  refused({rows.x, first}, PickRows{1});
  refused({rows.x, best}, PickRows{4});
  EXPECT_NO_THROW(rows.add("r", {rows.x, best}, PickRows{3}));
}

}  // namespace
}  // namespace vitro::rollout_node_test
