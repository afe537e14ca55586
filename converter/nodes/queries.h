// SPDX-License-Identifier: Apache-2.0
// The scales of queries, whatever kind of node makes them.
#pragma once

#include <vector>

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

class Lowering;

/// The real value of one step of each column of int8 queries, or of what else is compared first,
/// which are the value of f.node: as large as their reader wants it to be with the keys that they
/// meet. The same for all columns of a head.
std::vector<float> query_units(const Lowering& lowering, const FusedNode& f);

}  // namespace vitro::converter
