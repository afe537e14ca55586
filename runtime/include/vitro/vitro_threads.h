/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of POSIX threads for vitro_config.parallel_for, for those who have none of their own.
 * Allocates nothing: its memory is the caller's, the stacks the system's or the caller's. */
#ifndef VITRO_VITRO_THREADS_H_
#define VITRO_VITRO_THREADS_H_

#include "vitro/vitro.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero-initialise it and set what differs. */
typedef struct vitro_threads_config {
  size_t threads;    /**< 1 to VITRO_MAX_THREADS, the caller of vitro_run() among them */
  size_t processors; /**< that the threads may keep busy at once; 0: as many as there are threads */
  const int* pinned; /**< the processor of each thread after the caller's, threads - 1 of them;
                        null: none is pinned (Linux alone pins) */
  int priority;      /**< 0: the caller's; 1 to 99: of SCHED_FIFO, in real time */
  unsigned worker_spins_us; /**< microseconds that a thread looks for work before it sleeps; 0: it
                               sleeps at once */
  unsigned caller_spins_us; /**< likewise the caller, while others finish */
  size_t stack_bytes; /**< of each thread; 0: 64 KiB, or what the system demands (on AArch64 128
                         KiB) */
  void* stacks; /**< threads - 1 stacks, one after the other, at a multiple of VITRO_ALIGNMENT;
                   null: the system's */
} vitro_threads_config;

typedef struct vitro_threads vitro_threads;

/** The bytes of a pool of so many threads. 0 for none, and for more than VITRO_MAX_THREADS. */
size_t vitro_threads_bytes(size_t threads);

/** Starts the threads. `memory`: vitro_threads_bytes() at a multiple of VITRO_ALIGNMENT, until
 * vitro_threads_stop(). Where the system has no more threads, it goes on with those it got. Signals
 * are not delivered to them. VITRO_BAD_ARGUMENT; VITRO_WORKSPACE_MISALIGNED,
 * VITRO_WORKSPACE_TOO_SMALL; VITRO_THREADS_REFUSED where the priority or a processor is not to be
 * had: then none runs, and *pool is null. */
vitro_status vitro_threads_start(const vitro_threads_config* config, void* memory, size_t bytes,
                                 vitro_threads** pool);

/** How many there are, the caller among them: at most as many as were asked for. */
size_t vitro_threads_count(const vitro_threads* pool);

/** vitro_config.parallel_for, with the pool as vitro_config.pool. One call at a time. The caller
 * works, too, and waits only for threads that have taken a share: one that is late only makes it
 * slower. */
void vitro_threads_run(void* pool, void (*task)(void* context, size_t i), void* context,
                       size_t count);

/** Ends the threads and waits for them. Not during a run. Null is allowed. */
void vitro_threads_stop(vitro_threads* pool);

#ifdef __cplusplus
}
#endif

#endif /* VITRO_VITRO_THREADS_H_ */
