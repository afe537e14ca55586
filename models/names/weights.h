// SPDX-License-Identifier: Apache-2.0
// Which of the sets of weights in a file is the model.
#pragma once

#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"
#include "models/names/names.h"
#include "models/names/spelling.h"

namespace vitro::converter {

struct WeightsSet {
  const Spelling* spelling = nullptr;
  std::string prefix;  // before every tensor of the trunk
};

struct ChosenWeights {
  WeightsSet set;
  std::vector<WeightsSet> others;
  std::string reason;  // a sentence, where there are others
};

/// The sets of weights whose patch embedding is there, in any spelling.
std::vector<WeightsSet> find_weights(const Checkpoint& checkpoint, const Naming& naming);

/// By the rule of names.h. Throws InputError if there is no patch embedding under any name, or if
/// checkpoint.state fits none.
ChosenWeights choose_weights(const Checkpoint& checkpoint, const Naming& naming);

}  // namespace vitro::converter
