// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/thread_pool.h"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <chrono>

#include "platforms/host/processors.h"

namespace vitro::host {

namespace {

constexpr size_t kStackBytes =
    size_t{1} << 20;  // the runtime needs 8 KiB; XNNPACK's linears and sanitizers more

using Clock = std::chrono::steady_clock;

// A step that one thread does alone takes 0.1 ms; who sleeps has to be woken, which takes some 0.05
// ms. Between pictures threads sleep.
constexpr std::chrono::microseconds kWorkerWaits{300}, kCallerWaits{50};
// Where others want the processor, who waits longer than this stands in the way of who works.
constexpr std::chrono::microseconds kAttentive{50};
// Where others want its processor, the system stops a thread at its next tick (1 to 10 ms), and all
// wait if that is in the middle of a share. So a worker offers its processor before it takes one:
// then the others go on without it. More often would leave it less than its part of the processor.
constexpr std::chrono::microseconds kWorkerKeeps{1000};

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__ARM_ARCH_7A__)
  __asm__ __volatile__("yield" ::: "memory");
#endif
}

// Until done() or until `longest` has passed, after a while letting others go first.
template <class Done>
bool spin(const Done& done, std::chrono::microseconds longest) {
  const Clock::time_point start = Clock::now();
  for (Clock::duration waited{}; waited < longest; waited = Clock::now() - start) {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause();
    }
    if (waited > kAttentive) sched_yield();
  }
  return done();
}

}  // namespace

ThreadPool::ThreadPool(size_t threads) : processors_(usable_processors()) {
  workers_.reserve(threads - 1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all, before;  // signals are the caller's
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (pthread_t thread;
       workers_.size() + 1 < threads && pthread_create(&thread, &attributes, work, this) == 0;)
    workers_.push_back(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  shares_come_.notify_all();
  for (const pthread_t worker : workers_) pthread_join(worker, nullptr);
}

bool ThreadPool::shares_left() const {
  const uint32_t shares = shares_;
  return (shares & 0xFFFF) < shares >> 16;
}

// False if there was none. Task and context are read after a share was taken: they stay until it is
// finished.
bool ThreadPool::work_on_a_share() {
  uint32_t shares = shares_.load(std::memory_order_acquire);
  do {
    if ((shares & 0xFFFF) >= shares >> 16) return false;
  } while (!shares_.compare_exchange_weak(shares, shares + 1, std::memory_order_acquire));
  task_(context_, shares & 0xFFFF);
  if (--unfinished_ == 0 && caller_sleeps_) {
    const std::lock_guard lock(mutex_);
    all_finished_.notify_one();
  }
  return true;
}

void* ThreadPool::work(void* pool) {
  ThreadPool& self = *static_cast<ThreadPool*>(pool);
  ++self.awake_;
  Clock::time_point offered = Clock::now();
  do {
    while (self.work_on_a_share()) {
      if (Clock::now() - offered < kWorkerKeeps) continue;
      sched_yield();
      offered = Clock::now();
    }
  } while (self.wait_for_shares());
  return nullptr;
}

// False if there will be no more.
bool ThreadPool::wait_for_shares() {
  const auto come = [&] { return shares_left() || stopping_; };
  if (awake_ >= processors_ || !spin(come, kWorkerWaits)) {
    --awake_;  // before the last look at the shares: the caller looks at it after it has brought
               // some
    std::unique_lock lock(mutex_);
    shares_come_.wait(lock, come);
    ++awake_;
  }
  return !stopping_;
}

// No more than there are shares and processors for: the caller takes one of each.
void ThreadPool::wake_workers(size_t count) {
  const size_t wanted = std::min({count, processors_, threads()}) - 1, awake = awake_;
  if (awake >= wanted) return;
  const std::lock_guard lock(mutex_);
  for (size_t i = awake; i < wanted; ++i) shares_come_.notify_one();
}

void ThreadPool::run(void (*task)(void*, size_t), void* context, size_t count) {
  if (count == 0) return;
  task_ = task;
  context_ = context;
  unfinished_ = static_cast<uint32_t>(count);
  shares_ = static_cast<uint32_t>(count) << 16;
  wake_workers(count);
  while (work_on_a_share()) {
  }
  const auto finished = [&] { return unfinished_ == 0; };
  if (spin(finished, kCallerWaits)) return;
  std::unique_lock lock(mutex_);
  caller_sleeps_ = true;
  all_finished_.wait(lock, finished);
  caller_sleeps_ = false;
}

}  // namespace vitro::host
