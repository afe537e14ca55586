// SPDX-License-Identifier: Apache-2.0
// Brings every width that kernels read in fours to a multiple of 4, by columns of zeros: what the
// graph computes stays the same.
#pragma once

#include "converter/graph/graph.h"

namespace vitro::converter {

/// The same function of the picture, where every value that a linear layer reads and every head is
/// a multiple of 4 wide. `graph` is not folded.
/// - Patches of an odd number of pixels a side, MLPs and heads: zero columns, and zero rows in the
///   linear layers that make them; GELU(0) is 0.
/// - Streams, whose width LayerNorm divides by: what is written to them loses its mean, which
///   LayerNorm would subtract anyway (as SliceGPT does, arXiv 2401.15024). Zero columns then change
///   the variance alone, by a known factor that goes into epsilon and gamma. Throws
///   NodeFault where anything reads such a stream without a LayerNorm between.
Graph pad(Graph graph);

/// Whether pad() leaves the graph as it is.
bool is_padded(const Graph& graph);

}  // namespace vitro::converter
