/* SPDX-License-Identifier: Apache-2.0 */
/* vitro on the caller's own threads, a pool of POSIX threads here: own_threads PICTURE.rgb */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <vitro/vitro.h>

#include "cifar10_vit.h" /* vitro emit -m cifar10_vit.vitro --c-array -o cifar10_vit.c */

enum { THREADS = 3, CLASSES = CIFAR10_VIT_CLASS_COUNT };
static _Alignas(VITRO_ALIGNMENT) unsigned char arena[1 << 18]; /* vitro_arena_bytes() says */

typedef struct {
  pthread_mutex_t mutex; /* of all below */
  pthread_cond_t work_comes, all_done;
  void (*task)(void* context, size_t i);
  void* context;
  size_t next, count, unfinished;
} pool;

/* As long as there are any. The mutex is held, but not during a task. */
static void take_tasks(pool* p) {
  while (p->next < p->count) {
    const size_t i = p->next++;
    pthread_mutex_unlock(&p->mutex);
    p->task(p->context, i);
    pthread_mutex_lock(&p->mutex);
    if (--p->unfinished == 0) pthread_cond_signal(&p->all_done);
  }
}

static void* worker(void* argument) {
  pool* p = argument; /* here a thread may pin itself to a core or choose its priority */
  pthread_mutex_lock(&p->mutex);
  for (;; pthread_cond_wait(&p->work_comes, &p->mutex)) take_tasks(p);
  return NULL; /* never: it ends with the process */
}

static void parallel_for(void* argument, void (*task)(void* context, size_t i), void* context,
                         size_t count) {
  pool* p = argument;
  pthread_mutex_lock(&p->mutex);
  p->task = task;
  p->context = context;
  p->next = 0;
  p->count = p->unfinished = count;
  pthread_cond_broadcast(&p->work_comes);
  take_tasks(p); /* the caller works, too */
  while (p->unfinished > 0) pthread_cond_wait(&p->all_done, &p->mutex);
  pthread_mutex_unlock(&p->mutex);
}

static int run(const vitro_program* program, const vitro_config* config, FILE* file,
               float* logits) {
  vitro_session* session;
  if (vitro_bind(program, config, arena, sizeof arena, &session) != VITRO_OK) return 0;
  size_t bytes;
  uint8_t* pixels = vitro_input(session, &bytes);
  if (fseek(file, 0, SEEK_SET) != 0 || fread(pixels, 1, bytes, file) != bytes) return 0;
  memcpy(logits, vitro_run(session), CLASSES * sizeof *logits);
  return 1;
}

int main(int argc, char** argv) {
  static pool p = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                   .work_comes = PTHREAD_COND_INITIALIZER,
                   .all_done = PTHREAD_COND_INITIALIZER};
  const vitro_config config = {.threads = THREADS, .parallel_for = parallel_for, .pool = &p};
  vitro_program program;
  pthread_t thread;
  for (int i = 1; i < THREADS; ++i)
    if (pthread_create(&thread, NULL, worker, &p) != 0) return 1;
  FILE* file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  float one[CLASSES], all[CLASSES];
  if (vitro_open(cifar10_vit_program, CIFAR10_VIT_PROGRAM_BYTES, &program) != VITRO_OK) return 2;
  if (!file || !run(&program, NULL, file, one) || !run(&program, &config, file, all)) return 3;
  if (memcmp(one, all, sizeof one) != 0) return 4;
  printf("%d threads: the same logits as one\n", THREADS);
  return 0;
}
