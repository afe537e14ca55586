// SPDX-License-Identifier: Apache-2.0
// Whether a model's config and its tensors belong together.
#pragma once

#include <string>
#include <vector>

#include "converter/base/setting.h"
#include "models/config/model_config.h"

namespace vitro::converter {

/// What the tensors' shapes say, each with the shape that says it; empty: the family has no such
/// thing.
struct ModelShapes {
  Said<PixelSize> image_size;
  Said<size_t> patch, width, blocks, mlp, prefix_tokens, classes, registers;
};

/// Throws InputError, naming `path` and both values, where what the config says is not what the
/// tensors have.
void check_agreement(const std::string& path, const ModelConfig& config, const ModelShapes& shapes);

/// For people. A model without a head has no classes.
std::vector<Setting> shape_settings(const ModelShapes& shapes);

}  // namespace vitro::converter
