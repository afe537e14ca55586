// SPDX-License-Identifier: Apache-2.0
// Made-up kinds of node, which the converter does not know: the passes learn all that they need
// from the kinds' functions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "converter/float/executor.h"
#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/centre.h"
#include "converter/passes/fold.h"
#include "converter/passes/fuse.h"
#include "converter/passes/measure.h"
#include "converter/passes/pad.h"
#include "converter/passes/rotate.h"
#include "converter/quantise/lowering.h"
#include "converter/report/fused_graph.h"

namespace vitro {

using namespace converter;

namespace {

// Takes values, keys and queries [n, heads * d]; gives the shape of the queries. In each head, a
// mean of the values, weighted by 1 / (1 + |q (k - mean of all k)|).
struct Gathering {
  size_t heads = 1;
};

// A function of single elements, which a linear layer may apply to its outputs.
struct Bend {};

// b + a, written over b.
struct Onto {};

// All rows but the first, in the same memory.
struct AllButFirst {};

// Two rows of constants, then the rows of x.
struct Heading {};

// A function of single rows, like a norm.
struct Levelling {};

Shape shape_of_queries(const Graph& graph, const Node& node) {
  const Node& q = input_of(graph, node, 2);
  return {q.rows, q.cols, q.grid};
}

Execute gather(const Graph& graph, const Node& node) {
  const size_t tokens = input_of(graph, node, 1).rows;
  return [&node, tokens](const FloatCall& call) {
    const size_t cols = node.cols, d = cols / node.as<Gathering>().heads;
    const float *v = call.inputs[0], *k = call.inputs[1], *q = call.inputs[2];
    for (size_t r = 0; r < node.rows; ++r)
      for (size_t first = 0; first < cols; first += d) {
        std::vector<double> weight(tokens, 0.0);
        double mean = 0, total = 0;
        for (size_t t = 0; t < tokens; ++t) {
          for (size_t c = first; c < first + d; ++c)
            weight[t] +=
                static_cast<double>(q[r * cols + c]) * static_cast<double>(k[t * cols + c]);
          mean += weight[t] / static_cast<double>(tokens);
        }
        for (double& w : weight) total += w = 1 / (1 + std::fabs(w - mean));
        for (size_t c = first; c < first + d; ++c) {
          double sum = 0;
          for (size_t t = 0; t < tokens; ++t)
            sum += weight[t] * static_cast<double>(v[t * cols + c]);
          call.value[r * cols + c] = static_cast<float>(sum / total);
        }
      }
  };
}

size_t rows_gathered(const Graph& graph, const Node& node, size_t input, size_t rows) {
  return input == 2 ? rows : all_rows(graph, node, input, rows);
}

Heads gathering_heads(const Node& node) { return {node.as<Gathering>().heads, 1, {2, 1}, 0}; }

Form gathering_reads(const Node&, size_t input) {
  return input == 0 ? Form::Values : input == 1 ? Form::Keys : Form::Queries;
}

Value lowered_elsewhere(Lowering&, const FusedNode&) { throw std::logic_error("not lowered here"); }

constexpr NodeType row_by_row(const char* name) {
  NodeType type;
  type.name = name;
  type.shape = same_shape;
  type.rows_read = same_rows;
  type.basis = always<Basis::Same>;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.lower = lowered_elsewhere;
  return type;
}

constexpr NodeType gathering() {
  NodeType type = row_by_row("gathering");
  type.shape = shape_of_queries;
  type.execute = gather;
  type.rows_read = rows_gathered;
  type.basis = always<Basis::Fixed>;
  type.widen = nullptr;
  type.heads = gathering_heads;
  type.reads = gathering_reads;
  type.unit = UnitRule::Own;
  type.step = StepRule::Begins;
  return type;
}

constexpr NodeType bend() {
  NodeType type = row_by_row("bend");
  type.writes = 0;
  type.unit = UnitRule::Own;
  type.epilogue = {Epilogue::Gelu, Form::Fixed, Epilogue::None, std::nullopt};
  type.lower = nullptr;
  return type;
}

constexpr NodeType onto() {
  NodeType type = row_by_row("onto");
  type.is_sum = true;
  return type;
}

Shape all_but_first(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  return {x.rows - 1, x.cols, std::nullopt};
}

size_t one_more(const Graph&, const Node&, size_t, size_t rows) { return rows + 1; }

constexpr NodeType view() {
  NodeType type = row_by_row("all_but_first");
  type.shape = all_but_first;
  type.rows_read = one_more;
  type.unit = UnitRule::OfInput;
  type.is_view = true;
  return type;
}

Shape two_more(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  return {x.rows + 2, x.cols, std::nullopt};
}

LeadingRows two_rows(const Node&) { return {2, "title"}; }

constexpr NodeType heading() {
  NodeType type = row_by_row("heading");
  type.shape = two_more;
  type.rows_read = all_rows;
  type.writes = 0;
  type.step = StepRule::Begins;
  type.epilogue = {Epilogue::Tokens, Form::Fixed, Epilogue::None, std::nullopt};
  type.leading_rows = two_rows;
  return type;
}

constexpr NodeType levelling() {
  NodeType type = row_by_row("levelling");
  type.writes = bit(Form::Rows);
  type.unit = UnitRule::Own;
  type.step = StepRule::Opens;
  return type;
}

const NodeType kGathering = gathering(), kBend = bend(), kOnto = onto(), kView = view(),
               kHeading = heading(), kLevelling = levelling();
const NodeType& node_type(const Gathering&) { return kGathering; }
const NodeType& node_type(const Bend&) { return kBend; }
const NodeType& node_type(const Onto&) { return kOnto; }
const NodeType& node_type(const AllButFirst&) { return kView; }
const NodeType& node_type(const Heading&) { return kHeading; }
const NodeType& node_type(const Levelling&) { return kLevelling; }

// A graph of 16 patches of 4 x 4 pixels, to which the test adds nodes.
struct Sketch {
  Sketch() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 16;
    pixels = add("pixels", {}, PatchRows{4, 4, 0, false});
  }
  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  size_t linear(const std::string& name, size_t from, size_t cols) {
    const size_t k = graph.nodes[from].cols;
    std::normal_distribution<float> weight(0, 1 / std::sqrt(static_cast<float>(k)));
    Linear linear{Matrix(cols, k), std::vector<float>(cols)};
    for (float& w : linear.weight.data) w = weight(generator);
    for (float& b : linear.bias) b = weight(generator);
    return add(name, {from}, std::move(linear));
  }
  void output(size_t node) { graph.outputs.push_back({node, "out", OutputKind::Features}); }

