/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

bool cache_init(struct Cache* cache, uint64_t bytes, unsigned ways) {
  if (ways == 0 || bytes % ((uint64_t)ways * kLineBytes) != 0) return false;
  cache->sets = bytes / ((uint64_t)ways * kLineBytes);
  cache->ways = ways;
  if (cache->sets == 0 || (cache->sets & (cache->sets - 1)) != 0) return false;
  cache->lines = calloc(cache->sets * ways, sizeof *cache->lines);
  return cache->lines != NULL;
}

bool cache_access(struct Cache* cache, uint64_t line) {
  uint64_t* const set = cache->lines + (line & (cache->sets - 1)) * cache->ways;
  const uint64_t tag = line + 1;
  if (set[0] == tag) return true;
  unsigned way = 1;
  while (way < cache->ways && set[way] != tag) ++way;
  const bool hit = way < cache->ways;
  memmove(set + 1, set, (hit ? way : cache->ways - 1) * sizeof *set);
  set[0] = tag;
  return hit;
}
