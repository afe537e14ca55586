// SPDX-License-Identifier: Apache-2.0
// Takes means out of keys and values, so that int8 spends its range on what differs.
#pragma once

#include <vector>

#include "converter/graph/graph.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// The same function. Keys lose their mean, which softmax does not see; values lose theirs, which
/// moves into the biases and shifts of what reads the attention, since weights sum to 1. Where
/// others than attention read the keys or values, or what reads the attention has no such
/// constants, they stay as they are. Adapts `statistics`, those of the graph.
void centre_attention(Graph& graph, std::vector<ColumnStatistics>& statistics);

}  // namespace vitro::converter
