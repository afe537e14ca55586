// SPDX-License-Identifier: Apache-2.0
// How TransFG's tensors are called: a ViT's, and a last block of its own (part_layer, part_norm).
#pragma once

#include "models/names/names.h"

namespace vitro::converter::transfg {

const Naming& naming();

}  // namespace vitro::converter::transfg
