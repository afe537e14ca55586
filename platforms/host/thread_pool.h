// SPDX-License-Identifier: Apache-2.0
// The threads of an inference: vitro_threads.h's, as many as this process may keep busy.
#pragma once

#include <cstddef>

#include "converter/base/aligned_bytes.h"
#include "vitro/vitro_threads.h"

namespace vitro::host {

/// The caller works, too, and waits only for threads that have taken a share: a thread that is
/// late, or that the system refused, only makes it slower.
class ThreadPool {
 public:
  static constexpr size_t kMaxThreads = VITRO_MAX_THREADS;

  /// Starts `threads` - 1 of them, or as many as the system allows. threads <= kMaxThreads.
  explicit ThreadPool(size_t threads);
  ~ThreadPool() { vitro_threads_stop(pool_); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// How many there are, the caller among them.
  size_t threads() const { return vitro_threads_count(pool_); }

  /// Calls task(context, i) once for each i < count, on any thread, and returns when all have
  /// returned. count <= kMaxThreads. Takes no memory. One call at a time.
  void run(void (*task)(void*, size_t), void* context, size_t count) {
    vitro_threads_run(pool_, task, context, count);
  }

  /// vitro_config::parallel_for, with a ThreadPool as `pool`.
  static void parallel_for(void* pool, void (*task)(void*, size_t), void* context, size_t count) {
    static_cast<ThreadPool*>(pool)->run(task, context, count);
  }

 private:
  AlignedBytes memory_;
  vitro_threads* pool_ = nullptr;
};

}  // namespace vitro::host
