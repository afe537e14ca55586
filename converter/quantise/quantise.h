// SPDX-License-Identifier: Apache-2.0
// Post-training quantisation: float graph and calibration pictures in, program draft out. recipe.md
// beside says what is done and why.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/draft/draft.h"
#include "converter/graph/graph.h"
#include "converter/quantise/moments.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// Where a value of the float graph stands in the program once a step has run: for reports.
struct Tap {
  std::string name;
  size_t step;
  uint32_t tensor;
  size_t node;              // of Quantised::graph
  std::vector<float> unit;  // by column: real value of one unit
};

/// The real values that a static tensor distinguishes; what lies outside saturates. lowest <= 0 <=
/// highest.
struct StaticRange {
  float lowest = 0, highest = 0;
};

/// All that is learnt from calibration pictures. Quantising with it gives what quantising with the
/// pictures gave, to the byte.
struct Calibration {
  size_t pictures = 0;         // how many there were
  bool static_scales = false;  // which kind of program it is for
  std::vector<ColumnStatistics>
      statistics;  // one entry for each node of Quantised::graph, before its attention is centred
  std::map<size_t, PackedMoments> moments;  // by node that linears read
  std::map<size_t, StaticRange> ranges;  // static scales: by node whose value is static, but for q,
                                         // k and v, whose statistics suffice
};

/// Changes whenever the same pictures would give other numbers in a Calibration, or those numbers
/// another program.
constexpr uint32_t kRecipe = 2;

struct Quantised {
  Draft draft;
  Graph graph;  // the float graph in the basis that was quantised: another function of nothing but
                // rounding
  std::vector<Tap> taps;
  Calibration calibration;
};

/// `graph` is folded. Walks it once; each linear is quantised against the inputs that the layers
/// before it, already quantised, really give: the runtime's own kernels carry all pictures along.
/// Activations have a scale for each row or, with `static_scales`, for each tensor.
Quantised quantise(Graph graph, const Pictures& pictures, bool static_scales, size_t threads,
                   const Progress& progress);

/// The same from what a walk with pictures learnt. `calibration` fits the graph (check_fit in
/// converter/calibration).
Quantised quantise(Graph graph, Calibration calibration, size_t threads, const Progress& progress);

}  // namespace vitro::converter
