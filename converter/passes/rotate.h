// SPDX-License-Identifier: Apache-2.0
// Exact changes of basis that spread outliers over all channels, free at run time (after QuaRot,
// arXiv 2404.00456, and SliceGPT, arXiv 2401.15024).
#pragma once

#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

/// The same function with other weights. `graph` is folded.
/// - The residual stream x becomes Q x, Q a fixed random rotation that keeps the vector of ones, so
/// LayerNorm without gamma commutes with it.
/// - q, k and v of each head are multiplied by an orthogonal matrix R: (R q)(R k) = q k, and R^T
/// goes into the columns of the projection.
/// Returns of each node whether its columns were rotated, those of heads apart.
std::vector<bool> rotate(Graph& graph);

}  // namespace vitro::converter
