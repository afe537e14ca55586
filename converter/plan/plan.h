// SPDX-License-Identifier: Apache-2.0
// Memory, settled offline: where each tensor lies, how many rows a tile has, where the threads'
// scratch starts.
#pragma once

#include <cstdint>

#include "converter/draft/draft.h"

namespace vitro::converter {

struct PlanOptions {
  // Bytes of planned memory that larger tiles may use; 0: as much as the smallest tiles need anyway
  // and, in steps of more weights than L2 holds, a thirty-second of the constants.
  uint64_t arena_budget = 0;
};

/// Fills in the draft's offsets, tile rows and scratch. Tensors whose lives do not overlap share
/// memory (first fit, by size or by duration, whichever needs less; after Pisarchyk and Lee, arXiv
/// 2001.03288).
void plan_memory(Draft& draft, const PlanOptions& options = {});

}  // namespace vitro::converter
