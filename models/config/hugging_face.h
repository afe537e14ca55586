// SPDX-License-Identifier: Apache-2.0
// transformers' config.json.
#pragma once

#include <string>
#include <vector>

#include "models/config/json_file.h"
#include "models/config/model_config.h"

namespace vitro::converter {

/// A kind of model as transformers 5.24.0 names it, and what its configuration class says that a
/// config.json may leave out.
struct HuggingFaceType {
  const char* name;                             // model_type
  const char* architecture;                     // what begins the names in `architectures`
  float epsilon;                                // layer_norm_eps
  const char* pool;                             // "token"; empty: as the head's shape says
  bool registers;                               // whether it may have any
  const char* processor = "ViTImageProcessor";  // without a preprocessor_config.json
  const char* activation = "gelu";              // hidden_act
  const char* section = nullptr;  // the object of config.json that is of the images' part alone
  bool classifies = true;         // else its labels are nobody's
  std::vector<const char*> computes = {};  // of the flags that are refused of others
};

bool is_hugging_face(const JsonObject& config);

/// The class that prepares photos for the model's type, where no preprocessor_config.json names
/// one.
std::string image_processor_of(const JsonObject& config, const std::vector<HuggingFaceType>& types);

/// Where the file is silent, the defaults of transformers' configuration class, marked as assumed.
/// Nothing of the preprocessing. Throws InputError on what vitro cannot compute, naming the key and
/// its value.
ModelConfig read_hugging_face(const JsonObject& config, const std::vector<HuggingFaceType>& types);

}  // namespace vitro::converter
