// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/console.h"

#include <string.h>

#include "platforms/firmware/board.h"

namespace vitro {

void print(const char* text) { board::write(text, strlen(text)); }

void print(uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  board::write(digits + at, sizeof digits - at);
}

void print_hex(uint64_t number) {
  char digits[18] = {'0', 'x'};
  for (size_t i = 0; i < 16; ++i) digits[2 + i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
  board::write(digits, sizeof digits);
}

void print_name(const char* name) {
  for (; *name; ++name) {
    const char shown = *name >= ' ' && *name <= '~' ? *name : '?';
    board::write(&shown, 1);
  }
}

void print_fraction(uint64_t number, unsigned digits) {
  uint64_t unit = 1;
  for (unsigned i = 0; i < digits; ++i) unit *= 10;
  print(number / unit);
  print(".");
  for (number %= unit; unit > 1; number %= unit) {
    unit /= 10;
    const char digit = static_cast<char>('0' + number / unit);
    board::write(&digit, 1);
  }
}

}  // namespace vitro
