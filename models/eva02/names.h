// SPDX-License-Identifier: Apache-2.0
// How EVA-02's tensors are called: timm, baaivision.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::eva02 {

const Naming& naming();

}  // namespace vitro::converter::eva02
