// SPDX-License-Identifier: Apache-2.0
// The model for which saved calibrations are fuzzed.
#pragma once

#include "converter/convert.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/make_checkpoint.h"

namespace vitro::fuzz {

struct CalibratedModel {
  Checkpoint checkpoint;
  Graph graph;
};

inline CalibratedModel calibrated_model() {
  RandomVit vit;
  vit.dim = 12, vit.depth = 1, vit.heads = 1, vit.hidden = 16;
  vit.image = 8, vit.patch = 4, vit.classes = 3;
  CalibratedModel model;
  model.checkpoint = make_checkpoint(vit);
  model.checkpoint.sha256 = std::string(64, 'a');
  vit::VitOptions options;
  options.heads = vit.heads;
  model.graph = vit::build_vit(model.checkpoint, options);
  return model;
}

}  // namespace vitro::fuzz
