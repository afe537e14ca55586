// SPDX-License-Identifier: Apache-2.0
// How a ViT's tensors are called: timm and facebookresearch (deit, deit-III, dino, dinov2, mae,
// moco-v3); Hugging Face's releases and transformers 5's modules; torchvision, old and new;
// google-research's JAX releases. Each has a table in names/.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::vit {

const Naming& naming();

}  // namespace vitro::converter::vit
