// SPDX-License-Identifier: Apache-2.0
// Whether the config of a ViT and its tensors belong together.
#pragma once

#include <string>
#include <vector>

#include "models/config/agreement.h"
#include "models/vit/config.h"

namespace vitro::converter::vit {

/// Throws InputError, naming `path` and both values, where what the config says is not what the
/// tensors have.
void check_agreement(const std::string& path, const ModelConfig& config, const VitConfig& tensors,
                     bool qkv_bias);

/// What the tensors' shapes say, for people; and what the classifier reads, which `pooling` says
/// where that is not empty.
std::vector<Setting> shape_settings(const std::string& pooling, const VitConfig& tensors);

}  // namespace vitro::converter::vit
