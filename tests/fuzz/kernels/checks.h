// SPDX-License-Identifier: Apache-2.0
// Each runs one kernel of every variant on what the input chooses, and fails where a variant
// differs from the reference or accesses anything but its operands.
#pragma once

#include "tests/fuzz/kernels/compare.h"

namespace vitro::fuzz {

void check_silu(Input& in);
void check_affine(Input& in);
void check_multiply(Input& in);
void check_rotate_pairs(Input& in);
void check_norm(Input& in);
void check_head_norm(Input& in);
void check_statics(Input& in);
void check_lookup(Input& in);
void check_rollout(Input& in);

}  // namespace vitro::fuzz