  Graph graph;
  size_t pixels = 0;
  std::mt19937 generator{1};
};

std::vector<std::string> lines(const Graph& graph) {
  std::vector<std::string> out;
  for (const FusedRow& r : describe(graph, fuse(graph, false))) {
    std::string line = r.step + " | " + r.name + " " + r.kind + " " + std::to_string(r.rows) + "x" +
                       std::to_string(r.cols) + " " + r.format +
                       (r.epilogue.empty() ? "" : " +" + r.epilogue) + " " + r.place + " <";
    for (const size_t input : r.inputs) line += " " + std::to_string(input);
    out.push_back(line);
  }
  return out;
}

std::vector<uint8_t> picture(const Graph& graph) {
  std::vector<uint8_t> pixels(picture_bytes(graph.preprocessing));
  std::mt19937 generator(7);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(generator());
  return pixels;
}

std::vector<float> run(const Graph& graph) {
  std::vector<float> out;
  FloatExecutor(graph).run(picture(graph).data(), [&](size_t node, const float* value) {
    const Node& n = graph.nodes[node];
    if (node == graph.outputs[0].node) out.assign(value, value + n.rows * n.cols);
  });
  return out;
}

void expect_same(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 2e-5f) << i;
}

// The same with two heads of six columns.
struct Gathered : Sketch {
  Gathered() {
    v = linear("v", pixels, 12), k = linear("k", pixels, 12), q = linear("q", pixels, 12);
    gathered = add("gathered", {v, k, q}, Gathering{2});
    output(linear("out", gathered, 4));
  }
  size_t v = 0, k = 0, q = 0, gathered = 0;
};

