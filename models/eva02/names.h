// SPDX-License-Identifier: Apache-2.0
// How EVA-02's tensors are called: timm, baaivision.
#pragma once

#include "models/names/names.h"

namespace vitro::converter {

const Naming& eva02_naming();

}  // namespace vitro::converter
