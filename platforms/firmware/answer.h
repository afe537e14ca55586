// SPDX-License-Identifier: Apache-2.0
// A picture's logits for people: the most probable classes.
#pragma once

#include <stddef.h>

#include "vitro/vitro.h"

namespace vitro {

/// Prints "top RANK PERCENT % LABEL" for the most probable three classes, equal ones in the order
/// of their indices.
void print_top(const vitro_program& program, const float* logits);

}  // namespace vitro
