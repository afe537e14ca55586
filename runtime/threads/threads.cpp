// SPDX-License-Identifier: Apache-2.0
// vitro_threads.h: a few threads that wait for shares of a step. Empty where there are no POSIX
// threads.
#if defined(__unix__) || defined(__APPLE__)
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // pthread_attr_setaffinity_np
#endif
#include "vitro/vitro_threads.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

namespace {

constexpr size_t kStackBytes = size_t{64} << 10;  // the runtime needs 8 KiB
// Where others want the processor, who waits longer than this stands in the way of who works.
constexpr int64_t kAttentive = 50'000;  // nanoseconds
// Where others want its processor, the system stops a thread at its next tick (1 to 10 ms), and all
// wait if that is in the middle of a share. So a worker offers its processor before it takes one:
// then the others go on without it. More often would leave it less than its part of the processor.
constexpr int64_t kWorkerKeeps = 1'000'000;

int64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void pause_processor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__ARM_ARCH_7A__)
  __asm__ __volatile__("yield" ::: "memory");
#endif
}

// Until done() or until `longest` nanoseconds have passed, after a while letting others go first.
template <class Done>
bool spin(const Done& done, int64_t longest) {
  const int64_t start = now();
  for (int64_t waited = 0; waited < longest; waited = now() - start) {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause_processor();
    }
    if (waited > kAttentive) sched_yield();
  }
  return done();
}

template <class T>
T load(const T& value) {
  return __atomic_load_n(&value, __ATOMIC_SEQ_CST);
}
template <class T>
void store(T& to, T value) {
  __atomic_store_n(&to, value, __ATOMIC_SEQ_CST);
}
uint32_t add(uint32_t& to, uint32_t value) {
  return __atomic_add_fetch(&to, value, __ATOMIC_SEQ_CST);
}

}  // namespace

struct vitro_threads {
  size_t workers;  // threads that run, without the caller
  size_t processors;
  int64_t worker_spins, caller_spins;  // nanoseconds

  void (*task)(void*, size_t);
  void* context;
  alignas(64) uint32_t shares;  // how many, in the upper half; the next to be taken, in the lower
  alignas(64) uint32_t unfinished;  // shares
  alignas(64) uint32_t awake;       // workers
  bool caller_sleeps, stopping;
  pthread_mutex_t mutex;  // of sleeping alone
  pthread_cond_t shares_come, all_finished;

  pthread_t* threads() { return reinterpret_cast<pthread_t*>(this + 1); }
  bool shares_left() const {
    const uint32_t s = load(shares);
    return (s & 0xFFFF) < s >> 16;
  }
};

namespace {

// False if there was none. Task and context are read after a share was taken: they stay until it is
// finished.
bool work_on_a_share(vitro_threads& pool) {
  uint32_t shares = load(pool.shares);
  do {
    if ((shares & 0xFFFF) >= shares >> 16) return false;
  } while (!__atomic_compare_exchange_n(&pool.shares, &shares, shares + 1, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST));
  pool.task(pool.context, shares & 0xFFFF);
  if (add(pool.unfinished, ~uint32_t{0}) == 0 && load(pool.caller_sleeps)) {
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_signal(&pool.all_finished);
    pthread_mutex_unlock(&pool.mutex);
  }
  return true;
}

// False if there will be no more.
bool wait_for_shares(vitro_threads& pool) {
  const auto come = [&] { return pool.shares_left() || load(pool.stopping); };
  if (load(pool.awake) >= pool.processors || !spin(come, pool.worker_spins)) {
    // Before the last look at the shares: the caller looks at it after it has brought some.
    add(pool.awake, ~uint32_t{0});
    pthread_mutex_lock(&pool.mutex);
    while (!come()) pthread_cond_wait(&pool.shares_come, &pool.mutex);
    pthread_mutex_unlock(&pool.mutex);
    add(pool.awake, 1);
  }
  return !load(pool.stopping);
}

void* work(void* argument) {
  vitro_threads& pool = *static_cast<vitro_threads*>(argument);
  add(pool.awake, 1);
  int64_t offered = now();
  do {
    while (work_on_a_share(pool)) {
      if (now() - offered < kWorkerKeeps) continue;
      sched_yield();
      offered = now();
    }
  } while (wait_for_shares(pool));
  return nullptr;
}

// No more than there are shares and processors for: the caller takes one of each.
void wake_workers(vitro_threads& pool, size_t count) {
  size_t wanted = count < pool.processors ? count : pool.processors;
  if (wanted > pool.workers + 1) wanted = pool.workers + 1;
  const size_t awake = load(pool.awake);
  if (awake + 1 >= wanted) return;
  pthread_mutex_lock(&pool.mutex);
  for (size_t i = awake + 1; i < wanted; ++i) pthread_cond_signal(&pool.shares_come);
  pthread_mutex_unlock(&pool.mutex);
}

bool sound(const vitro_threads_config& c) {
  const bool stacks = !c.stacks || (reinterpret_cast<uintptr_t>(c.stacks) % VITRO_ALIGNMENT == 0 &&
                                    c.stack_bytes % VITRO_ALIGNMENT == 0);
  return c.threads >= 1 && c.threads <= VITRO_MAX_THREADS && c.priority >= 0 && c.priority <= 99 &&
         stacks;
}

// Where worker i runs, and how. False where the system does not take it.
bool set_attributes(const vitro_threads_config& c, size_t i, pthread_attr_t& attributes) {
  const size_t least = static_cast<size_t>(PTHREAD_STACK_MIN);  // 128 KiB on AArch64
  const size_t smallest = kStackBytes < least ? least : kStackBytes;
  const size_t stack = c.stack_bytes ? c.stack_bytes : smallest;
  uint8_t* const stacks = static_cast<uint8_t*>(c.stacks);
  if ((stacks ? pthread_attr_setstack(&attributes, stacks + i * stack, stack)
              : pthread_attr_setstacksize(&attributes, stack)) != 0)
    return false;
  if (c.pinned) {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (c.pinned[i] < 0 || c.pinned[i] >= CPU_SETSIZE) return false;
    CPU_SET(c.pinned[i], &set);
    if (pthread_attr_setaffinity_np(&attributes, sizeof set, &set) != 0) return false;
#else
    return false;
#endif
  }
  if (c.priority == 0) return true;
  sched_param parameters = {};
  parameters.sched_priority = c.priority;
  return pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED) == 0 &&
         pthread_attr_setschedpolicy(&attributes, SCHED_FIFO) == 0 &&
         pthread_attr_setschedparam(&attributes, &parameters) == 0;
}

