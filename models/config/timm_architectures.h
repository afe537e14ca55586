// SPDX-License-Identifier: Apache-2.0
// What timm's names of architectures say that tensors and config.json do not.
#pragma once

#include <cstddef>
#include <string>

namespace vitro::converter {

struct TimmArchitecture {
  size_t width = 0, heads = 0;  // 0: not a ViT that is known by this name
  float epsilon = 0;            // of every LayerNorm
  std::string
      fault;  // what vitro does not compute, though the tensors look like a plain ViT's; else empty
};

/// By timm 1.0.31, which was asked for each of its vit_*, deit* and flexivit_* models.
TimmArchitecture timm_architecture(const std::string& name);

}  // namespace vitro::converter
