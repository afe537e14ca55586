// SPDX-License-Identifier: Apache-2.0
// transformers' config.json.
#pragma once

#include "models/config/json_file.h"
#include "models/config/model_config.h"

namespace vitro::converter {

bool is_hugging_face(const JsonObject& config);

/// The model's type as transformers names it ("vit", "deit", ...).
std::string hugging_face_type(const JsonObject& config);

/// Where the file is silent, the defaults of transformers' configuration class, marked as assumed.
/// Nothing of the preprocessing. Throws InputError on what vitro cannot compute, naming the key and
/// its value.
ModelConfig read_hugging_face(const JsonObject& config);

}  // namespace vitro::converter
