// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/centre.h"

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

// Takes the mean out of a linear layer's outputs; returns it.
std::vector<float> take_mean(Linear& linear, ColumnStatistics& statistics) {
  std::vector<float> mean(statistics.mean.begin(), statistics.mean.end());
  for (size_t c = 0; c < mean.size(); ++c) linear.bias[c] -= mean[c];
  shift(statistics, mean);
  return mean;
}

// x + mean was read, and now x is.
void add_to_bias(Linear& reader, const std::vector<float>& mean) {
  for (size_t n = 0; n < reader.weight.rows; ++n) {
    double moved = 0;
    for (size_t c = 0; c < mean.size(); ++c)
      moved += static_cast<double>(reader.weight.row(n)[c]) * static_cast<double>(mean[c]);
    reader.bias[n] += static_cast<float>(moved);
  }
}

}  // namespace

void centre_attention(Graph& graph, std::vector<ColumnStatistics>& statistics) {
  const Neighbours neighbours(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!graph.nodes[i].is<Attention>()) continue;
    const size_t k = graph.nodes[i].inputs[1], v = graph.nodes[i].inputs[2];
    if (neighbours.is_linear_for_one(k)) take_mean(graph.nodes[k].as<Linear>(), statistics[k]);
    if (!neighbours.is_linear_for_one(v) || !neighbours.is_for_linears(i)) continue;
    const std::vector<float> mean = take_mean(graph.nodes[v].as<Linear>(), statistics[v]);
    shift(statistics[i], mean);
    for (const size_t reader : neighbours.readers(i))
      add_to_bias(graph.nodes[reader].as<Linear>(), mean);
  }
}

}  // namespace vitro::converter
