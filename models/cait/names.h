// SPDX-License-Identifier: Apache-2.0
// How CaiT's tensors are called: as canonical names have it, with class_blocks.N for its blocks of
// class attention, and attn.proj_l and attn.proj_w, which mix heads before and behind softmax.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::cait {

const Naming& naming();

}  // namespace vitro::converter::cait