TEST(NewKind, HeadsArePaddedRotatedAndCentred) {
  const Gathered s;
  const std::vector<float> want = run(s.graph);
  Graph graph = pad(s.graph);
  EXPECT_EQ(graph.nodes[s.gathered].cols, 16u);
  expect_same(run(graph), want);

  graph = fold(std::move(graph));
  const Graph before = graph;
  rotate(graph);
  for (const size_t node : {s.v, s.k, s.q})
    EXPECT_NE(graph.nodes[node].as<Linear>().weight.data,
              before.nodes[node].as<Linear>().weight.data);
  expect_same(run(graph), want);

  std::vector<ColumnStatistics> statistics =
      collect_statistics(graph, {picture(graph)}, 1, nullptr);
  const Graph rotated = graph;
  centre_attention(graph, statistics);
  for (const size_t node : {s.v, s.k}) {
    EXPECT_NE(graph.nodes[node].as<Linear>().bias, rotated.nodes[node].as<Linear>().bias);
    for (const double mean : statistics[node].mean) EXPECT_NEAR(mean, 0, 1e-6);
  }
  EXPECT_EQ(graph.nodes[s.q].as<Linear>().bias, rotated.nodes[s.q].as<Linear>().bias);
  expect_same(run(graph), want);
}

TEST(NewKind, HeadsAreLaidOutAsTheirReaderSays) {
  Sketch s;
  const size_t n = s.add("n", {s.linear("a", s.pixels, 8)}, LayerNorm{});
  const size_t v = s.linear("v", n, 16), k = s.linear("k", n, 16), q = s.linear("q", n, 16);
  const size_t gathered = s.add("gathered", {v, k, q}, Gathering{2});
  s.output(s.linear("few", s.add("first", {gathered}, SelectRows{0, 2}), 4));
  const std::vector<std::string> got = lines(s.graph);
  // Only two of the queries are read, so they are computed in the step that reads them.
  const std::vector<std::string> want = {"a | v linear 16x16 Values arena < 2",
                                         "a | k linear 16x16 Keys arena < 2",
                                         "gathered | n.leading layer_norm 2x8 RowS8 scratch < 1",
                                         "gathered | q linear 2x16 S8 arena < 5",
                                         "gathered | gathered gathering 2x16 S16 arena < 3 4 6"};
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[3 + i], want[i]);
  for (const FusedNode& f : fuse(s.graph, false).nodes)
    EXPECT_EQ(f.heads, is_of_heads(f.form) ? 2u : 1u) << f.name;
}

TEST(NewKind, TwoReadersThatDivideAValueDifferentlyAreRefused) {
  Sketch s;
  const size_t v = s.linear("v", s.pixels, 16), k = s.linear("k", s.pixels, 16);
  const size_t a = s.add("a", {v, k, s.linear("q", s.pixels, 16)}, Gathering{2}),
               b = s.add("b", {v, k, s.linear("r", s.pixels, 16)}, Gathering{4});
  s.output(s.linear("out", a, 4));
  s.graph.outputs.push_back({s.linear("other", b, 4), "other", OutputKind::Features});
  try {
    fuse(s.graph, false);
    ADD_FAILURE() << "fused";
  } catch (const NodeFault& fault) {
    EXPECT_STREQ(fault.what(), "v (linear) is read in different numbers of heads or groups");
  }
}

