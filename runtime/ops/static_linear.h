// SPDX-License-Identifier: Apache-2.0
// Linears from static int8 to static int8: by the kernels that every linear has, or by the caller's
// own (vitro_config::static_linear).
#pragma once

#include "runtime/ops/ops.h"

namespace vitro {

// The law's exactness, for `n` channels of scale and bias.
bool verify_static_channels(Checker& checker, const float* scale, const float* bias, uint64_t n);

void run_static_linear(const BoundOp& op, const Tile& tile);

// Calls the kernel on the tile, a group of keys or values at a time. params: of each of its rows;
// or, where the rows are alike, of `alike` of them, and the kernel is called on so many at once.
void call_linear_kernel(const BoundLinear& linear, const Tile& tile, const RowParams* params,
                        size_t alike);

}  // namespace vitro
