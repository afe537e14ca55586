// SPDX-License-Identifier: Apache-2.0
// fuse's second half: which values have one unit, lie in the arena, or where another one lay.
#pragma once

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

/// Whether the int16 value of a node is in a unit in which sums can be formed.
bool has_stream_unit(const Graph& graph, size_t node);

/// Whether a row of what it makes needs no other rows of its inputs.
bool is_row_by_row(const Graph& graph, const FusedNode& f);

/// Fills in stream, storage and in_place of all nodes, and the streams.
void settle_memory(const Graph& graph, FusedGraph& fused);

}  // namespace vitro::converter
