// SPDX-License-Identifier: Apache-2.0
// How Perceiver's tensors are called: latents; cross.* for what attends to the picture, blocks.N.*
// for the blocks of latents, decoder.* for the query of the classes; inputs.* for what is made of
// pixels and positions.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::perceiver {

const Naming& naming();

}  // namespace vitro::converter::perceiver
