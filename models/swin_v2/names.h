// SPDX-License-Identifier: Apache-2.0
// How the tensors of Swin's second version are called: timm and microsoft, Hugging Face. Canonical
// names are those of the first version (models/swin/names.h) but for the positions.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::swin_v2 {

const Naming& naming();

}  // namespace vitro::converter::swin_v2
