// SPDX-License-Identifier: Apache-2.0
// The report on a kernel that differs from the reference: the variant, the kernel, its shape and
// all other arguments, and both results around the first difference.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {

struct Difference {
  const uint8_t *want, *got;
  bool outside, outside_workspace;  // the kernel wrote bytes outside its memory
};

void report(const Case& c, const KernelTable& variant, const Difference& difference,
            void (*print)(const char* text));

/// The bytes of an element of a linear's destination.
size_t element_bytes(LinearOutput output);

}  // namespace vitro
