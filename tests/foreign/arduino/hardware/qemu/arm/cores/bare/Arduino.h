// SPDX-License-Identifier: Apache-2.0
// What a sketch expects of a core, over semihosting.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" void print(const char* text);
void setup();
void loop();

struct SerialPort {
  void begin(unsigned long) {}
  void print(const char* text) { ::print(text); }
  void println(const char* text) {
    ::print(text);
    ::print("\n");
  }
};
extern SerialPort Serial;