// Whether all that were to be had are as they were asked for.
bool start_workers(const vitro_threads_config& c, vitro_threads& pool) {
  for (bool more = true; more && pool.workers + 1 < c.threads;) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    const bool set = set_attributes(c, pool.workers, attributes);
    more = set && pthread_create(pool.threads() + pool.workers, &attributes, work, &pool) == 0;
    pthread_attr_destroy(&attributes);
    if (!set) return false;
    if (more) ++pool.workers;
    // A processor or a priority that is not to be had; without these, there are no more threads.
    else if (c.pinned || c.priority != 0)
      return false;
  }
  return true;
}

}  // namespace

extern "C" size_t vitro_threads_bytes(size_t threads) {
  if (threads == 0 || threads > VITRO_MAX_THREADS) return 0;
  return sizeof(vitro_threads) + (threads - 1) * sizeof(pthread_t);
}

extern "C" vitro_status vitro_threads_start(const vitro_threads_config* config, void* memory,
                                            size_t bytes, vitro_threads** pool) {
  if (pool) *pool = nullptr;
  if (!config || !memory || !pool || !sound(*config)) return VITRO_BAD_ARGUMENT;
  if (reinterpret_cast<uintptr_t>(memory) % VITRO_ALIGNMENT != 0) return VITRO_WORKSPACE_MISALIGNED;
  if (bytes < vitro_threads_bytes(config->threads)) return VITRO_WORKSPACE_TOO_SMALL;
  vitro_threads* const p = static_cast<vitro_threads*>(memory);
  *p = {};
  p->processors = config->processors ? config->processors : config->threads;
  p->worker_spins = int64_t{config->worker_spins_us} * 1000;
  p->caller_spins = int64_t{config->caller_spins_us} * 1000;
  pthread_mutex_init(&p->mutex, nullptr);
  pthread_cond_init(&p->shares_come, nullptr);
  pthread_cond_init(&p->all_finished, nullptr);
  sigset_t all, before;  // signals are the caller's
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = start_workers(*config, *p);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) {
    vitro_threads_stop(p);
    return VITRO_THREADS_REFUSED;
  }
  *pool = p;
  return VITRO_OK;
}

extern "C" size_t vitro_threads_count(const vitro_threads* pool) { return pool->workers + 1; }

extern "C" void vitro_threads_run(void* argument, void (*task)(void* context, size_t i),
                                  void* context, size_t count) {
  vitro_threads& pool = *static_cast<vitro_threads*>(argument);
  if (count == 0) return;
  pool.task = task;
  pool.context = context;
  store(pool.unfinished, static_cast<uint32_t>(count));
  store(pool.shares, static_cast<uint32_t>(count) << 16);
  wake_workers(pool, count);
  while (work_on_a_share(pool)) {
  }
  const auto finished = [&] { return load(pool.unfinished) == 0; };
  if (spin(finished, pool.caller_spins)) return;
  pthread_mutex_lock(&pool.mutex);
  store(pool.caller_sleeps, true);
  while (!finished()) pthread_cond_wait(&pool.all_finished, &pool.mutex);
  store(pool.caller_sleeps, false);
  pthread_mutex_unlock(&pool.mutex);
}

extern "C" void vitro_threads_stop(vitro_threads* pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->mutex);
  store(pool->stopping, true);
  pthread_mutex_unlock(&pool->mutex);
  pthread_cond_broadcast(&pool->shares_come);
  for (size_t i = 0; i < pool->workers; ++i) pthread_join(pool->threads()[i], nullptr);
  pthread_cond_destroy(&pool->all_finished);
  pthread_cond_destroy(&pool->shares_come);
  pthread_mutex_destroy(&pool->mutex);
}

#endif
