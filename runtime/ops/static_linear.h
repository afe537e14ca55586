// SPDX-License-Identifier: Apache-2.0
// Linears from static int8 to static int8: by the kernels that every linear has, or by the caller's
// own (vitro_config::static_linear).
#pragma once

#include "runtime/ops/ops.h"

namespace vitro {

// The law's exactness, for `n` channels of scale and bias.
bool verify_static_channels(Checker& checker, const float* scale, const float* bias, uint64_t n);

void run_static_linear(const BoundOp& op, const Tile& tile);

// The arguments of a linear's kernel but for its rows' parameters.
LinearArgs linear_args(const BoundLinear& linear, const Tile& tile);

}  // namespace vitro
