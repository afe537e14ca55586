// SPDX-License-Identifier: Apache-2.0
// The whole way from a float graph to the bytes of a program. README.md says what each stage takes,
// gives and refuses.
#pragma once

#include <string>
#include <vector>

#include "converter/base/aligned_bytes.h"
#include "converter/base/setting.h"
#include "converter/calibration/calibration.h"
#include "converter/checkpoint/checkpoint.h"
#include "converter/graph/graph.h"
#include "converter/plan/plan.h"
#include "converter/quantise/statistics.h"
#include "converter/report/layers.h"

namespace vitro::converter {

struct ConvertOptions {
  size_t threads = 1;
  PlanOptions plan;
  bool static_scales = false;  // of activations: one for each tensor instead of one for each row
  std::vector<std::string> labels;  // empty, or one for each class
  std::string description;          // of the options, for the program's provenance
  std::vector<Setting> settings;    // and what else decided, with where it was read
};

struct ConvertResult {
  AlignedBytes file;
  size_t arena_bytes = 0;  // for one thread
  std::vector<LayerError> layers;
  double logit_sqnr_db = 0;
  Calibration calibration;
};

/// `pictures` calibrate; there is at least one. Throws InputError on labels that do not fit.
ConvertResult convert(const Checkpoint& checkpoint, const Graph& graph, const Pictures& pictures,
                      const ConvertOptions& options, const Progress& progress);

/// From what an earlier conversion of the same checkpoint learnt: the same bytes. Its layers are
/// those measured then.
ConvertResult convert(const Checkpoint& checkpoint, const Graph& graph,
                      const SavedCalibration& saved, const ConvertOptions& options,
                      const Progress& progress);

}  // namespace vitro::converter
