// SPDX-License-Identifier: Apache-2.0
// Decides what becomes one operation of the program, in which formats operations hand values to
// each other, and which of them share a step.
#pragma once

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

/// `graph` is padded; whether it is folded or rotated does not matter.
/// - A linear layer takes in the GELU, sum, Tokens or Average that is its only reader, where its
///   kernel can do that: the node is gone from the list.
/// - What an operation writes is what its readers take; where one of them wants int8 rows of an
///   int16 value, a conversion follows the operation.
/// - Rows that nothing reads are not made. A LayerNorm some of whose readers want fewer rows than
///   the others is repeated for them.
/// - A step ends where an operation needs whole values of other rows.
/// `static_scales`: int8 rows have one scale for all of them wherever linears give int8 as well.
/// Throws NodeFault for a node that no operation of the program computes where it stands.
FusedGraph fuse(const Graph& graph, bool static_scales);

}  // namespace vitro::converter
