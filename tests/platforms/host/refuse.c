/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before the tool (LD_PRELOAD), refuses what a system short of it refuses. REFUSE_THREAD=N:
   the N-th pthread_create of the process fails; REFUSE_MEMORY=N: its N-th malloc, calloc or
   realloc. REFUSE_MORE: all after it as well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* glibc's own, which need no dlsym: dlsym takes memory. */
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);

static unsigned long thread_limit, memory_limit;
static int more;
static _Atomic unsigned long threads, allocations;

__attribute__((constructor)) static void read_limits(void) {
  const char* thread = getenv("REFUSE_THREAD");
  const char* memory = getenv("REFUSE_MEMORY");
  more = getenv("REFUSE_MORE") != NULL;
  thread_limit = thread ? strtoul(thread, NULL, 10) : 0;
  memory_limit = memory ? strtoul(memory, NULL, 10) : 0;
}

static int refused(_Atomic unsigned long* count, unsigned long limit) {
  if (limit == 0) return 0;
  const unsigned long number = ++*count;
  return number == limit || (more && number > limit);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  typedef int Create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  if (refused(&threads, thread_limit)) return EAGAIN;
  return ((Create*)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, start, argument);
}

static void* out_of_memory(void) {
  errno = ENOMEM;
  return NULL;
}

void* malloc(size_t size) {
  return refused(&allocations, memory_limit) ? out_of_memory() : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  return refused(&allocations, memory_limit) ? out_of_memory() : __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  return refused(&allocations, memory_limit) ? out_of_memory() : __libc_realloc(memory, size);
}
