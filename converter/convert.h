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
#include "converter/passes/more_outputs.h"
#include "converter/plan/plan.h"
#include "converter/quantise/statistics.h"
#include "converter/report/layers.h"

namespace vitro::converter {

struct ConvertOptions {
  size_t threads = 1;
  PlanOptions plan;
  bool static_scales = false;  // of activations: one for each tensor instead of one for each row
  MoreOutputs also;            // beside the model's own
  std::vector<std::string> labels;  // empty, or one for each class
  std::vector<Setting> settings;    // and what else decided, with where it was read
};

struct ConvertResult {
  AlignedBytes file;
  size_t arena_bytes = 0;  // for one thread
  std::vector<LayerError> layers;
  double logit_sqnr_db = 0;
  Calibration calibration;
};

/// Pictures that look like nothing, for where there are no photos to calibrate on. The same ones
/// each time.
Pictures generated_pictures(const Preprocessing& preprocessing);

/// What teaches the converter the sizes of a model's values.
struct CalibrationSource {
  CalibrationSource(const Pictures& p) : pictures(&p) {}       // at least one
  CalibrationSource(const SavedCalibration& s) : saved(&s) {}  // that fits: check_fit()
  const Pictures* pictures = nullptr;
  const SavedCalibration* saved = nullptr;
  bool generated = false;  // the pictures are no photos
};

/// What an earlier conversion of the same checkpoint learnt gives the same bytes as its pictures
/// gave; the layers are then those measured on these. Throws InputError on labels that do not fit,
/// on a saved calibration for another kind of activations, and on what has no int8 form.
ConvertResult convert(const Checkpoint& checkpoint, const Graph& model,
                      const CalibrationSource& source, const ConvertOptions& options,
                      const Progress& progress);

}  // namespace vitro::converter
