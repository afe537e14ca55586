// SPDX-License-Identifier: Apache-2.0
// Factors for columns that rotation leaves as they are, so that int8 rows lose less (after
// SmoothQuant, arXiv 2211.10438).
#pragma once

#include <vector>

#include "converter/graph/graph.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// The same function with other weights, and LayerNorms that have become norms with a gamma. Where
/// linear layers read a set of columns that may be scaled, its values are multiplied by a factor
/// for each column, and what reads them is divided by it, so that large columns leave the others
/// more of a row's 256 steps. Factors are chosen from the statistics and the readers' weights; a
/// set stays as it is where they would gain too little, and where one of its nodes is in `rotated`.
/// Adapts `statistics`, those of the graph. Returns the number of sets that were scaled.
size_t smooth(Graph& graph, const std::vector<bool>& rotated,
              std::vector<ColumnStatistics>& statistics);

}  // namespace vitro::converter
