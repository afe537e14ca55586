// SPDX-License-Identifier: Apache-2.0
// timm's config.json: what save_for_hf writes and the Hub has, and transformers' TimmWrapper around
// it.
#pragma once

#include "models/config/json_file.h"
#include "models/config/model_config.h"

namespace vitro::converter {

bool is_timm(const JsonObject& config);

/// What the file says, and what timm 1.0.31 builds for the architecture that it names; its
/// preprocessing as timm.data.resolve_data_config and create_transform have it. `resize_is_given`:
/// crop_pct and crop_mode are not looked at, since options say them. Throws InputError on what
/// vitro cannot compute, naming the key and its value.
ModelConfig read_timm(const JsonObject& config, bool resize_is_given);

}  // namespace vitro::converter
