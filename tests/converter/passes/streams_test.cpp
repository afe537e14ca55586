// SPDX-License-Identifier: Apache-2.0
// Which columns belong together, and which of them may be rotated, in graphs built by hand.
#include "converter/passes/streams.h"

#include <gtest/gtest.h>

#include "converter/float/executor.h"
#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/centre.h"
#include "converter/passes/fold.h"
#include "converter/passes/measure.h"
#include "converter/passes/pad.h"
#include "converter/passes/read_out.h"
#include "converter/passes/rotate.h"

namespace vitro {

using namespace converter;

namespace {

/// Adds nodes with pseudo-random weights, which are always the same.
class Builder {
 public:
  Builder() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 4;
    pixels = add_node(graph, "pixels", {}, PatchRows{2, 2});
  }

  Graph graph;
  size_t pixels;

  size_t linear(size_t input, size_t cols) {
    Linear linear{random(cols, graph.nodes[input].cols), random(1, cols).data};
    return add("linear", {input}, std::move(linear));
  }
  size_t tokens(size_t input) {
    const Node& x = graph.nodes[input];
    return add("tokens", {input}, Tokens{random(1, x.cols), random(x.rows, x.cols)});
  }
  size_t norm(size_t input, bool affine = true) {
    LayerNorm norm;
    if (affine) {
      norm.gamma = random(1, graph.nodes[input].cols).data;
      norm.beta = random(1, graph.nodes[input].cols).data;
    }
    norm.epsilon = 1e-3f;
    return add("norm", {input}, std::move(norm));
  }
  size_t sum(size_t a, size_t b) { return add("sum", {a, b}, Add{}); }
  size_t gelu(size_t a) { return add("gelu", {a}, Gelu{}); }
  size_t attention(size_t q, size_t k, size_t v) {
    return add("attention", {q, k, v}, Attention{2, 1, 0.5f});
  }
  size_t select(size_t a) { return add("select", {a}, SelectRows{0, 1}); }
  void output(size_t node) { graph.outputs.push_back({node, "out", OutputKind::Features}); }

  const Matrix& weight(size_t node) const { return graph.nodes[node].as<Linear>().weight; }

 private:
  size_t add(const char* kind, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, kind + std::to_string(graph.nodes.size()), std::move(inputs),
                    std::move(operation));
  }
  Matrix random(size_t rows, size_t cols) {
    Matrix m(rows, cols);
    for (float& v : m.data)
      v = static_cast<float>(static_cast<int32_t>(state_ = state_ * 1664525 + 1013904223)) *
          0x1p-31f;
    return m;
  }
  uint32_t state_ = 1;
};

std::vector<std::vector<float>> run(const Graph& graph) {
  std::vector<uint8_t> picture(picture_bytes(graph.preprocessing));
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i * 37);
  return FloatExecutor(graph).run(picture.data());
}

void expect_same_outputs(const Graph& a, const Graph& b) {
  const auto want = run(a), got = run(b);
  ASSERT_EQ(got.size(), want.size());
  for (size_t o = 0; o < want.size(); ++o) {
    ASSERT_EQ(got[o].size(), want[o].size());
    for (size_t i = 0; i < want[o].size(); ++i) EXPECT_NEAR(got[o][i], want[o][i], 2e-4f) << i;
  }
}

/// Rotates a copy of the graph. Returns whether the weight of `node` changed.
bool rotates(const Builder& b, size_t node) {
  Graph rotated = b.graph;
  rotate(rotated);
  expect_same_outputs(b.graph, rotated);
  return rotated.nodes[node].as<Linear>().weight.data != b.weight(node).data;
}

