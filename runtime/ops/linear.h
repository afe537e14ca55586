// SPDX-License-Identifier: Apache-2.0
// A linear layer, bound: dynamic or static, by this runtime's kernels or by the caller's own.
#pragma once

#include "runtime/ops/ops.h"

namespace vitro {

struct BoundLinear {
  const KernelTable* kernels;
  const int8_t* weights;
  const float* channels;
  Operand src, dst, addend;
  uint32_t k, n, head_dim;
  uint32_t tokens, group_bytes;  // keys, values: of a group. Else all rows are in one
  LinearOutput output;
  uint8_t fraction_bits;
  bool has_addend : 1, is_static : 1, has_silu : 1;
  int8_t zero_point;  // of a static source
};

// Calls the kernel on the tile, a group of keys or values at a time. params: of each of its rows;
// or, where the rows are alike, of `alike` of them, and the kernel is called on so many at once.
void call_linear_kernel(const BoundLinear& linear, const RowTile& tile, const RowParams* params,
                        size_t alike);

// Static: from static int8 to static int8. By the kernels that every linear has, or by the
// caller's own (vitro_config::static_linear).
void run_static_linear(const BoundLinear& linear, const RowTile& tile);

// The law's exactness, for `n` channels of scale and bias.
bool verify_static_channels(Checker& checker, const float* scale, const float* bias, uint64_t n);

}  // namespace vitro
