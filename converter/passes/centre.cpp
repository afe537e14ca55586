// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/centre.h"

#include "converter/nodes/node_type.h"
#include "converter/passes/neighbours.h"

namespace vitro::converter {

namespace {

void shift(ColumnStatistics& s, const std::vector<float>& mean) {
  for (size_t c = 0; c < mean.size(); ++c) {
    s.mean[c] -= static_cast<double>(mean[c]);
    s.lowest[c] -= mean[c];
    s.highest[c] -= mean[c];
  }
}

// Takes the mean out of a value that a weight makes; returns it.
std::vector<float> take_mean(Node& node, ColumnStatistics& statistics) {
  std::vector<float> mean(statistics.mean.begin(), statistics.mean.end());
  std::vector<float>& bias = *type_of(node).constants(node).bias;
  for (size_t c = 0; c < mean.size(); ++c) bias[c] -= mean[c];
  shift(statistics, mean);
  return mean;
}

// x + mean was read, and now x is.
void add_to_bias(Node& reader, const std::vector<float>& mean) {
  const ColumnConstants constants = type_of(reader).constants(reader);
  for (size_t n = 0; n < constants.bias->size(); ++n) {
    double moved = 0;
    for (size_t c = 0; c < mean.size(); ++c)
      moved += static_cast<double>(constants.weight->row(n)[c]) * static_cast<double>(mean[c]);
    (*constants.bias)[n] += static_cast<float>(moved);
  }
}

}  // namespace

void centre_attention(Graph& graph, std::vector<ColumnStatistics>& statistics) {
  const Neighbours neighbours(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!type_of(node).heads) continue;
    const Heads heads = type_of(node).heads(node);
    const size_t keys = node.inputs[heads.compared[1]], values = node.inputs[heads.averaged];
    if (neighbours.is_free_for_one(keys)) take_mean(graph.nodes[keys], statistics[keys]);
    if (!neighbours.is_free_for_one(values) || !neighbours.is_for_weights(i)) continue;
    const std::vector<float> mean = take_mean(graph.nodes[values], statistics[values]);
    shift(statistics[i], mean);
    for (const size_t reader : neighbours.readers(i)) add_to_bias(graph.nodes[reader], mean);
  }
}

}  // namespace vitro::converter
