// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/scores.h"

#include <algorithm>

#include "converter/graph/node_fault.h"
#include "converter/quantise/lowering.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

std::vector<float> score_scales(const Lowering& l, const FusedNode& f, const ScoreRule& rule) {
  const size_t cols = l.input(f, 0).activations.cols, head_dim = cols / rule.heads;
  std::vector<float> scales;
  for (size_t c = 0; c < cols; c += head_dim) {
    scales.push_back(
        std::max(l.input(f, 0).unit[c] * l.input(f, 1).unit[c] * rule.scale * kLawsExponents,
                 kScaleRange.smallest));
    // Beyond it one step of a score is worth more than half an octave of a weight: noise.
    if (!(scales.back() * static_cast<float>(head_dim + rule.reach) <= kScoreScaleLimit))
      throw NodeFault(f.name, "has queries and keys too large for attention in int8",
                      "check the checkpoint: it may be damaged");
  }
  return scales;
}

}  // namespace vitro::converter
