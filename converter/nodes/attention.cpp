// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/matrix/float_ops.h"
#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

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

constexpr NodeType make() {
  NodeType type;
  type.name = "attention";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = rows_read;
  type.basis = always<Basis::Fixed>;  // but within its heads, which rotate and pad know
  return type;
}

}  // namespace

const NodeType kAttentionNode = make();

}  // namespace vitro::converter
