// SPDX-License-Identifier: Apache-2.0
// newlib's are 664 bytes together, written for speed; an image compares and prints a few names.
#include <stddef.h>
#include <stdint.h>

extern "C" int strncmp(const char* a, const char* b, size_t count) {
  for (; count > 0; --count, ++a, ++b)
    if (*a != *b || !*a) return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
  return 0;
}

extern "C" int strcmp(const char* a, const char* b) { return strncmp(a, b, SIZE_MAX); }

extern "C" size_t strlen(const char* text) {
  const char* end = text;
  while (*end) ++end;
  return static_cast<size_t>(end - text);
}
