// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/graph/node_fault.h"
#include "converter/matrix/float_ops.h"
#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

namespace attention_kind {
namespace {

constexpr size_t kQueryRows = 128;  // scores of this many queries at a time stay in the cache

Shape shape(const Graph& graph, const Node& node) {
  const auto& attention = node.as<Attention>();
  const Node &q = input_of(graph, node, 0), &k = input_of(graph, node, 1),
             &v = input_of(graph, node, 2);
  if (k.rows != v.rows || q.cols != k.cols || q.cols != v.cols)
    misfit(node, "reads queries, keys and values of different shapes");
  if (attention.heads == 0 || q.cols % attention.heads != 0)
    misfit(node, "does not divide its columns into heads");
  if (attention.groups == 0 || q.rows % attention.groups != 0 || k.rows % attention.groups != 0)
    misfit(node, "does not divide its rows into groups");
  return {q.rows, q.cols, q.grid};
}

struct Sizes {
  size_t queries, tokens, width, head;
};

// One group.
void attend(const Attention& attention, const Sizes& s, const float* q, const float* k,
            const float* v, const FloatCall& call, size_t first_query) {
  const size_t chunk = std::min(s.queries, kQueryRows);
  call.scratch.resize(chunk * s.tokens + 2 * s.tokens * s.head + 2 * Product::kPadding);
  float* scores = call.scratch.data();
  float* key = scores + chunk * s.tokens + Product::kPadding;
  float* value = key + s.tokens * s.head;
  float* y = call.value + first_query * s.width;
  for (size_t h = 0; h < attention.heads; ++h) {
    for (size_t r = 0; r < s.tokens; ++r) {
      std::copy_n(k + r * s.width + h * s.head, s.head, key + r * s.head);
      std::copy_n(v + r * s.width + h * s.head, s.head, value + r * s.head);
    }
    const Product compare(s.head, s.tokens, s.width, s.tokens, key, nullptr);
    const Product gather(s.tokens, s.head, s.tokens, s.width, value, nullptr, /*transposed=*/true);
    for (size_t r = 0; r < s.queries; r += kQueryRows) {
      const size_t rows = std::min(kQueryRows, s.queries - r);
      compare.run(rows, q + r * s.width + h * s.head, scores);
      float_ops::softmax(scores, rows, s.tokens, attention.scale);
      gather.run(rows, scores, y + r * s.width + h * s.head);
    }
  }
}

Execute execute(const Graph& graph, const Node& node) {
  const auto& attention = node.as<Attention>();
  const Sizes sizes{node.rows / attention.groups, input_of(graph, node, 1).rows / attention.groups,
                    node.cols, node.cols / attention.heads};
  return [&attention, sizes](const FloatCall& call) {
    for (size_t g = 0; g < attention.groups; ++g) {
      const size_t query = g * sizes.queries, token = g * sizes.tokens * sizes.width;
      attend(attention, sizes, call.inputs[0] + query * sizes.width, call.inputs[1] + token,
             call.inputs[2] + token, call, query);
    }
  };
}

size_t rows_read(const Graph& graph, const Node& node, size_t input, size_t rows) {
  return input == 0 ? rows : all_rows(graph, node, input, rows);
}

constexpr float kOutputUnits = 258;  // the law: outputs are in units of v's scale / 258

// The law's c of each head.
std::vector<float> score_scales(const Lowering& l, const FusedNode& f) {
  const auto& attention = l.node(f).as<Attention>();
  const size_t head_dim = f.cols / attention.heads;
  std::vector<float> scales;
  for (size_t c = 0; c < f.cols; c += head_dim) {
    scales.push_back(std::max(
        l.input(f, 0).unit[c] * l.input(f, 1).unit[c] * attention.scale * 1.44269504f * 2048.0f,
        kScaleRange.smallest));
    // Beyond it one step of a score is worth more than half an octave of a weight: noise.
    if (!(scales.back() * static_cast<float>(head_dim) <= kScoreScaleLimit))
      throw NodeFault(f.name, "has queries and keys too large for attention in int8",
                      "check the checkpoint: it may be damaged");
  }
  return scales;
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value &q = l.input(f, 0), &k = l.input(f, 1), &v = l.input(f, 2);
  schema::AttentionT args;
  args.q = q.tensor;
  args.k = k.tensor;
  args.v = v.tensor;
  args.score_scale = score_scales(l, f);
  Value out;
  out.activations =
      run_attention(q.activations, k.activations, v.activations, args.score_scale, l.threads());
  for (const float unit : v.unit) out.unit.push_back(unit / kOutputUnits);
  args.dst = out.tensor = l.destination(f, f.name + ".fixed");
  const size_t tokens = k.activations.rows / k.activations.groups;
  l.draft.add_op(f.name, std::move(args), {q.tensor, k.tensor, v.tensor}, {out.tensor},
                 attention_workspace_bytes(tokens));
  return out;
}

Heads heads(const Node& node) {
  const auto& attention = node.as<Attention>();
  return {attention.heads, attention.groups, {0, 1}, 2};
}

Form reads(const Node&, size_t input) {
  return input == 0 ? Form::Queries : input == 1 ? Form::Keys : Form::Values;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "attention";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = rows_read;
  type.basis = always<Basis::Fixed>;  // but within its heads
  type.heads = heads;
  type.reads = reads;
  type.writes = bit(Form::Fixed);
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace attention_kind

const NodeType kAttentionNode = attention_kind::make();

}  // namespace vitro::converter
