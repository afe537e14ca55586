// SPDX-License-Identifier: Apache-2.0
// The scale of attention's scores, for all that compares queries and keys.
#pragma once

#include <cstdint>
#include <vector>

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

class Lowering;

constexpr float kLawsExponents = 1.44269504f * 2048.0f;  // of its exp2 for one unit of a score

struct ScoreRule {
  size_t heads;
  float scale;     // of the model's scores
  uint32_t reach;  // runtime/core/bounds.h
};

/// The law's c of each head of queries, the first input of f, and keys, its second. Throws
/// NodeFault where they are too large.
std::vector<float> score_scales(const Lowering& lowering, const FusedNode& f,
                                const ScoreRule& rule);

}  // namespace vitro::converter
