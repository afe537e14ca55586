// SPDX-License-Identifier: Apache-2.0
// The spellings of a ViT's names.
#pragma once

#include "models/names/spelling.h"

namespace vitro::converter::vit {

const Spelling& timm_names();
const Spelling& hugging_face_names();
const Spelling& torchvision_names();
const Spelling& jax_names();
const Spelling& siglip_names();

}  // namespace vitro::converter::vit
