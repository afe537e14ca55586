// SPDX-License-Identifier: Apache-2.0
// Which families of models there are, and which of them a checkpoint is of.
#pragma once

#include <string>
#include <vector>

#include "models/family.h"

namespace vitro::converter {

const std::vector<const Family*>& all_families();

/// Throws InputError where it is none's, with what it looks like.
const Family& family_of(const Checkpoint& checkpoint);

/// Throws InputError where the config.json at `path` names a model of another family.
void check_family(const Family& family, const ModelConfig& config, const std::string& path);

/// Throws InputError on a setting that the family does not have, with those that it has.
void check_settings(const Family& family, const NamedValues& given);

/// What all families know of names in a config.json.
std::vector<HuggingFaceType> hugging_face_types();
TimmArchitecture timm_architecture(const std::string& name);

}  // namespace vitro::converter
