/* SPDX-License-Identifier: Apache-2.0 */
/* A QEMU plugin that counts how often each translated block of guest code runs, and its cache
 * misses, separately for each mark that the program sets (mark.h).
 *
 *   cc -O2 -fPIC -shared blocks.c cache.c -o libblocks.so
 *   qemu-aarch64 -plugin ./libblocks.so,out=FILE[,l1=BYTES/WAYS,l2=BYTES/WAYS] PROGRAM
 *
 * Each line of FILE has: mark, executions, L1 misses, L2 misses, address, instructions in hex
 * separated by dots, symbol of the first instruction. Programs without system calls set marks by a
 * function that writes to memory, marker=SYMBOL. The plugin assumes a single guest thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../qemu_plugin.h"
#include "cache.h"
#include "mark.h"

EXPORT int qemu_plugin_version = 1;

struct Counts {
  uint64_t executions, misses1, misses2;
};

struct Block {
  struct Counts now, before; /* before: the value at the latest mark */
  struct Counts* by_mark;
  size_t marks;
  uint64_t address;
  char* code;
  char* symbol;
  struct Block* next;
};

static struct Block* blocks;
static size_t mark; /* 0: nothing is counted at present */
static struct Cache l1, l2;
static bool caches;
static char out_path[1024], marker[1024];
static uint64_t first_mark; /* where the marker wrote first; 0: nowhere yet */

static void* need(void* memory) {
  if (!memory) {
    fputs("blocks: out of memory\n", stderr);
    exit(1);
  }
  return memory;
}

/* Adds what ran since the latest mark to that mark. */
static void settle(struct Block* block) {
  const struct Counts now = block->now, before = block->before;
  block->before = now;
  if (mark == 0 || now.executions == before.executions) return;
  if (mark >= block->marks) {
    block->by_mark = need(realloc(block->by_mark, (mark + 1) * sizeof *block->by_mark));
    memset(block->by_mark + block->marks, 0, (mark + 1 - block->marks) * sizeof *block->by_mark);
    block->marks = mark + 1;
  }
  block->by_mark[mark].executions += now.executions - before.executions;
  block->by_mark[mark].misses1 += now.misses1 - before.misses1;
  block->by_mark[mark].misses2 += now.misses2 - before.misses2;
}

static void settle_all(void) {
  for (struct Block* block = blocks; block; block = block->next) settle(block);
}

static void accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
  (void)cpu;
  struct Block* const block = data;
  const uint64_t last = (address + (UINT64_C(1) << qemu_plugin_mem_size_shift(info)) - 1);
  for (uint64_t line = address / kLineBytes; line <= last / kLineBytes; ++line) {
    if (cache_access(&l1, line)) continue;
    ++block->now.misses1;
    if (!cache_access(&l2, line)) ++block->now.misses2;
  }
}

static void set_mark(size_t value) {
  settle_all();
  mark = value;
}

static void marked(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
  (void)cpu, (void)data;
  /* QEMU 7 also calls for loads, and for what Helium stores elsewhere. */
  if (!qemu_plugin_mem_is_store(info)) return;
  if (first_mark == 0) first_mark = address;
  if (address - first_mark < kMarkerBytes) set_mark((size_t)(address - first_mark));
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  struct Block* const block = need(calloc(1, sizeof *block));
  char* text = block->code = need(malloc(9 * count + 1));
  *text = '\0';
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* const insn = qemu_plugin_tb_get_insn(tb, i);
    const uint8_t* const bytes = qemu_plugin_insn_data(insn);
    if (i > 0) *text++ = '.';
    for (size_t b = 0; b < qemu_plugin_insn_size(insn) && b < 4; ++b)
      text += sprintf(text, "%02x", bytes[b]);
    if (caches)
      qemu_plugin_register_vcpu_mem_cb(insn, accessed, kNoRegisters, kReadsAndWrites, block);
  }
  struct qemu_plugin_insn* const first = qemu_plugin_tb_get_insn(tb, 0);
  const char* const symbol = qemu_plugin_insn_symbol(first);
  block->symbol = need(strdup(symbol && *symbol ? symbol : "?"));
  block->address = qemu_plugin_insn_vaddr(first);
  block->next = blocks;
  blocks = block;
  if (marker[0] && strcmp(block->symbol, marker) == 0)
    for (size_t i = 0; i < count; ++i)
      qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), marked, kNoRegisters,
                                       kReadsAndWrites, NULL);
  qemu_plugin_register_vcpu_tb_exec_inline(tb, kAddU64, &block->now.executions, 1);
}

static void called(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2,
                   uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if ((number != kCloseAarch64 && number != kCloseArm) || a1 < kMarkBase ||
      a1 >= kMarkBase + kMarks)
    return;
  set_mark((size_t)(a1 - kMarkBase));
}

static void finished(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  FILE* const file = fopen(out_path, "w");
  if (!file) {
    perror(out_path);
    return;
  }
  settle_all();
  for (const struct Block* b = blocks; b; b = b->next)
    for (size_t m = 1; m < b->marks; ++m)
      if (b->by_mark[m].executions > 0)
        fprintf(file, "%zu %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIx64 " %s %s\n", m,
                b->by_mark[m].executions, b->by_mark[m].misses1, b->by_mark[m].misses2, b->address,
                b->code, b->symbol);
  if (fclose(file) != 0) perror(out_path);
}

/* Reads "BYTES/WAYS". */
static bool parse_cache(const char* text, struct Cache* cache) {
  uint64_t bytes = 0;
  unsigned ways = 0;
  return sscanf(text, "%" SCNu64 "/%u", &bytes, &ways) == 2 && cache_init(cache, bytes, ways);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                               char** argv) {
  (void)info;
  bool sound = true, has1 = false, has2 = false;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "out=", 4) == 0)
      snprintf(out_path, sizeof out_path, "%s", argv[i] + 4);
    else if (strncmp(argv[i], "l1=", 3) == 0)
      sound = (has1 = parse_cache(argv[i] + 3, &l1)) && sound;
    else if (strncmp(argv[i], "l2=", 3) == 0)
      sound = (has2 = parse_cache(argv[i] + 3, &l2)) && sound;
    else if (strncmp(argv[i], "marker=", 7) == 0)
      snprintf(marker, sizeof marker, "%s", argv[i] + 7);
    else
      sound = false;
  }
  if (!sound || !out_path[0] || has1 != has2) {
    fputs(
        "blocks: takes out=FILE, both or none of l1=BYTES/WAYS and l2=BYTES/WAYS, marker=SYMBOL\n",
        stderr);
    return 1;
  }
  caches = has1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  if (!marker[0]) qemu_plugin_register_vcpu_syscall_cb(id, called);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
