// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/pad.h"

#include <cmath>
#include <stdexcept>

namespace vitro::converter {
namespace {

size_t to_fours(size_t width) { return (width + 3) / 4 * 4; }

/// Parts of `part` columns each become parts of `wider` ones.
Matrix with_wider_columns(const Matrix& m, size_t part, size_t wider) {
  Matrix out(m.rows, m.cols / part * wider);
  for (size_t r = 0; r < m.rows; ++r) {
    for (size_t c = 0; c < m.cols; ++c) out.row(r)[c / part * wider + c % part] = m.row(r)[c];
  }
  return out;
}

std::vector<float> with_wider_parts(const std::vector<float>& v, size_t part, size_t wider) {
  std::vector<float> out(v.size() / part * wider);
  for (size_t i = 0; i < v.size(); ++i) out[i / part * wider + i % part] = v[i];
  return out;
}

/// The linear's outputs: parts of `part` of them become parts of `wider`, the new ones 0.
void widen_outputs(Node& linear, size_t part, size_t wider) {
  Matrix out(linear.cols / part * wider, linear.weight.cols);
  for (size_t n = 0; n < linear.cols; ++n) {
    const float* row = linear.weight.row(n);
    std::copy(row, row + linear.weight.cols, out.row(n / part * wider + n % part));
  }
  linear.weight = std::move(out);
  linear.bias = with_wider_parts(linear.bias, part, wider);
  linear.cols = linear.weight.rows;
}

/// In all linears that read `node`, which are told to by their one input.
void widen_inputs(Graph& graph, size_t node, size_t part, size_t wider) {
  for (Node& reader : graph.nodes) {
    if (reader.kind != NodeKind::Linear || reader.inputs[0] != static_cast<int>(node)) continue;
    reader.weight = with_wider_columns(reader.weight, part, wider);
  }
}

void pad_columns(Graph& graph, size_t i) {
  Node& node = graph.nodes[i];
  const size_t before = node.cols, wider = to_fours(before);
  if (wider == before) return;
  if (node.kind == NodeKind::Gelu)
    widen_outputs(graph.nodes[static_cast<size_t>(node.inputs[0])], before, wider);
  widen_inputs(graph, i, before, wider);
  node.cols = wider;
}

void pad_heads(Graph& graph, size_t i) {
  Node& attention = graph.nodes[i];
  const size_t before = attention.cols / attention.heads, wider = to_fours(before);
  if (wider == before) return;
  for (const int input : attention.inputs)
    widen_outputs(graph.nodes[static_cast<size_t>(input)], before, wider);
  widen_inputs(graph, i, before, wider);
  attention.cols = attention.heads * wider;
}

/// Every column of a writer's weights, and its bias, loses its mean over the outputs.
void centre_outputs(Node& writer) {
  const auto n = static_cast<double>(writer.weight.rows);
  for (size_t k = 0; k < writer.weight.cols; ++k) {
    double mean = 0;
    for (size_t r = 0; r < writer.weight.rows; ++r)
      mean += static_cast<double>(writer.weight.row(r)[k]) / n;
    for (size_t r = 0; r < writer.weight.rows; ++r)
      writer.weight.row(r)[k] =
          static_cast<float>(static_cast<double>(writer.weight.row(r)[k]) - mean);
  }
  double mean = 0;
  for (const float b : writer.bias) mean += static_cast<double>(b) / n;
  for (float& b : writer.bias) b = static_cast<float>(static_cast<double>(b) - mean);
}

void centre_rows(Matrix& m) {
  for (size_t r = 0; r < m.rows; ++r) {
    double mean = 0;
    for (size_t c = 0; c < m.cols; ++c)
      mean += static_cast<double>(m.row(r)[c]) / static_cast<double>(m.cols);
    for (size_t c = 0; c < m.cols; ++c)
      m.row(r)[c] = static_cast<float>(static_cast<double>(m.row(r)[c]) - mean);
  }
}

void pad_writer(Node& writer, size_t before, size_t wider) {
  centre_outputs(writer);
  widen_outputs(writer, before, wider);
}

void pad_layer_norm(Node& norm, size_t before, size_t wider) {
  const double ratio =
      static_cast<double>(before) /
      static_cast<double>(wider);  // of the variance over the wider row to that over its own
  norm.epsilon = static_cast<float>(norm.epsilon * ratio);
  for (float& gamma : norm.gamma)
    gamma = static_cast<float>(static_cast<double>(gamma) * std::sqrt(ratio));
  norm.gamma = with_wider_parts(norm.gamma, before, wider);
  norm.beta = with_wider_parts(norm.beta, before, wider);
}

void pad_residual(Graph& graph) {
  const size_t before = graph.residual_dim, wider = to_fours(before);
  if (wider == before) return;
  std::vector<bool> stream(graph.nodes.size());  // and what normalises or selects it
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    switch (node.kind) {
      case NodeKind::Tokens:
        pad_writer(graph.nodes[static_cast<size_t>(node.inputs[0])], before, wider);
        centre_rows(node.prefix);
        centre_rows(node.positions);
        node.prefix = with_wider_columns(node.prefix, before, wider);
        node.positions = with_wider_columns(node.positions, before, wider);
        stream[i] = true;
        break;
      case NodeKind::Add:
        pad_writer(graph.nodes[static_cast<size_t>(node.inputs[1])], before, wider);
        stream[i] = true;
        break;
      case NodeKind::LayerNorm:
        pad_layer_norm(node, before, wider);
        stream[i] = true;
        break;
      case NodeKind::SelectRow:
      case NodeKind::MeanRows: stream[i] = stream[static_cast<size_t>(node.inputs[0])]; break;
      default: break;
    }
    if (!stream[i]) continue;
    node.cols = wider;
    widen_inputs(graph, i, before, wider);
  }
  graph.residual_dim = wider;
}

}  // namespace

Graph pad(Graph graph) {
  if (graph.folded) throw std::logic_error("pad: the graph is folded already");
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const NodeKind kind = graph.nodes[i].kind;
    if (kind == NodeKind::PatchRows || kind == NodeKind::Gelu) pad_columns(graph, i);
    if (kind == NodeKind::Attention) pad_heads(graph, i);
  }
  pad_residual(graph);
  return graph;
}

bool is_padded(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.kind == NodeKind::Linear && node.weight.cols % 4 != 0) return false;
    if (node.kind == NodeKind::Attention && node.cols / node.heads % 4 != 0) return false;
  }
  return true;
}

}  // namespace vitro::converter
