// SPDX-License-Identifier: Apache-2.0
// From the fused graph to the operations of a program, node by node. quantise/recipe.md says what
// is done and why.
#pragma once

#include "converter/quantise/lowering.h"

namespace vitro::converter {

/// Fills lowering.draft, but for what planning and emitting add, and lowering.taps. Each linear
/// layer is quantised against the inputs that the layers before it, already quantised, really give:
/// the runtime's own kernels carry all pictures along. Throws NodeFault.
void lower(Lowering& lowering, const Progress& progress);

}  // namespace vitro::converter
