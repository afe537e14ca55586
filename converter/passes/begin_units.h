// SPDX-License-Identifier: Apache-2.0
// Where the unit of an int16 stream has to change.
#pragma once

#include <vector>

#include "converter/graph/graph.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// Of each node whether it is a sum that begins a unit of its own, because its values and those of
/// its addend are of too different sizes for one: int16 of the largest one's unit would leave the
/// smallest one too few bits. `statistics` are those of the graph.
std::vector<bool> begin_units(const Graph& graph, const std::vector<ColumnStatistics>& statistics);

}  // namespace vitro::converter