TEST(Streams, SumsRowsAndChoicesConnect) {
  Builder b;
  const size_t embedded = b.linear(b.pixels, 8), tokens = b.tokens(embedded), norm = b.norm(tokens),
               branch = b.linear(norm, 8), sum = b.sum(tokens, branch), row = b.select(sum),
               last = b.norm(row), head = b.linear(last, 5);
  b.output(head);
  const std::vector<ColumnSet> sets = list_column_sets(b.graph);
  ASSERT_EQ(sets.size(), 3u);
  EXPECT_EQ(sets[0].readers, std::vector<size_t>{embedded});
  EXPECT_EQ(sets[1].members, (std::vector<size_t>{embedded, tokens, norm, branch, sum, row, last}));
  EXPECT_EQ(sets[1].readers, (std::vector<size_t>{branch, head}));
  EXPECT_EQ(sets[1].cols, 8u);
  EXPECT_FALSE(sets[1].has_output);
  EXPECT_TRUE(sets[2].has_output);
}

TEST(Streams, TwoOfTwoWidthsEachRotate) {
  Builder b;
  const size_t wide = b.linear(b.pixels, 12), norm = b.norm(wide, false),
               wide_branch = b.linear(norm, 12), wide_sum = b.sum(wide, wide_branch),
               narrow = b.linear(b.norm(wide_sum, false), 8), narrow_norm = b.norm(narrow, false),
               narrow_branch = b.linear(narrow_norm, 8),
               head = b.linear(b.norm(b.sum(narrow, narrow_branch), false), 3);
  b.output(head);
  for (const size_t i : {wide, wide_branch, narrow, narrow_branch, head})
    EXPECT_TRUE(rotates(b, i)) << i;
}

struct RotateCase {
  const char* what;
  bool legal;
  void (*extend)(Builder& b, size_t stream);  // adds another reader or writer
};

void PrintTo(const RotateCase& c, std::ostream* out) { *out << c.what; }

class RotateLegality : public testing::TestWithParam<RotateCase> {};

// A stream with a norm that a linear layer reads, extended by the case.
TEST_P(RotateLegality, OfAStream) {
  Builder b;
  const size_t stream = b.linear(b.pixels, 8);
  b.output(b.linear(b.norm(stream, false), 3));
  GetParam().extend(b, stream);
  EXPECT_EQ(rotates(b, stream), GetParam().legal);
}

INSTANTIATE_TEST_SUITE_P(
    , RotateLegality,
    testing::Values(
        RotateCase{"nothing", true, [](Builder&, size_t) {}},
        RotateCase{"linear_reader", true,
                   [](Builder& b, size_t stream) { b.output(b.linear(stream, 3)); }},
        RotateCase{"rows_of_it", true,
                   [](Builder& b, size_t stream) {
                     b.output(b.linear(b.norm(b.select(stream), false), 3));
                   }},
        RotateCase{"constants_added", true,
                   [](Builder& b, size_t stream) { b.output(b.linear(b.tokens(stream), 3)); }},
        RotateCase{"linear_writer", true,
                   [](Builder& b, size_t stream) {
                     b.output(b.linear(b.sum(stream, b.linear(b.pixels, 8)), 3));
                   }},
        RotateCase{"norm_with_gamma", false,
                   [](Builder& b, size_t stream) { b.output(b.linear(b.norm(stream), 3)); }},
        RotateCase{"activation_reads", false,
                   [](Builder& b, size_t stream) { b.output(b.linear(b.gelu(stream), 3)); }},
        RotateCase{"activation_writes", false,
                   [](Builder& b, size_t stream) {
                     b.output(b.linear(b.sum(stream, b.gelu(b.linear(b.pixels, 8))), 3));
                   }},
        RotateCase{"attention_reads", false,
                   [](Builder& b, size_t stream) {
                     b.output(b.linear(b.attention(stream, stream, stream), 3));
                   }},
        RotateCase{"attention_writes", false,
                   [](Builder& b, size_t stream) {
                     const size_t q = b.linear(b.pixels, 8), k = b.linear(b.pixels, 8),
                                  v = b.linear(b.pixels, 8);
                     b.output(b.linear(b.sum(stream, b.attention(q, k, v)), 3));
                   }},
        RotateCase{"output", false, [](Builder& b, size_t stream) { b.output(stream); }},
        RotateCase{"norm_is_output", false,
                   [](Builder& b, size_t stream) { b.output(b.norm(stream, false)); }}),
    [](const testing::TestParamInfo<RotateCase>& info) { return std::string(info.param.what); });

