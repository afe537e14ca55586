// SPDX-License-Identifier: Apache-2.0
// The symbols of memory.ld.in: addresses, not contents.
#pragma once

#include <stdint.h>

extern "C" {
extern uint8_t ram_begin[], code_begin[], code_end[], image_end[];
extern uint8_t core_stacks_begin[], core_stacks_end[];
extern uint8_t writable_begin[], writable_end[], stack_begin[], stack_end[], arena_begin[],
    arena_end[];
}
