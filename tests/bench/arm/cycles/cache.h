/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of data as a set of lines each: which of a program's accesses miss. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { kLineBytes = 64 };

/* Set-associative; the least recently used line of a set makes room. Stores take a line as loads
 * do. */
struct Cache {
  uint64_t sets;
  unsigned ways;
  uint64_t* lines; /* sets x ways numbers of lines, of each set the latest first; 0: none */
};

/* False if `bytes` are not a power of two of sets of that many ways, or there is no memory. */
bool cache_init(struct Cache* cache, uint64_t bytes, unsigned ways);

/* Whether the line was there; it is afterwards. */
bool cache_access(struct Cache* cache, uint64_t line);
