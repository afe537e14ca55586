// SPDX-License-Identifier: Apache-2.0
// Folds everything linear into the linears: pixel mean and std, LayerNorm's gamma and beta, so that
// what is left is what the runtime executes.
#pragma once

#include "converter/graph/graph.h"

namespace vitro::converter {

/// The same function of the picture with `folded` set: PatchRows gives raw pixels 0..255, every
/// LayerNorm has no gamma and beta.
Graph fold(Graph graph);

}  // namespace vitro::converter
