// SPDX-License-Identifier: Apache-2.0
// timm's config.json: what save_for_hf writes and the Hub has, and transformers' TimmWrapper around
// it.
#pragma once

#include <string>
#include <vector>

#include "models/config/json_file.h"
#include "models/config/model_config.h"

namespace vitro::converter {

/// What timm builds for one of its names that tensors and config.json do not say.
struct TimmArchitecture {
  bool known = false;
  size_t width = 0, heads = 0;      // 0: the name does not tell
  float epsilon = 0;                // of every LayerNorm; 0: the name does not tell
  const char* activation = "gelu";  // as ModelConfig names them
  size_t window = 0;                // of attention within windows; 0: the name does not tell
  std::vector<size_t> trained_windows = {};  // as ModelConfig has them; empty: none
  std::string fault;  // what vitro does not compute, though the tensors look alike; else empty
};
/// By a name without the tag of its weights; empty for weights of no name.
using TimmArchitectures = TimmArchitecture (*)(const std::string& name);

bool is_timm(const JsonObject& config);

/// What the file says, and what `architectures` tell of the one that it names; its
/// preprocessing as timm.data.resolve_data_config and create_transform have it. `resize_is_given`:
/// crop_pct and crop_mode are not looked at, since options say them. `image_size_is_given`: a model
/// of any size may have been built for another one than its pictures are said to have. Throws
/// InputError on what vitro cannot compute, naming the key and its value.
ModelConfig read_timm(const JsonObject& config, TimmArchitectures architectures,
                      bool resize_is_given, bool image_size_is_given);

}  // namespace vitro::converter
