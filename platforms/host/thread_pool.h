// SPDX-License-Identifier: Apache-2.0
// The threads of an inference: a few that wait for shares of its steps.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace vitro::host {

/// The caller works, too, and waits only for threads that have taken a share: a thread that is
/// late, or that the system refused, only makes it slower.
class ThreadPool {
 public:
  static constexpr size_t kMaxThreads = 1024;

  /// Starts `threads` - 1 of them, or as many as the system allows. threads <= kMaxThreads.
  explicit ThreadPool(size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// How many there are, the caller among them.
  size_t threads() const { return workers_.size() + 1; }

  /// Calls task(context, i) once for each i < count, on any thread, and returns when all have
  /// returned. count <= kMaxThreads. Takes no memory. One call at a time.
  void run(void (*task)(void*, size_t), void* context, size_t count);

  /// vitro_config::parallel_for, with a ThreadPool as `pool`.
  static void parallel_for(void* pool, void (*task)(void*, size_t), void* context, size_t count) {
    static_cast<ThreadPool*>(pool)->run(task, context, count);
  }

 private:
  static void* work(void* pool);
  bool work_on_a_share();
  bool shares_left() const;
  bool wait_for_shares();
  void wake_workers(size_t count);

  std::vector<pthread_t> workers_;
  size_t processors_;

  void (*task_)(void*, size_t) = nullptr;
  void* context_ = nullptr;
  alignas(64) std::atomic<uint32_t> shares_{
      0};  // how many, in the upper half; the next to be taken, in the lower
  alignas(64) std::atomic<uint32_t> unfinished_{0};  // shares
  alignas(64) std::atomic<uint32_t> awake_{0};       // workers
  std::atomic<bool> caller_sleeps_{false}, stopping_{false};
  std::mutex mutex_;  // of sleeping alone
  std::condition_variable shares_come_, all_finished_;
};

}  // namespace vitro::host
