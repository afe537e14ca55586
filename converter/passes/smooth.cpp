// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/smooth.h"

#include <algorithm>
#include <cmath>

#include "converter/nodes/node_type.h"
#include "converter/passes/streams.h"

namespace vitro::converter {

namespace {

// What factors have to gain, expected error without them / with them: where they cost nothing, and
// where the program gets an operation more.
constexpr double kGain = 1.05, kGainForAnOperation = 1.5;

using Factors = std::vector<double>;  // of the columns of a set

bool may_scale(const Graph& graph, const ColumnSet& set, const std::vector<bool>& rotated) {
  if (set.has_output) return false;
  for (const size_t i : set.members)
    if (rotated[i] || type_of(graph.nodes[i]).scale_value == nullptr) return false;
  return std::all_of(set.readers.begin(), set.readers.end(), [&](size_t i) {
    return type_of(graph.nodes[i]).affine.input == AffineInput::Absorbs;
  });
}

// A linear layer and what it reads.
struct Read {
  const Matrix* weight;
  const ColumnStatistics* x;
};

// What linear layers read of the set, in int8 rows.
std::vector<Read> reads_of(Graph& graph, const ColumnSet& set,
                           const std::vector<ColumnStatistics>& statistics) {
  std::vector<Read> reads;
  for (const size_t i : set.readers) {
    Node& node = graph.nodes[i];
    const NodeType& type = type_of(node);
    if (type.reads(node, 0) != Form::Rows) continue;
    reads.push_back({type.constants(node).weight, &statistics[node.inputs[0]]});
  }
  return reads;
}

// Root mean squares are not measured; of columns like normal distributions the largest values are
// about four times them.
constexpr double kLargestOverRms = 4;
// The range of a row is twice the norm of its columns' root mean squares with this exponent: 5.4 of
// them for 384 like normal distributions, 2 where one column is far larger than the others.
constexpr double kExponent = 6;
// Share of the error of rounded weights that GPTQ leaves.
constexpr double kOfWeights = 0.6;

// The error of what linear layers make of their rows with these factors, as a share of their
// outputs, all summed up: rows in steps of their range / 255, weights of an output in steps of
// their largest / 127.
double expected_error(const std::vector<Read>& reads, const Factors& factors) {
  double error = 0;
  for (const Read& read : reads) {
    const size_t k = factors.size();
    double powers = 0, squares = 0, signal = 0, of_rows = 0, of_weights = 0;
    std::vector<double> rms(k);
    for (size_t c = 0; c < k; ++c) {
      rms[c] = static_cast<double>(read.x->largest_magnitude(c, 1)) / kLargestOverRms;
      powers += std::pow(factors[c] * rms[c], kExponent);
      squares += std::pow(factors[c] * rms[c], 2);
    }
    for (size_t n = 0; n < read.weight->rows; ++n) {
      double largest = 0;
      for (size_t c = 0; c < k; ++c) {
        const double w = std::abs(static_cast<double>(read.weight->row(n)[c])), v = w / factors[c];
        largest = std::max(largest, v);
        of_rows += v * v;
        signal += std::pow(w * rms[c], 2);
      }
      of_weights += largest * largest;
    }
    const double row_step = 2 * std::pow(powers, 1 / kExponent) / 255;
    error += (row_step * row_step * of_rows + kOfWeights * of_weights / (127 * 127) * squares) /
             (12 * std::max(signal, 1e-30));
  }
  return error;
}

// Values in proportion to their mean, bounded to a range that a factor may make good.
Factors in_proportion(Factors values) {
  double mean = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (double& v : values) v = std::clamp(v / std::max(mean, 1e-30), 1e-3, 1e3);
  return values;
}

// Of each column of what the readers take: how large it is, or their weights of it are, beside the
// others. The geometric mean over the readers.
struct Sizes {
  Factors values, weights;
};

Sizes sizes_of(const std::vector<Read>& reads, size_t cols) {
  Sizes sizes{Factors(cols, 1), Factors(cols, 1)};
  const double share = 1 / static_cast<double>(reads.size());
  for (const Read& read : reads) {
    Factors values(cols), weights(cols);
    for (size_t c = 0; c < cols; ++c) {
      values[c] = static_cast<double>(read.x->largest_magnitude(c, 1));
      for (size_t n = 0; n < read.weight->rows; ++n)
        weights[c] = std::max(weights[c], std::abs(static_cast<double>(read.weight->row(n)[c])));
    }
    values = in_proportion(std::move(values)), weights = in_proportion(std::move(weights));
    for (size_t c = 0; c < cols; ++c) {
      sizes.values[c] *= std::pow(values[c], share);
      sizes.weights[c] *= std::pow(weights[c], share);
    }
  }
  return sizes;
}

struct Choice {
  Factors factors;
  double gain = 1;  // expected error without them / with them
};

// weights^beta / values^alpha: SmoothQuant's where beta = 1 - alpha.
Choice choose(const std::vector<Read>& reads, size_t cols) {
  constexpr int kSteps = 4;
  const Sizes sizes = sizes_of(reads, cols);
  Choice best{Factors(cols, 1), 1};
  const double without = expected_error(reads, best.factors);
  for (int a = 0; a <= kSteps; ++a)
    for (int b = 0; b <= kSteps; ++b) {
      Factors factors(cols);
      for (size_t c = 0; c < cols; ++c)
        factors[c] = std::pow(sizes.weights[c], static_cast<double>(b) / kSteps) /
                     std::pow(sizes.values[c], static_cast<double>(a) / kSteps);
      const double gain = without / expected_error(reads, factors);
      if (gain > best.gain) best = {std::move(factors), gain};
    }
  return best;
}

void scale(Graph& graph, const ColumnSet& set, const Factors& factors,
           std::vector<ColumnStatistics>& statistics) {
  for (const size_t i : set.members) {
    type_of(graph.nodes[i]).scale_value(graph.nodes[i], factors);
    ColumnStatistics& s = statistics[i];
    for (size_t c = 0; c < factors.size(); ++c) {
      s.mean[c] *= factors[c];
      s.lowest[c] *= static_cast<float>(factors[c]);
      s.highest[c] *= static_cast<float>(factors[c]);
    }
  }
  Affine back{factors, Factors(factors.size(), 0)};
  for (double& factor : back.scale) factor = 1 / factor;
  for (const size_t i : set.readers) type_of(graph.nodes[i]).affine.absorb(graph.nodes[i], back);
}

}  // namespace

size_t smooth(Graph& graph, const std::vector<bool>& rotated,
              std::vector<ColumnStatistics>& statistics) {
  size_t scaled = 0;
  for (const ColumnSet& set : list_scale_sets(graph)) {
    if (!may_scale(graph, set, rotated)) continue;
    const std::vector<Read> reads = reads_of(graph, set, statistics);
    if (reads.empty()) continue;
    const Choice choice = choose(reads, set.cols);
    const bool costs = std::any_of(set.members.begin(), set.members.end(),
                                   [&](size_t i) { return type_of(graph.nodes[i]).scaling_costs; });
    if (choice.gain < (costs ? kGainForAnOperation : kGain)) continue;
    scale(graph, set, choice.factors, statistics);
    ++scaled;
  }
  return scaled;
}

}  // namespace vitro::converter
