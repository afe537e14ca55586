// SPDX-License-Identifier: Apache-2.0
// Decides what becomes one operation of the program, in which formats operations hand values to
// each other, and which of them share a step.
#pragma once

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

/// `graph` is padded; whether it is folded or rotated does not matter.
/// - An operation takes in the node that is its only reader where it computes that as well, as a
///   linear layer does with GELU or a sum: the node is gone from the list.
/// - What an operation writes is what its readers take; where one of them wants int8 rows of an
///   int16 value, a conversion follows the operation.
/// - Rows that nothing reads are not made. Int8 rows of which some readers want fewer than the
///   others, as of a norm, are made again for them.
/// - A sum that begins a unit (begin_units.h) has its addend in that unit: brought there by a
///   conversion where another operation takes the sum in, by the sum itself where both its parts
///   are int16.
/// - A step ends where an operation needs whole values of other rows.
/// `static_scales`: int8 rows have one scale for all of them wherever linears give int8 as well.
/// Throws NodeFault for a node that no operation of the program computes where it stands.
FusedGraph fuse(const Graph& graph, bool static_scales, const std::vector<bool>& begins_unit = {});

}  // namespace vitro::converter
