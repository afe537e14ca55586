// SPDX-License-Identifier: Apache-2.0
// How TimeSformer's tensors are called: as canonical names have it, with temporal.norm1,
// temporal.attn and temporal.fc in each block for attention over time, and time_embed.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::timesformer {

const Naming& naming();

}  // namespace vitro::converter::timesformer
