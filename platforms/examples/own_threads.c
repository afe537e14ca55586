/* SPDX-License-Identifier: Apache-2.0 */
/* vitro on the caller's own threads: own_threads PICTURE.rgb (vitro_threads.h is a ready pool) */
#include <pthread.h>
#include <stdio.h>
#include <vitro/vitro.h>

#include "cifar10_vit.h" /* vitro emit -m cifar10_vit.vitro --c-array -o cifar10_vit.c */

enum { THREADS = 3 };
static _Alignas(VITRO_ALIGNMENT) unsigned char arena[1 << 18]; /* vitro_arena_bytes() says */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;      /* of all below */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static void (*work)(void* context, size_t i);
static void* work_context;
static size_t next, count, unfinished;

/* As long as there are any. The mutex is held, but not during a task. */
static void take_tasks(void) {
  while (next < count) {
    const size_t i = next++;
    pthread_mutex_unlock(&mutex);
    work(work_context, i);
    pthread_mutex_lock(&mutex);
    if (--unfinished == 0) pthread_cond_broadcast(&changed);
  }
}

static void* worker(void* unused) { /* here a thread may pin itself to a core */
  pthread_mutex_lock(&mutex);
  for (;; pthread_cond_wait(&changed, &mutex)) take_tasks();
  return unused; /* never: it ends with the process */
}

static void parallel_for(void* pool, void (*task)(void* context, size_t i), void* context,
                         size_t n) {
  pthread_mutex_lock(&mutex);
  work = task, work_context = context, next = 0, count = unfinished = n;
  pthread_cond_broadcast(&changed);
  take_tasks(); /* the caller works, too */
  while (unfinished > 0) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  (void)pool;
}

int main(int argc, char** argv) {
  const vitro_config config = {.threads = THREADS, .parallel_for = parallel_for};
  vitro_program program;
  vitro_session* session;
  pthread_t thread;
  for (int i = 1; i < THREADS; ++i)
    if (pthread_create(&thread, NULL, worker, NULL) != 0) return 1;
  if (vitro_open(cifar10_vit_program, CIFAR10_VIT_PROGRAM_BYTES, &program) != VITRO_OK) return 2;
  if (vitro_bind(&program, &config, arena, sizeof arena, &session) != VITRO_OK) return 3;
  if (vitro_self_test(session) != VITRO_OK) return 4; /* the same bits as on one thread */
  FILE* file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  vitro_answer best;
  if (!file || fread(vitro_input(session, NULL), 32 * 32, 3, file) != 3) return 5;
  if (vitro_top(&program, vitro_run(session), &best, 1) != 1) return 6;
  printf("%d threads: %s\n", THREADS, best.label);
}
