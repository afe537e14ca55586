// SPDX-License-Identifier: Apache-2.0
// For functions of per-ISA objects that have to be part of their caller whatever the compiler
// thinks of their size: accumulators stay in registers only so.
#pragma once

#define VITRO_INLINE inline __attribute__((always_inline))
