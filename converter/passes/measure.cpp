// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/measure.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "converter/base/parallel.h"
#include "converter/float/executor.h"
#include "converter/graph/node_fault.h"

namespace vitro::converter {

namespace {

// Whatever the number of threads: float addition is not associative.
constexpr size_t kPartialSums = 4;

ColumnStatistics empty(size_t cols) {
  return {std::vector<double>(cols, 0.0), std::vector<float>(cols, INFINITY),
          std::vector<float>(cols, -INFINITY)};
}

void add(ColumnStatistics& s, const float* value, size_t rows, size_t cols) {
  double* mean = s.mean.data();
  float *lowest = s.lowest.data(), *highest = s.highest.data();
  for (size_t r = 0; r < rows; ++r, value += cols)
    for (size_t c = 0; c < cols; ++c) {
      mean[c] += static_cast<double>(value[c]);
      lowest[c] = std::min(lowest[c], value[c]);
      highest[c] = std::max(highest[c], value[c]);
    }
}

}  // namespace

std::vector<ColumnStatistics> collect_statistics(const Graph& graph, const Pictures& pictures,
                                                 size_t threads, const Progress& progress) {
  std::vector<std::vector<ColumnStatistics>> lanes(std::min(kPartialSums, pictures.size()));
  std::atomic<size_t> done{0};
  parallel_for(lanes.size(), threads, [&](size_t lane) {
    for (const Node& node : graph.nodes) lanes[lane].push_back(empty(node.cols));
    FloatExecutor executor(graph);
    for (size_t i = lane; i < pictures.size(); i += lanes.size()) {
      executor.run(pictures[i].data(), [&](size_t node, const float* value) {
        add(lanes[lane][node], value, graph.nodes[node].rows, graph.nodes[node].cols);
      });
      if (progress)
        progress("measuring the float model",
                 static_cast<double>(++done) / static_cast<double>(pictures.size()));
    }
  });
  std::vector<ColumnStatistics> total = std::move(lanes[0]);
  for (size_t node = 0; node < total.size(); ++node) {
    ColumnStatistics& t = total[node];
    const double count = static_cast<double>(pictures.size() * graph.nodes[node].rows);
    for (size_t c = 0; c < t.mean.size(); ++c) {
      for (size_t lane = 1; lane < lanes.size(); ++lane) {
        const ColumnStatistics& s = lanes[lane][node];
        t.mean[c] += s.mean[c];
        t.lowest[c] = std::min(t.lowest[c], s.lowest[c]);
        t.highest[c] = std::max(t.highest[c], s.highest[c]);
      }
      t.mean[c] = static_cast<double>(static_cast<float>(t.mean[c] / count));
      if (!std::isfinite(t.mean[c]))
        throw NodeFault(graph.nodes[node].name, "has values that overflow",
                        "check the checkpoint: it may be damaged");
    }
  }
  return total;
}

}  // namespace vitro::converter
