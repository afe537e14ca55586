// SPDX-License-Identifier: Apache-2.0
// How many heads attention has, which no tensor's shape tells.
#pragma once

#include "converter/base/setting.h"
#include "models/config/model_config.h"
#include "models/names/tensors.h"

namespace vitro::converter {

/// `asked`, or where that is 0 what is usual at a width of `dim`. Throws InputError on a number
/// that does not divide the width or that attention does not take, and where nothing is usual.
size_t deduce_heads(const CheckedTensors& tensors, size_t dim, size_t asked);

Setting heads_setting(const Said<size_t>& said, size_t heads, size_t dim);

}  // namespace vitro::converter
