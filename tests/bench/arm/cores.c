/* SPDX-License-Identifier: Apache-2.0 */
/* A QEMU plugin that counts the guest instructions of each core, as if all cores were equally fast:
 * a core that is ahead of the others waits for them, and also until those without work have looked
 * for some. So the counts say how work is shared, whatever else the host does.
 *
 *   cc -O2 -fPIC -shared cores.c -o libcores.so
 *   qemu-system-aarch64 -plugin ./libcores.so,out=FILE,idle=0xFIRST-0xEND,... IMAGE
 *
 * idle=: code in which a core waits or prints, which is not counted. A core that waits has to run
 * through such code again and again, as WFE does under QEMU. Each line of FILE: core, instructions.
 * timed=0xADDRESS: only what lies between the last two calls of the function at ADDRESS is counted.
 * In its first call the first core waits until N cores have begun (cores=N): how late QEMU lets the
 * others start is of the host, not of the work.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

enum { kCores = 8, kRanges = 64, kAhead = 5000 };
static struct { uint64_t first, end; } idle[kRanges];
static int idle_ranges;
static unsigned cores_wanted;
static uint64_t timed_address;
static char out_path[1024];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static struct Core {
  uint64_t count, timed, clock; /* timed: of count, between the last two calls */
  bool seen;
} cores[kCores];
static unsigned timed_calls;

static uint64_t slowest(void) {
  uint64_t least = UINT64_MAX;
  for (unsigned i = 0; i < kCores; ++i)
    if (cores[i].seen && cores[i].clock < least) least = cores[i].clock;
  return least;
}

static uint64_t fastest(void) {
  uint64_t most = 0;
  for (unsigned i = 0; i < kCores; ++i)
    if (cores[i].clock > most) most = cores[i].clock;
  return most;
}

/* Until a core has moved on, but not for long: QEMU may hold the others until this one gives way.
 */
static bool wait_for_move(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, ++until.tv_sec;
  return pthread_cond_timedwait(&moved, &mutex, &until) == 0;
}

static bool all_begun(void) {
  unsigned begun = 0;
  for (unsigned i = 0; i < kCores; ++i) begun += cores[i].seen;
  return begun >= cores_wanted;
}

/* The wait is longer than any host needs; a core that never begins shows in the counts. */
static void timed(unsigned cpu, void* data) {
  enum { kWaits = 3000 };
  (void)cpu;
  (void)data;
  pthread_mutex_lock(&mutex);
  for (int i = 0; timed_calls == 0 && !all_begun() && i < kWaits; ++i) wait_for_move();
  ++timed_calls;
  for (unsigned i = 0; i < kCores; ++i) cores[i].timed = cores[i].count, cores[i].count = 0;
  pthread_mutex_unlock(&mutex);
}

static void executed(unsigned cpu, void* data) {
  const uintptr_t instructions = (uintptr_t)data; /* 0: idle */
  if (cpu >= kCores) return;
  struct Core* const core = &cores[cpu];
  pthread_mutex_lock(&mutex);
  const uint64_t before = core->clock;
  if (!core->seen) pthread_cond_broadcast(&moved);
  core->seen = true;
  core->count += instructions;
  core->clock = instructions ? before + instructions : fastest();
  if (core->clock / kAhead != before / kAhead) pthread_cond_broadcast(&moved);
  /* The first core prints when it is idle. */
  if (cpu > 0 && core->clock == before) wait_for_move();
  while (core->clock > slowest() + kAhead && wait_for_move()) {
  }
  pthread_mutex_unlock(&mutex);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const uint64_t address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));
  uintptr_t instructions = qemu_plugin_tb_n_insns(block);
  if (address == timed_address)
    qemu_plugin_register_vcpu_tb_exec_cb(block, timed, kNoRegisters, NULL);
  for (int i = 0; i < idle_ranges; ++i)
    if (address >= idle[i].first && address < idle[i].end) instructions = 0;
  qemu_plugin_register_vcpu_tb_exec_cb(block, executed, kNoRegisters, (void*)instructions);
}

static void finished(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  FILE* file = out_path[0] ? fopen(out_path, "w") : stderr;
  if (!file) return;
  for (unsigned i = 0; i < kCores; ++i)
    if (cores[i].seen) {
      const uint64_t count = timed_calls ? cores[i].timed : cores[i].count;
      fprintf(file, "%u %llu\n", i, (unsigned long long)count);
    }
  if (file != stderr) fclose(file);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                               char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "out=", 4) == 0) snprintf(out_path, sizeof out_path, "%s", argv[i] + 4);
    if (strncmp(argv[i], "cores=", 6) == 0) cores_wanted = strtoul(argv[i] + 6, NULL, 10);
    if (strncmp(argv[i], "timed=", 6) == 0) timed_address = strtoull(argv[i] + 6, NULL, 16);
    if (strncmp(argv[i], "idle=", 5) == 0) {
      char* end = NULL;
      if (idle_ranges == kRanges) return 1;
      idle[idle_ranges].first = strtoull(argv[i] + 5, &end, 16);
      if (*end != '-') return 1;
      idle[idle_ranges++].end = strtoull(end + 1, NULL, 16);
    }
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
