// SPDX-License-Identifier: Apache-2.0
// How the tensors of VATT's video tower are called: as canonical names have it, with agg_token,
// pos.temporal, pos.vertical, pos.horizontal and pos.norm.
#pragma once

#include "models/names/names.h"

namespace vitro::converter::vatt {

const Naming& naming();

}  // namespace vitro::converter::vatt