struct Heads {
  Builder b;
  size_t q, k, v, attention, projection;

  Heads() {
    q = b.linear(b.pixels, 8), k = b.linear(b.pixels, 8), v = b.linear(b.pixels, 8);
    attention = b.attention(q, k, v);
    projection = b.linear(attention, 3);
    b.output(projection);
  }
};

TEST(RotateHeads, BetweenLinearLayers) {
  const Heads h;
  for (const size_t i : {h.q, h.k, h.v, h.projection}) EXPECT_TRUE(rotates(h.b, i)) << i;
}

TEST(RotateHeads, QueriesThatOthersReadStay) {
  Heads h;
  h.b.output(h.b.gelu(h.q));
  EXPECT_FALSE(rotates(h.b, h.q));
  EXPECT_FALSE(rotates(h.b, h.k));
  EXPECT_TRUE(rotates(h.b, h.v));
}

TEST(RotateHeads, ValuesStayWhereAnythingElseReadsTheAttention) {
  Heads h;
  h.b.output(h.b.gelu(h.attention));
  EXPECT_TRUE(rotates(h.b, h.q));
  EXPECT_FALSE(rotates(h.b, h.v));
  EXPECT_FALSE(rotates(h.b, h.projection));
}

TEST(RotateHeads, KeysThatAreValuesStay) {
  Builder b;
  const size_t q = b.linear(b.pixels, 8), kv = b.linear(b.pixels, 8),
               projection = b.linear(b.attention(q, kv, kv), 3);
  b.output(projection);
  for (const size_t i : {q, kv, projection}) EXPECT_FALSE(rotates(b, i)) << i;
}

/// Which of queries, keys, values and projection are changed by centring.
std::string centred(const Heads& h) {
  Graph graph = h.b.graph;
  const std::vector<uint8_t> picture(picture_bytes(graph.preprocessing), 90);
  std::vector<ColumnStatistics> statistics = collect_statistics(graph, {picture}, 1, nullptr);
  centre_attention(graph, statistics);
  expect_same_outputs(h.b.graph, graph);
  std::string changed;
  for (const auto& [name, node] :
       {std::pair<char, size_t>{'q', h.q}, {'k', h.k}, {'v', h.v}, {'p', h.projection}})
    if (graph.nodes[node].as<Linear>().bias != h.b.graph.nodes[node].as<Linear>().bias)
      changed += name;
  return changed;
}

TEST(Centre, KeysAndValuesWhereNobodyElseReadsThem) {
  EXPECT_EQ(centred(Heads()), "kvp");
  Heads keys, values, attention, output;
  keys.b.output(keys.b.gelu(keys.k));
  EXPECT_EQ(centred(keys), "vp");
  values.b.output(values.b.gelu(values.v));
  EXPECT_EQ(centred(values), "k");
  attention.b.output(attention.b.gelu(attention.attention));
  EXPECT_EQ(centred(attention), "k");
  output.b.output(output.attention);
  EXPECT_EQ(centred(output), "k");
}

// As where heads are mixed: one set of keys and values, read by several attentions, and what these
// find scaled by columns.
TEST(Centre, WhatSeveralAttentionsShare) {
  Heads shared;
  Builder& b = shared.b;
  const size_t second = b.attention(b.linear(b.pixels, 8), shared.k, shared.v);
  const ColumnAffine affine{{1, 2, 3, 4, 5, -6, 7, 8}, std::vector<float>(8, 0.5f)};
  const size_t scaled = add_node(b.graph, "scaled", {second}, affine);
  b.output(b.linear(scaled, 3));
  EXPECT_EQ(centred(shared), "kvp");
  b.output(b.gelu(second));
  EXPECT_EQ(centred(shared), "k");
  b.output(b.gelu(shared.k));
  EXPECT_EQ(centred(shared), "");
}

