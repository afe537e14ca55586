// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/console.h"

#include <string.h>

#include "platforms/firmware/board.h"
#include "platforms/firmware/divide.h"

namespace vitro {

void print(const char* text) { board::write(text, strlen(text)); }

void print(uint64_t number) { print_fraction(number, 0); }

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
  char text[22];
  size_t at = sizeof text;
  unsigned written = 0;
  do {
    if (digits > 0 && written == digits) text[--at] = '.';
    uint64_t digit;
    number = divide(number, 10, digit);
    text[--at] = static_cast<char>('0' + digit);
    ++written;
  } while (number > 0 || written <= digits);
  board::write(text + at, sizeof text - at);
}

}  // namespace vitro
