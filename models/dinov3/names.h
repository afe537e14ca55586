// SPDX-License-Identifier: Apache-2.0
// How DINOv3's tensors are called: timm, Hugging Face, facebookresearch.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::dinov3 {

const Naming& naming();

}  // namespace vitro::converter::dinov3
