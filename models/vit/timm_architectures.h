// SPDX-License-Identifier: Apache-2.0
// What timm's names of ViTs say that tensors and config.json do not.
#pragma once

#include <string>

#include "models/config/timm.h"

namespace vitro::converter::vit {

/// By timm 1.0.31, which was asked for each of its vit_*, deit* and flexivit_* models.
TimmArchitecture timm_vit(const std::string& name);

}  // namespace vitro::converter::vit
