// SPDX-License-Identifier: Apache-2.0
// From what a user has, a folder or a file of weights, to a float graph with everything that
// decides its answer, and where each of it was read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/base/setting.h"
#include "converter/calibration/calibration.h"
#include "converter/checkpoint/checkpoint.h"
#include "converter/convert.h"
#include "converter/graph/graph.h"
#include "models/config/picture.h"
#include "models/family.h"

namespace vitro::converter {

/// What the command line says; it overrides what the model's own files say. Empty or 0: not said.
struct ModelOptions {
  NamedValues settings;  // of the model's family
  std::string state;     // of several sets of weights in one file, the one under this key or prefix
  PictureOptions picture;
  AdapterOptions adapters;
  std::string calibration;  // a saved calibration, whose values stand where neither options nor the
                            // model's files say any
  bool own_calibration = true;  // without that: the one beside the weights, where there is one
};

struct Model {
  Checkpoint checkpoint;
  std::string
      weights_sha256;  // of the checkpoint with its adapters: what a saved calibration belongs to
  Graph graph;         // with its preprocessing
  std::vector<std::string> labels;  // empty, or one for each class
  std::string labels_source;
  std::vector<Setting> settings;
  std::vector<std::string>
      warnings;  // options that contradict what the model's files say of its arithmetic
  std::vector<std::string>
      ignored;                // tensors that are known not to matter, by their names in the file
  NamedValues family_values;  // of the family's settings: what a saved calibration keeps
  std::optional<SavedCalibration> calibration;
  std::string calibration_path;
};

/// `path`: a folder or a file, as find_model_files() takes it. Throws InputError on anything that
/// is missing, contradictory, or not to be computed; it names the file and the value.
Model read_model(const std::string& path, const ModelOptions& options);

/// What write_calibration() keeps of a model's conversion with pictures.
SavedCalibration to_save(const Model& model, const ConvertResult& result);

/// "heads 3 (64 channels each), epsilon 1e-06 (usual)": what nothing but experience says; empty
/// when there is no such value.
std::string describe_assumed(const std::vector<Setting>& settings);

}  // namespace vitro::converter
