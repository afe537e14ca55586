/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that share the work, and the stacks of all but the first, for C++ and assembly.
 * memory.ld.in has the same numbers. */
#pragma once

#define CORES 4
#define CORE_GUARD_BYTES 0x1000 /* nothing is there: an overflow is an exception */
#define CORE_STACK_BYTES 0x4000
#define EXCEPTION_STACK_BYTES 0x1000
#define CORE_STACK_STRIDE (CORE_GUARD_BYTES + CORE_STACK_BYTES + EXCEPTION_STACK_BYTES)
