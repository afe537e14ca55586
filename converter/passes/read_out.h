// SPDX-License-Identifier: Apache-2.0
// Makes every output of a graph a value that a program can give in float32.
#pragma once

#include "converter/graph/graph.h"

namespace vitro::converter {

/// The same outputs. Where one is no linear layer's value alone, as the rows of a LayerNorm or of
/// the residual stream, a linear layer whose weight is the identity reads it, and gives the output
/// instead: folding puts gamma and beta into it, rotating the way back. `graph` is not folded.
Graph read_out(Graph graph);

}  // namespace vitro::converter
