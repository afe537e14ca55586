/* SPDX-License-Identifier: Apache-2.0 */
/* A QEMU plugin (API version 1, QEMU 6 to 8) that counts the guest instructions that are executed:
 * all of them, and those of each guest symbol.
 *
 *   cc -O2 -fPIC -shared count.c -o libcount.so
 *   qemu-aarch64 -plugin ./libcount.so,out=counts.txt PROGRAM
 *
 * It assumes a single virtual CPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

struct Symbol {
  char name[240];
  uint64_t count;
};

enum { kMaxSymbols = 8192 };
static struct Symbol symbols[kMaxSymbols];
static int symbol_count;
static uint64_t total;
static char out_path[1024];

static struct Symbol* find(const char* name) {
  for (int i = 0; i < symbol_count; ++i)
    if (strncmp(symbols[i].name, name, sizeof symbols[i].name - 1) == 0) return &symbols[i];
  if (symbol_count == kMaxSymbols) return &symbols[kMaxSymbols - 1];
  strncpy(symbols[symbol_count].name, name, sizeof symbols[0].name - 1);
  return &symbols[symbol_count++];
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(block, i);
    const char* name = qemu_plugin_insn_symbol(insn);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kAddU64, &total, 1);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kAddU64,
                                               &find(name && *name ? name : "?")->count, 1);
  }
}

static int more(const void* a, const void* b) {
  const uint64_t x = ((const struct Symbol*)a)->count, y = ((const struct Symbol*)b)->count;
  return x < y ? 1 : x > y ? -1 : 0;
}

static void finished(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  FILE* file = out_path[0] ? fopen(out_path, "w") : stderr;
  if (!file) return;
  fprintf(file, "%llu total\n", (unsigned long long)total);
  qsort(symbols, (size_t)symbol_count, sizeof symbols[0], more);
  for (int i = 0; i < symbol_count && symbols[i].count > 0; ++i)
    fprintf(file, "%llu %s\n", (unsigned long long)symbols[i].count, symbols[i].name);
  if (file != stderr) fclose(file);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                               char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i)
    if (strncmp(argv[i], "out=", 4) == 0) snprintf(out_path, sizeof out_path, "%s", argv[i] + 4);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
