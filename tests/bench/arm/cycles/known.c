/* SPDX-License-Identifier: Apache-2.0 */
/* Loops whose cycles and cache misses can be counted by hand, for known.py. Each has a mark of its
 * own. */
#include <stdint.h>
#include <unistd.h>

#include "mark.h"

enum { kLine = 64, kTurns = 10000 };

static uint8_t memory[1 << 21] __attribute__((aligned(4096)));

static void mark(int value) { close(kMarkBase + value); }

/* Loads once from each cache line of `bytes`. */
static void walk(uint64_t bytes) {
  uint64_t value, left = bytes / kLine;
  const uint8_t* p = memory;
  __asm__ volatile(
      "1: ldr %0, [%1], #64\n"
      "subs %2, %2, #1\n"
      "b.ne 1b"
      : "=&r"(value), "+r"(p), "+r"(left)
      :
      : "memory", "cc");
}

int main(void) {
  for (uint64_t i = 0; i < sizeof memory; i += kLine) memory[i] = 1;
  uint64_t x = 3, y = 1;
  /* A chain: each multiplication waits for the one before it. */
  mark(1);
  for (uint64_t left = kTurns; left > 0; --left)
    __asm__ volatile("mul %0, %0, %1\nmul %0, %0, %1\nmul %0, %0, %1\nmul %0, %0, %1"
                     : "+r"(x)
                     : "r"(y));
  mark(0);
  /* Products that do not wait for each other. */
  mark(2);
  for (uint64_t left = kTurns; left > 0; --left)
    __asm__ volatile(
        "smull v0.8h, v30.8b, v31.8b\nsmull v1.8h, v30.8b, v31.8b\n"
        "smull v2.8h, v30.8b, v31.8b\nsmull v3.8h, v30.8b, v31.8b\n"
        "smull v4.8h, v30.8b, v31.8b\nsmull v5.8h, v30.8b, v31.8b\n"
        "smull v6.8h, v30.8b, v31.8b\nsmull v7.8h, v30.8b, v31.8b"
        :
        :
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7");
  mark(0);
  /* Fits in L1: only the first of two walks misses. */
  walk(1 << 20);
  mark(3);
  walk(1 << 14);
  walk(1 << 14);
  mark(0);
  /* Fits in L2, but not in L1. */
  walk(1 << 18);
  mark(4);
  walk(1 << 18);
  mark(0);
  /* Fits in neither: at the end of the walk, its first lines have been replaced. */
  walk(1 << 21);
  mark(5);
  walk(1 << 21);
  mark(0);
  return 0;
}
