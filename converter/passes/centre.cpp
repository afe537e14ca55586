// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/centre.h"

#include <algorithm>

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
void give_back(Node& reader, const std::vector<float>& mean) {
  const NodeType& type = type_of(reader);
  if (!type.constants)
    return type.affine.absorb(reader, {std::vector<double>(mean.size(), 1),
                                       std::vector<double>(mean.begin(), mean.end())});
  const ColumnConstants constants = type.constants(reader);
  for (size_t n = 0; n < constants.bias->size(); ++n) {
    double moved = 0;
    for (size_t c = 0; c < mean.size(); ++c)
      moved += static_cast<double>(constants.weight->row(n)[c]) * static_cast<double>(mean[c]);
    (*constants.bias)[n] += static_cast<float>(moved);
  }
}

bool is_keys(const Heads& heads, size_t input) { return input == heads.compared[1]; }
bool is_values(const Heads& heads, size_t input) { return input == heads.averaged; }

// Whether all that reads value i divides it into heads and reads it thus alone.
bool is_read_as(const Graph& graph, const std::vector<size_t>& readers, size_t i,
                bool (*role)(const Heads&, size_t)) {
  return std::all_of(readers.begin(), readers.end(), [&](size_t r) {
    const Node& reader = graph.nodes[r];
    if (!type_of(reader).heads) return false;
    const Heads heads = type_of(reader).heads(reader);
    for (size_t k = 0; k < reader.inputs.size(); ++k)
      if (reader.inputs[k] == i && !role(heads, k)) return false;
    return true;
  });
}

class Centring {
 public:
  Centring(Graph& graph, std::vector<ColumnStatistics>& statistics)
      : graph_(graph), statistics_(statistics), neighbours_(graph) {}

  void run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const std::vector<size_t>& readers = neighbours_.readers(i);
      if (readers.empty() || !neighbours_.is_free(i) || is_output(graph_, i)) continue;
      if (is_read_as(graph_, readers, i, is_keys)) take_mean(graph_.nodes[i], statistics_[i]);
      if (is_read_as(graph_, readers, i, is_values) && may_shift(readers)) centre_values(i);
    }
  }

 private:
  // Whether what attention finds may lack a mean: its readers make it good.
  bool may_shift(const std::vector<size_t>& attentions) const {
    return std::all_of(attentions.begin(), attentions.end(), [this](size_t attention) {
      const std::vector<size_t>& readers = neighbours_.readers(attention);
      return !is_output(graph_, attention) &&
             std::all_of(readers.begin(), readers.end(), [this](size_t reader) {
               return type_of(graph_.nodes[reader]).affine.input == AffineInput::Absorbs;
             });
    });
  }

  void centre_values(size_t values) {
    const std::vector<float> mean = take_mean(graph_.nodes[values], statistics_[values]);
    for (const size_t attention : neighbours_.readers(values)) {
      shift(statistics_[attention], mean);
      for (const size_t reader : neighbours_.readers(attention))
        give_back(graph_.nodes[reader], mean);
    }
  }

  Graph& graph_;
  std::vector<ColumnStatistics>& statistics_;
  const Neighbours neighbours_;
};

}  // namespace

void centre_attention(Graph& graph, std::vector<ColumnStatistics>& statistics) {
  Centring(graph, statistics).run();
}

}  // namespace vitro::converter
