// SPDX-License-Identifier: Apache-2.0
// How BEiT's tensors are called: timm and microsoft, Hugging Face.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::beit {

const Naming& naming();

}  // namespace vitro::converter::beit
