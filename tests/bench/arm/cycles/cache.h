/* SPDX-License-Identifier: Apache-2.0 */
/* Models of data caches, which tell which of a program's accesses miss. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { kLineBytes = 64 };

/* A set-associative cache that replaces the least recently used line of a set. Stores allocate a
 * line, like loads. */
struct Cache {
  uint64_t sets;
  unsigned ways;
  uint64_t* lines; /* sets x ways line numbers, in each set the latest first; 0: none */
};

/* Returns false if `bytes` are not a power of two of sets with that many ways, or if there is no
 * memory. */
bool cache_init(struct Cache* cache, uint64_t bytes, unsigned ways);

/* Returns whether the line was in the cache; afterwards it is. */
bool cache_access(struct Cache* cache, uint64_t line);
