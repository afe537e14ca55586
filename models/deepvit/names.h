// SPDX-License-Identifier: Apache-2.0
// How DeepViT's tensors are called: as canonical names have it, with attn.reatten_matrix, which
// mixes heads behind softmax, and attn.var_norm, a batch normalisation of what it makes.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::deepvit {

const Naming& naming();

}  // namespace vitro::converter::deepvit
