// SPDX-License-Identifier: Apache-2.0
// How the tensors of CLIP's image tower are called: OpenCLIP and OpenAI, Hugging Face, timm.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::clip {

const Naming& naming();

}  // namespace vitro::converter::clip
