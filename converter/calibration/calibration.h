// SPDX-License-Identifier: Apache-2.0
// Calibration files: a checkpoint is converted again, to the same bytes, where its calibration
// pictures are not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/base/write_file.h"
#include "converter/graph/graph.h"
#include "converter/quantise/learnt.h"
#include "converter/report/layers.h"

namespace vitro::converter {

/// What a conversion took beside the weights, and what it learnt from the pictures.
struct SavedCalibration {
  std::string checkpoint_sha256;
  std::map<std::string, std::string> settings;  // by name: what decided the graph's arithmetic
                                                // beside the tensors, as the model's family says it
  Preprocessing preprocessing;  // the picture's size is not kept: it is the checkpoint's
  Calibration calibration;
  std::vector<LayerError> layers;              // measured on the pictures
  std::map<std::string, std::string> sources;  // of these and of preprocessing then, by the
                                               // setting's name; empty in files of old
  std::string path;  // of the file that it was read from; empty where there is none
};

/// Where the calibration of a checkpoint is looked for: DIR/NAME.safetensors ->
/// DIR/NAME.calibration.
std::string calibration_path(const std::string& checkpoint);

/// To a file that the caller commits. `model` is the graph that was converted; it names the nodes.
/// Throws InputError.
void write_calibration(OutputFile& to, const SavedCalibration& saved, const Graph& model);

/// Throws InputError when the file is missing, damaged, of another version of the recipe, or of
/// another checkpoint than that of the given hash.
SavedCalibration read_calibration(const std::string& path, const std::string& checkpoint_sha256);

/// Throws InputError, naming `path`, unless there are numbers for each node of the checkpoint's
/// graph and for all that its linears read.
void check_fit(const std::string& path, const Calibration& calibration, const Graph& model);

}  // namespace vitro::converter
