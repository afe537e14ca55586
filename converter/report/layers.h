// SPDX-License-Identifier: Apache-2.0
// How far the program's values are from the float graph's, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "converter/base/aligned_bytes.h"
#include "converter/draft/tap.h"
#include "converter/graph/graph.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

struct LayerError {
  std::string name;
  double sqnr_db;  // 10 log10 of the energy of the float values over that of the difference, all
                   // pictures together
};

/// Runs the program `file` step by step beside the float graph that it was lowered from. The last
/// entry is the logits'.
struct MeasuredProgram {
  const AlignedBytes& file;
  const Graph& graph;
  const std::vector<Tap>& taps;
};
std::vector<LayerError> measure_layers(const MeasuredProgram& measured, const Pictures& pictures,
                                       size_t threads, const Progress& progress);

}  // namespace vitro::converter
