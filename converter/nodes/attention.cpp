// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "converter/matrix/float_ops.h"
#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"
#include "converter/nodes/scores.h"
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
  if (k.rows != v.rows || q.cols != k.cols)
    misfit(node, "reads queries, keys and values of different shapes");
  if (attention.heads == 0 || q.cols % attention.heads != 0 || v.cols % attention.heads != 0)
    misfit(node, "does not divide its columns into heads");
  if (attention.groups == 0 || q.rows % attention.groups != 0 || k.rows % attention.groups != 0)
    misfit(node, "does not divide its rows into groups");
  const Matrix& bias = attention.bias;
  if (bias.rows > 0 && (bias.rows != attention.heads * (q.rows / attention.groups) ||
                        bias.cols != k.rows / attention.groups))
    misfit(node, "has a bias of another shape");
  if (!attention.regions.empty() && (attention.regions.size() != k.rows || q.rows != k.rows))
    misfit(node, "does not have a region for each row");
  return {q.rows, v.cols, q.grid};
}

struct Sizes {
  size_t queries, tokens;
  size_t width, head;              // columns of queries and keys
  size_t value_width, value_head;  // and of values
};

// Weights of a head's scores in place: `rows` of them, from query number `first` of the group on.
void weigh(const Attention& attention, const Sizes& s, size_t head, size_t group, size_t first,
           size_t rows, float* scores) {
  if (attention.bias.rows == 0 && attention.regions.empty())
    return float_ops::softmax(scores, rows, s.tokens, attention.scale);
  for (size_t r = 0; r < rows; ++r) {
    float* const score = scores + r * s.tokens;
    for (size_t j = 0; j < s.tokens; ++j) score[j] *= attention.scale;
    if (attention.bias.rows > 0)
      float_ops::add(score, attention.bias.row(head * s.queries + first + r), s.tokens, score);
    if (attention.regions.empty()) continue;
    const uint8_t* const regions = attention.regions.data() + group * s.tokens;
    for (size_t j = 0; j < s.tokens; ++j)
      if (regions[j] != regions[first + r]) score[j] = std::numeric_limits<float>::lowest();
  }
  float_ops::softmax(scores, rows, s.tokens, 1);
}

// One group.
void attend(const Attention& attention, const Sizes& s, size_t group, const FloatCall& call) {
  const size_t first_query = group * s.queries, first_token = group * s.tokens;
  const float* const q = call.inputs[0] + first_query * s.width;
  const float* const k = call.inputs[1] + first_token * s.width;
  const float* const v = call.inputs[2] + first_token * s.value_width;
  const size_t chunk = std::min(s.queries, kQueryRows);
  call.scratch.resize(chunk * s.tokens + s.tokens * (s.head + s.value_head) +
                      2 * Product::kPadding);
  float* scores = call.scratch.data();
  float* key = scores + chunk * s.tokens + Product::kPadding;
  float* value = key + s.tokens * s.head;
  float* y = call.value + first_query * s.value_width;
  for (size_t h = 0; h < attention.heads; ++h) {
    for (size_t r = 0; r < s.tokens; ++r) {
      std::copy_n(k + r * s.width + h * s.head, s.head, key + r * s.head);
      std::copy_n(v + r * s.value_width + h * s.value_head, s.value_head, value + r * s.value_head);
    }
    const Product compare(s.head, s.tokens, s.width, s.tokens, key, nullptr);
    const Product gather(s.tokens, s.value_head, s.tokens, s.value_width, value, nullptr,
                         /*transposed=*/true);
    for (size_t r = 0; r < s.queries; r += kQueryRows) {
      const size_t rows = std::min(kQueryRows, s.queries - r);
      compare.run(rows, q + r * s.width + h * s.head, scores);
      weigh(attention, s, h, group, r, rows, scores);
      gather.run(rows, scores, y + r * s.value_width + h * s.value_head);
    }
  }
}

Execute execute(const Graph& graph, const Node& node) {
  const auto& attention = node.as<Attention>();
  const Node& k = input_of(graph, node, 1);
  const Sizes sizes{node.rows / attention.groups,
                    k.rows / attention.groups,
                    k.cols,
                    k.cols / attention.heads,
                    node.cols,
                    node.cols / attention.heads};
  return [&attention, sizes](const FloatCall& call) {
    for (size_t g = 0; g < attention.groups; ++g) attend(attention, sizes, g, call);
  };
}

