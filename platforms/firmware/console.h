// SPDX-License-Identifier: Apache-2.0
// Text on the board's console.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

void print(const char* text);
void print(uint64_t number);
/// 0x and all digits.
void print_hex(uint64_t number);
/// A name from outside: what is not printable ASCII becomes '?'.
void print_name(const char* name);
/// number / 10^digits, for instance 12.345 of 12345 and 3; digits < 20.
void print_fraction(uint64_t number, unsigned digits);

}  // namespace vitro
