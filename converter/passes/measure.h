// SPDX-License-Identifier: Apache-2.0
// Runs the float graph on the calibration pictures, for the statistics of its values.
#pragma once

#include "converter/graph/graph.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// One entry for each node of the graph. Independent of `threads`.
std::vector<ColumnStatistics> collect_statistics(const Graph& graph, const Pictures& pictures,
                                                 size_t threads, const Progress& progress);

}  // namespace vitro::converter
