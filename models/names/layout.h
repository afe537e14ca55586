// SPDX-License-Identifier: Apache-2.0
// Brings a tensor into the canonical order.
#pragma once

#include "models/names/names.h"
#include "models/names/spelling.h"

namespace vitro::converter {

/// False if the tensor has not as many dimensions as the layout.
bool has_rank(Layout layout, const std::vector<size_t>& shape);

/// Of Layout::Same the view itself; else a view of numbers of its own. The view has the layout's
/// rank.
TensorView canonical_layout(const TensorView& view, Layout layout);

}  // namespace vitro::converter
