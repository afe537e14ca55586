// SPDX-License-Identifier: Apache-2.0
// vitro_threads.h: each share once, whatever the threads; processors, priorities and stacks as they
// were asked for; no work while there is none. tests/platforms/host/thread_pool_test has the pool
// with the tool's settings.
#include "vitro/vitro_threads.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guarded_memory.h"

namespace vitro {

namespace {

struct Pool {
  explicit Pool(const vitro_threads_config& config) : memory(vitro_threads_bytes(config.threads)) {
    memory.fill(0xa5);
    status = vitro_threads_start(&config, memory.data(), memory.size(), &pool);
  }
  ~Pool() {
    vitro_threads_stop(pool);
    EXPECT_TRUE(memory.guards_intact());
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  GuardedMemory memory;
  vitro_threads* pool = nullptr;
  vitro_status status;
};

vitro_threads_config threads(size_t count) {
  vitro_threads_config config{};
  config.threads = count;
  return config;
}

void sleep_ms(long ms) {
  const timespec time{0, ms * 1'000'000};
  nanosleep(&time, nullptr);
}

// Runs a share on every thread: each waits until all have come.
template <class Share>
void on_all(const Pool& pool, size_t count, Share share) {
  struct Context {
    std::atomic<size_t> come{0};
    size_t count;
    Share& share;
  } context{{}, count, share};
  vitro_threads_run(
      pool.pool,
      [](void* argument, size_t i) {
        auto& c = *static_cast<Context*>(argument);
        ++c.come;
        while (c.come < c.count) sched_yield();
        c.share(i);
      },
      &context, count);
}

TEST(PosixThreads, EachShareOnce) {
  for (const unsigned spins : {0u, 200u})
    for (const size_t count : {1, 2, 5}) {
      vitro_threads_config config = threads(count);
      config.worker_spins_us = config.caller_spins_us = spins;
      const Pool pool(config);
      ASSERT_EQ(pool.status, VITRO_OK);
      EXPECT_EQ(vitro_threads_count(pool.pool), count);
      for (size_t call = 0; call < 2000; ++call) {
        const size_t shares = call % 500 == 0 ? VITRO_MAX_THREADS : call % 9;
        std::vector<int> times(VITRO_MAX_THREADS);  // not atomic: a race if a share runs twice
        vitro_threads_run(
            pool.pool, [](void* t, size_t i) { ++(*static_cast<std::vector<int>*>(t))[i]; }, &times,
            shares);
        for (size_t i = 0; i < times.size(); ++i) ASSERT_EQ(times[i], i < shares ? 1 : 0);
      }
    }
}

TEST(PosixThreads, NobodySpinsUnasked) {
  const Pool pool(threads(3));
  ASSERT_EQ(pool.status, VITRO_OK);
  const auto nothing = [](size_t) {};
  on_all(pool, 3, nothing);
  sleep_ms(20);
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  sleep_ms(300);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const double busy = static_cast<double>(after.tv_sec - before.tv_sec) +
                      static_cast<double>(after.tv_nsec - before.tv_nsec) * 1e-9;
  EXPECT_LT(busy, 0.05) << "of 0.3 s without work";
}

TEST(PosixThreads, ThreadsArePinned) {
  cpu_set_t usable;
  ASSERT_EQ(sched_getaffinity(0, sizeof usable, &usable), 0);
  int last = 0;
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &usable)) last = i;
  const int pinned[2] = {last, last};
  vitro_threads_config config = threads(3);
  config.pinned = pinned;
  const Pool pool(config);
  ASSERT_EQ(pool.status, VITRO_OK);
  const pthread_t caller = pthread_self();
  std::atomic<int> workers{0};
  on_all(pool, 3, [&](size_t) {
    if (pthread_equal(pthread_self(), caller)) return;
    cpu_set_t set;
    EXPECT_EQ(pthread_getaffinity_np(pthread_self(), sizeof set, &set), 0);
    EXPECT_EQ(CPU_COUNT(&set), 1);
    EXPECT_TRUE(CPU_ISSET(last, &set));
    ++workers;
  });
  EXPECT_EQ(workers, 2);
}

TEST(PosixThreads, ProcessorsThatAreNotThere) {
  for (const int processor : {-1, CPU_SETSIZE, CPU_SETSIZE - 1, std::numeric_limits<int>::max()}) {
    vitro_threads_config config = threads(2);
    config.pinned = &processor;
    const Pool pool(config);
    EXPECT_EQ(pool.status, VITRO_THREADS_REFUSED) << processor;
    EXPECT_EQ(pool.pool, nullptr);
  }
}

TEST(PosixThreads, PrioritiesAreGivenOrRefused) {
  vitro_threads_config config = threads(2);
  config.priority = 3;
  const Pool pool(config);
  if (pool.status == VITRO_THREADS_REFUSED) return;  // without the right to it
  ASSERT_EQ(pool.status, VITRO_OK);
  const pthread_t caller = pthread_self();
  on_all(pool, 2, [&](size_t) {
    if (pthread_equal(pthread_self(), caller)) return;
    int policy = 0;
    sched_param parameters{};
    EXPECT_EQ(pthread_getschedparam(pthread_self(), &policy, &parameters), 0);
    EXPECT_EQ(policy, SCHED_FIFO);
    EXPECT_EQ(parameters.sched_priority, 3);
  });
}

TEST(PosixThreads, StacksOfTheCaller) {
  constexpr size_t kStack = size_t{512} << 10;  // sanitizers need more than the 64 KiB
  const std::unique_ptr<uint8_t[]> memory(new uint8_t[2 * kStack + VITRO_ALIGNMENT]);
  uint8_t* const stacks =
      memory.get() +
      (VITRO_ALIGNMENT - reinterpret_cast<uintptr_t>(memory.get()) % VITRO_ALIGNMENT);
  vitro_threads_config config = threads(3);
  config.stacks = stacks;
  config.stack_bytes = kStack;
  const Pool pool(config);
  ASSERT_EQ(pool.status, VITRO_OK);
  const pthread_t caller = pthread_self();
  on_all(pool, 3, [&](size_t) {
    if (pthread_equal(pthread_self(), caller)) return;
    pthread_attr_t attributes;
    void* at = nullptr;
    size_t bytes = 0;
    EXPECT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
    EXPECT_EQ(pthread_attr_getstack(&attributes, &at, &bytes), 0);
    pthread_attr_destroy(&attributes);
    EXPECT_GE(static_cast<uint8_t*>(at), stacks);
    EXPECT_LE(static_cast<uint8_t*>(at) + bytes, stacks + 2 * kStack);
  });
}

TEST(PosixThreads, WhatCannotBe) {
  EXPECT_EQ(vitro_threads_bytes(0), 0u);
  EXPECT_GT(vitro_threads_bytes(VITRO_MAX_THREADS), 0u);
  EXPECT_EQ(vitro_threads_bytes(VITRO_MAX_THREADS + 1), 0u);
  EXPECT_EQ(Pool(threads(0)).status, VITRO_BAD_ARGUMENT);
  EXPECT_EQ(Pool(threads(VITRO_MAX_THREADS + 1)).status, VITRO_BAD_ARGUMENT);
  vitro_threads_config config = threads(2);
  for (const int priority : {-1, 100}) {
    config.priority = priority;
    EXPECT_EQ(Pool(config).status, VITRO_BAD_ARGUMENT);
  }
  config = threads(2);
  config.stack_bytes = 1;
  EXPECT_EQ(Pool(config).status, VITRO_THREADS_REFUSED);
  alignas(VITRO_ALIGNMENT) uint8_t stacks[256];
  config.stacks = stacks;
  EXPECT_EQ(Pool(config).status, VITRO_BAD_ARGUMENT) << "a stack of one byte";
  config.stack_bytes = 64;
  config.stacks = stacks + 8;
  EXPECT_EQ(Pool(config).status, VITRO_BAD_ARGUMENT) << "misaligned";

  config = threads(2);
  GuardedMemory memory(vitro_threads_bytes(2) + VITRO_ALIGNMENT);
  vitro_threads* pool = nullptr;
  const size_t bytes = vitro_threads_bytes(2);
  EXPECT_EQ(vitro_threads_start(&config, memory.data(), bytes - 1, &pool),
            VITRO_WORKSPACE_TOO_SMALL);
  EXPECT_EQ(vitro_threads_start(&config, memory.data() + 8, bytes, &pool),
            VITRO_WORKSPACE_MISALIGNED);
  EXPECT_EQ(vitro_threads_start(nullptr, memory.data(), bytes, &pool), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_threads_start(&config, nullptr, bytes, &pool), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_threads_start(&config, memory.data(), bytes, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(pool, nullptr);
  vitro_threads_stop(nullptr);
  EXPECT_STRNE(vitro_status_text(VITRO_THREADS_REFUSED), "unknown status");
}

}  // namespace

}  // namespace vitro