TEST(NewKind, ALinearLayerTakesItIn) {
  Sketch s;
  s.output(s.linear("out", s.add("bent", {s.linear("a", s.pixels, 8)}, Bend{}), 4));
  EXPECT_EQ(lines(s.graph)[1], "a | a linear 16x8 S16 +gelu scratch < 0");
  Sketch alone;  // no linear layer before it that could take it as its epilogue
  const size_t a = alone.linear("a", alone.pixels, 8);
  alone.output(
      alone.linear("out", alone.add("bent", {alone.add("n", {a}, LayerNorm{})}, Bend{}), 4));
  EXPECT_THROW(fuse(alone.graph, false), NodeFault);
}

TEST(NewKind, RowsThatItsEpilogueDoesNotWriteHaveAStep) {
  Sketch s;
  const size_t rows = s.add("rows", {s.linear("a", s.pixels, 8)}, Heading{});
  s.output(s.linear("out", s.add("n", {rows}, LayerNorm{}), 4));
  EXPECT_EQ(lines(s.graph),
            (std::vector<std::string>{
                "a | pixels patch_rows 16x48 RowS8 scratch <",
                "a | a linear 16x8 S16 +tokens arena < 0", "title | rows heading 2x8 S16 arena < 1",
                "n | n layer_norm 18x8 RowS8 scratch < 2", "n | out linear 18x4 F32 arena < 3"}));
  EXPECT_EQ(fuse(s.graph, false).streams.size(), 1u);
}

// A Levelling opens a step. A second one can follow in the same step, and is computed again for
// readers of fewer rows.
TEST(NewKind, OpensSteps) {
  Sketch s;
  const size_t a = s.linear("a", s.pixels, 8);
  const size_t b = s.linear("b", s.add("l", {a}, Levelling{}), 8);
  const size_t m = s.add("m", {b}, Levelling{}), c = s.linear("c", m, 8);
  s.output(s.linear("out", s.add("mean", {c}, MeanRows{}), 4));
  s.graph.outputs.push_back(
      {s.linear("few", s.add("two", {s.linear("d", m, 8)}, SelectRows{0, 2}), 4), "few",
       OutputKind::Features});
  // Rows of the picture that nothing else reads would go on without a step.
  s.graph.outputs.push_back(
      {s.linear("again", s.add("n", {a}, LayerNorm{}), 4), "again", OutputKind::Features});
  const std::vector<std::string> got = lines(s.graph);
  const std::vector<std::string> want = {
      "l | l levelling 16x8 RowS8 scratch < 1", "l | b linear 16x8 S16 arena < 2",
      "l | m levelling 16x8 RowS8 scratch < 3", "l | c linear 16x8 S16 arena < 4"};
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[2 + i], want[i]);
  EXPECT_NE(std::find(got.begin(), got.end(), "d | m.leading levelling 2x8 RowS8 scratch < 3"),
            got.end());
}

TEST(NewKind, SumsLieWhereTheirFirstInputLay) {
  for (const bool read_later : {false, true}) {
    Sketch s;
    const size_t a = s.linear("a", s.pixels, 8), b = s.linear("b", s.pixels, 8);
    const size_t rest = s.add("rest", {a}, AllButFirst{}),
                 other = s.add("other", {b}, AllButFirst{});
    const size_t sum = s.add("sum", {rest, other}, Onto{});
    s.output(s.linear("out", sum, 4));
    if (read_later)
      s.graph.outputs.push_back(
          {s.linear("again", s.add("n", {a}, LayerNorm{}), 4), "again", OutputKind::Features});
    const std::vector<std::string> got = lines(s.graph);
    EXPECT_EQ(got[3], " | rest all_but_first 15x8 S16 arena < 1");
    EXPECT_EQ(got[5], read_later ? "sum | sum onto 15x8 S16 arena < 3 4"
                                 : "sum | sum onto 15x8 S16 in place < 3 4");
    const FusedGraph fused = fuse(s.graph, false);
    EXPECT_EQ(fused.nodes[5].stream, fused.nodes[1].stream);
    EXPECT_NE(fused.nodes[5].stream, fused.nodes[2].stream);
  }
}

}  // namespace
}  // namespace vitro
