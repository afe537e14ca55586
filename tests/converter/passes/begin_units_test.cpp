// SPDX-License-Identifier: Apache-2.0
// Which sums get a unit of their own. The test sets the magnitudes of all values.
#include "converter/passes/begin_units.h"

#include <gtest/gtest.h>

#include "converter/nodes/node_type.h"

namespace vitro {

using namespace converter;

namespace {

// A graph of 4 patches of 2 x 2 pixels, with 12 columns everywhere. The largest magnitude of each
// node's values is given.
class Sketch {
 public:
  Sketch() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 4;
    pixels = add({}, PatchRows{2, 2, 0, false}, 255);
  }
  size_t add(std::vector<size_t> inputs, Operation operation, float largest) {
    const size_t i = add_node(graph, "node" + std::to_string(graph.nodes.size()), std::move(inputs),
                              std::move(operation));
    const size_t cols = graph.nodes[i].cols;
    statistics.push_back({std::vector<double>(cols), std::vector<float>(cols, -largest / 3),
                          std::vector<float>(cols, largest / 2)});
    statistics.back().lowest[1] = -largest;
    return i;
  }
  size_t linear(size_t from, float largest) {
    const size_t cols = graph.nodes[from].cols;
    return add({from}, Linear{Matrix(cols, cols), std::vector<float>(cols)}, largest);
  }
  size_t sum(size_t a, size_t b, float largest) { return add({a, b}, Add{}, largest); }
  // The sum of x and a linear layer of x.
  size_t grown(size_t x, float largest) { return sum(x, linear(x, largest), largest); }

  // The nodes that begin a unit.
  std::vector<size_t> begun() const {
    const std::vector<bool> begins = begin_units(graph, statistics);
    std::vector<size_t> nodes;
    for (size_t i = 0; i < begins.size(); ++i)
      if (begins[i]) nodes.push_back(i);
    return nodes;
  }

  Graph graph;
  size_t pixels = 0;
  std::vector<ColumnStatistics> statistics;
};

TEST(BeginUnits, OneUnitSpansAFactorOfEight) {
  Sketch s;
  const size_t x = s.linear(s.pixels, 2);
  s.grown(s.grown(x, 15.9f), 16);
  EXPECT_TRUE(s.begun().empty());
}

TEST(BeginUnits, GrowingStreamsGetAnother) {
  Sketch s;
  const size_t x = s.linear(s.pixels, 2);
  const size_t first = s.grown(s.grown(x, 15), 16.1f);  // is compared with x's 2, not with 15
  const size_t second = s.grown(s.grown(first, 128), 129);
  EXPECT_EQ(s.begun(), (std::vector<size_t>{first, second}));
}

TEST(BeginUnits, ShrinkingStreamsToo) {
  Sketch s;
  const size_t less = s.grown(s.linear(s.pixels, 100), 12.4f);
  EXPECT_EQ(s.begun(), std::vector<size_t>{less});
}

TEST(BeginUnits, RowsOfAStreamHaveItsUnit) {
  Sketch s;
  const size_t all = s.grown(s.linear(s.pixels, 2), 15);
  const size_t some = s.add({all}, SelectRows{0, 2}, 1);
  const size_t next = s.grown(some, 17);
  EXPECT_EQ(s.begun(), std::vector<size_t>{next});
  EXPECT_TRUE(type_of(s.graph.nodes[some]).unit == UnitRule::OfInput);
}

TEST(BeginUnits, WhatNoLinearAddsToIsTheFirstPart) {
  Sketch s;
  const size_t x = s.linear(s.pixels, 1), square = s.linear(x, 10);
  // Neither part is a linear layer, so both are int16, and the sum takes the first one's unit.
  const size_t a = s.add({square}, SelectRows{0, 2}, 10), b = s.add({x}, SelectRows{0, 2}, 1);
  const size_t of_a = s.sum(a, b, 11), of_b = s.sum(b, a, 11);
  EXPECT_EQ(s.begun(), std::vector<size_t>{of_b});
  EXPECT_LT(of_a, of_b);
}

}  // namespace
}  // namespace vitro
