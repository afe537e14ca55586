// SPDX-License-Identifier: Apache-2.0
// Runs the program on every photo, streaming: one photo for each thread in memory, answers handed
// over in the order of the photos.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platforms/host/evaluation/outside.h"
#include "platforms/host/evaluation/photos.h"
#include "platforms/host/evaluation/scores.h"
#include "platforms/host/inference.h"

namespace vitro::host {

struct PhotoAnswer {
  size_t index = 0;                    // of the photo
  std::string fault;                   // why there is no answer; empty: there is one
  std::vector<size_t> top;             // the five best classes
  std::vector<float> probabilities;    // theirs
  std::vector<OutsideAnswer> outside;  // one for each of `outside`
};

/// One lane for each session, whose photos have nothing to wait for from one another. `each` is
/// called for every photo in order, by one thread at a time; a photo that cannot be read is an
/// answer with a fault. Rethrows what `each` throws.
void evaluate(const PhotoSet& photos, const Preprocessing& preprocessing,
              const std::vector<std::unique_ptr<Inference>>& sessions,
              const std::vector<std::unique_ptr<OutsideLogits>>& outside,
              const std::function<void(const PhotoAnswer&)>& each);

}  // namespace vitro::host