TEST(ReadOut, NormsAndStreamsKeepTheirValues) {
  Builder b;
  const size_t stream = b.tokens(b.linear(b.pixels, 8)), norm = b.norm(stream),
               logits = b.linear(b.select(norm), 3), both = b.linear(norm, 4);
  b.output(norm), b.output(stream), b.output(logits), b.output(both);
  b.linear(both, 3);
  const Graph out = read_out(b.graph);
  EXPECT_EQ(out.nodes.size(), b.graph.nodes.size() + 3);  // the logits are a linear layer already
  for (const GraphOutput& output : out.outputs)
    EXPECT_TRUE(out.nodes[output.node].is<Linear>()) << output.node;
  EXPECT_EQ(run(out), run(b.graph));
  Graph rotated = fold(pad(out));
  EXPECT_TRUE(rotated.nodes[stream + 2].as<LayerNorm>().gamma.empty());
  rotate(rotated);
  EXPECT_NE(rotated.nodes[1].as<Linear>().weight.data, fold(out).nodes[1].as<Linear>().weight.data);
  expect_same_outputs(b.graph, rotated);
}

TEST(Fold, LeavesGammaWhereItCannotGo) {
  Builder b;
  const size_t stream = b.linear(b.pixels, 8), norm = b.norm(stream);
  b.output(b.linear(b.gelu(norm), 3));
  b.output(b.linear(b.norm(stream), 3));
  const Graph folded = fold(b.graph);
  EXPECT_FALSE(folded.nodes[norm].as<LayerNorm>().gamma.empty());
  EXPECT_TRUE(folded.nodes[norm + 3].as<LayerNorm>().gamma.empty());
  expect_same_outputs(b.graph, folded);
}

TEST(Pad, EveryStreamByItself) {
  Builder b;
  const size_t wide = b.linear(b.pixels, 10), branch = b.linear(b.norm(wide), 10),
               hidden = b.gelu(b.linear(b.norm(b.sum(wide, branch)), 7)),
               narrow = b.linear(hidden, 5);
  b.output(b.linear(b.select(b.norm(narrow)), 3));
  const Graph padded = pad(b.graph);
  EXPECT_TRUE(is_padded(padded));
  EXPECT_EQ(padded.nodes[wide].cols, 12u);
  EXPECT_EQ(padded.nodes[hidden].cols, 8u);
  EXPECT_EQ(padded.nodes[narrow].cols, 8u);
  EXPECT_EQ(padded.nodes[padded.outputs[0].node].cols, 3u);
  expect_same_outputs(b.graph, fold(padded));
}

TEST(Pad, HeadsOfValuesBesideThoseOfKeys) {
  for (const size_t value_cols : {10, 16}) {
    Builder b;
    const size_t q = b.linear(b.pixels, 6), k = b.linear(b.pixels, 6),
                 v = b.linear(b.pixels, value_cols), attention = b.attention(q, k, v);
    b.output(b.linear(attention, 3));
    const Graph padded = pad(b.graph);
    EXPECT_TRUE(is_padded(padded));
    EXPECT_EQ(padded.nodes[k].cols, 8u);
    EXPECT_EQ(padded.nodes[attention].cols, 16u);
    expect_same_outputs(b.graph, fold(padded));
    EXPECT_TRUE(rotates(b, v));
  }
}

TEST(Pad, RefusesHeadsThatSeveralShare) {
  Builder b;
  const size_t q = b.linear(b.pixels, 6), k = b.linear(b.pixels, 6), v = b.linear(b.pixels, 8);
  b.output(b.linear(b.attention(q, k, v), 3));
  b.output(b.linear(b.attention(b.linear(b.pixels, 6), k, b.linear(b.pixels, 8)), 3));
  EXPECT_THROW(pad(b.graph), NodeFault);
}

TEST(Pad, RefusesAStreamWhoseMeanCounts) {
  for (const bool activation : {false, true}) {
    Builder b;
    const size_t stream = b.linear(b.pixels, 5);
    b.output(b.linear(b.norm(stream), 3));
    b.output(b.linear(activation ? b.gelu(stream) : stream, 2));
    EXPECT_THROW(pad(b.graph), NodeFault);
  }
}

}  // namespace
}  // namespace vitro