size_t rows_read(const Graph& graph, const Node& node, size_t input, size_t rows) {
  return input == 0 ? rows : all_rows(graph, node, input, rows);
}

constexpr float kOutputUnits = 258;  // the law: outputs are in units of v's scale / 258

float largest_bias(const Attention& attention, size_t head) {
  const size_t queries = attention.bias.rows / attention.heads;
  float largest = 0;
  for (size_t i = head * queries; i < (head + 1) * queries; ++i)
    for (size_t j = 0; j < attention.bias.cols; ++j)
      largest = std::max(largest, std::abs(attention.bias.row(i)[j]));
  return largest;
}

constexpr float kMostBias = 32767.0f;

// So that the law's range holds the bias, and regions are far apart.
float least_score_unit(const Node& node, size_t head) {
  const auto& attention = node.as<Attention>();
  const float of_bias = largest_bias(attention, head) / (kMostBias * (1 << kLargestBiasShift)),
              of_regions = attention.regions.empty() ? 0 : kRegionScale / kLawsExponents;
  return std::max(of_bias, of_regions) * 1.001f / attention.scale;
}

// The bias in units of each head's scores.
void add_bias(const Attention& attention, ScoreSettings& scores) {
  const size_t queries = attention.bias.rows / attention.heads, tokens = attention.bias.cols,
               padded = (tokens + 15) / 16 * 16;
  scores.bias.assign(attention.bias.rows * padded, 0);
  for (size_t h = 0; h < attention.heads; ++h) {
    const float unit = scores.scale[h] / kLawsExponents;
    unsigned shift = 0;
    while (shift < kLargestBiasShift &&
           largest_bias(attention, h) > kMostBias * unit * static_cast<float>(1 << shift))
      ++shift;
    scores.bias_shift.push_back(static_cast<uint8_t>(shift));
    const float step = unit * static_cast<float>(1 << shift);
    for (size_t i = h * queries; i < (h + 1) * queries; ++i)
      for (size_t j = 0; j < tokens; ++j)
        scores.bias[i * padded + j] = static_cast<int16_t>(
            std::clamp(std::nearbyint(attention.bias.row(i)[j] / step), -kMostBias, kMostBias));
  }
}

uint32_t reach_of(const Attention& attention) {
  if (!attention.regions.empty()) return kRegionReach;
  return attention.bias.rows > 0 ? bias_reach(kLargestBiasShift) : 0;
}

Value lower(Lowering& l, const FusedNode& f) {
  const auto& attention = l.node(f).as<Attention>();
  const Value &q = l.input(f, 0), &k = l.input(f, 1), &v = l.input(f, 2);
  ScoreSettings scores;
  scores.scale = score_scales(l, f, {attention.heads, attention.scale, reach_of(attention)});
  if (attention.bias.rows > 0) add_bias(attention, scores);
  scores.regions = attention.regions;
  Value out;
  out.activations = run_attention(q.activations, k.activations, v.activations, scores, l.threads());
  for (const float unit : v.unit) out.unit.push_back(unit / kOutputUnits);
  schema::AttentionT args;
  args.q = q.tensor;
  args.k = k.tensor;
  args.v = v.tensor;
  args.score_scale = scores.scale;
  args.dst = out.tensor = l.destination(f, f.name + ".fixed");
  const uint64_t workspace = attention_workspace_bytes(k.activations.rows / k.activations.groups);
  const std::vector<uint32_t> reads = {q.tensor, k.tensor, v.tensor}, writes = {out.tensor};
  if (scores.bias.empty() && scores.regions.empty()) {
    l.draft.add_op(f.name, std::move(args), reads, writes, workspace);
    return out;
  }
  schema::BiasedAttentionT biased;
  biased.attention = std::make_unique<schema::AttentionT>(std::move(args));
  biased.bias_shift = scores.bias_shift;
  if (!scores.bias.empty()) biased.bias = l.draft.add_constant(scores.bias);
  biased.has_regions = !scores.regions.empty();
  if (biased.has_regions) biased.regions = l.draft.add_shared_constant(scores.regions);
  l.draft.add_op(f.name, std::move(biased), reads, writes, workspace);
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
  type.least_score_unit = least_score_unit;
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
