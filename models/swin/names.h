// SPDX-License-Identifier: Apache-2.0
// How Swin's tensors are called: timm and microsoft, Hugging Face, torchvision. Canonical names are
// stages.S.blocks.N.*, and stages.S.merge.* for what stands at stage S in the file: before its
// blocks in timm, after them in the others.
#pragma once

#include "models/names/names.h"

namespace vitro::converter {

const Naming& swin_naming();

}  // namespace vitro::converter
