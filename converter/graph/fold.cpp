// SPDX-License-Identifier: Apache-2.0
// Folds per-column affine maps into the linears that read them; in double, rounded to float once.
#include "converter/graph/fold.h"

#include <stdexcept>

namespace vitro::converter {
namespace {

/// The linear read x * scale + shift; now it reads x.
void fold_into_linear(Node& linear, const std::vector<double>& scale,
                      const std::vector<double>& shift) {
  for (size_t n = 0; n < linear.weight.rows; ++n) {
    float* row = linear.weight.row(n);
    double bias = linear.bias[n];
    for (size_t k = 0; k < linear.weight.cols; ++k) {
      bias += static_cast<double>(row[k]) * shift[k];
      row[k] = static_cast<float>(row[k] * scale[k]);
    }
    linear.bias[n] = static_cast<float>(bias);
  }
}

/// Folds into all that reads `node`, through what commutes with a per-column affine map: the choice
/// and the mean of rows.
void fold_into_readers(Graph& graph, size_t node, const std::vector<double>& scale,
                       const std::vector<double>& shift) {
  bool read = false;
  for (size_t i = node + 1; i < graph.nodes.size(); ++i) {
    Node& reader = graph.nodes[i];
    for (const int input : reader.inputs) {
      if (input != static_cast<int>(node)) continue;
      read = true;
      if (reader.kind == NodeKind::Linear) {
        fold_into_linear(reader, scale, shift);
      } else if (reader.kind == NodeKind::SelectRow || reader.kind == NodeKind::MeanRows) {
        fold_into_readers(graph, i, scale, shift);
      } else {
        throw std::logic_error("fold: " + graph.nodes[node].name + " is read by " + reader.name +
                               ", which is no linear");
      }
    }
  }
  if (!read) throw std::logic_error("fold: nothing reads " + graph.nodes[node].name);
}

}  // namespace

Graph fold(Graph graph) {
  if (graph.folded) return graph;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    std::vector<double> scale(node.cols), shift(node.cols);
    if (node.kind == NodeKind::PatchRows) {
      for (size_t c = 0; c < node.cols; ++c) {
        const Preprocessing& p = graph.preprocessing;
        const double mean = p.mean[c % 3], deviation = p.std[c % 3],
                     divisor = p.rescale == 1.0f / 255 ? 255 : 1 / static_cast<double>(p.rescale);
        scale[c] = 1 / (divisor * deviation);
        shift[c] = -mean / deviation;
      }
      fold_into_readers(graph, i, scale, shift);
    } else if (node.kind == NodeKind::LayerNorm && !node.gamma.empty()) {
      scale.assign(node.gamma.begin(), node.gamma.end());
      shift.assign(node.beta.begin(), node.beta.end());
      fold_into_readers(graph, i, scale, shift);
      node.gamma = {};
      node.beta = {};
    }
  }
  graph.folded = true;
  return graph;
}

}  // namespace vitro::converter
