// SPDX-License-Identifier: Apache-2.0
// Shares work among threads on a desktop. Results do not depend on the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace vitro {

/// Whether the system ever refused parallel_for some of the threads that it asked for.
inline std::atomic<bool> threads_were_refused{false};

/// Calls task(i) for each i < count, on up to `threads` threads including the caller's, or on fewer
/// if the system refuses to start them. Rethrows the first exception after all have stopped.
template <class Task>
void parallel_for(size_t count, size_t threads, const Task& task) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (size_t i; (i = next++) < count;) task(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> pool;
  try {
    for (size_t t = 1; t < threads && t < count; ++t) pool.emplace_back(work);
  } catch (...) {
    threads_were_refused = true;  // the others do the work
  }
  work();
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace vitro
