// SPDX-License-Identifier: Apache-2.0
// The thread pool: it runs each share once, with any number of threads, and loses nothing between
// one call and the next.
#include "platforms/host/thread_pool.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace vitro {

using namespace host;

namespace {

struct Counts {
  std::vector<int> times = std::vector<int>(ThreadPool::kMaxThreads);

  static void count(void* context, size_t share) {
    ++static_cast<Counts*>(context)->times[share];
  }  // not atomic: a data race if a share runs twice
};

TEST(ThreadPool, EachShareOnce) {
  for (const size_t threads : {1, 2, 3, 9}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int call = 0; call < 5000; ++call) {
      const size_t shares =
          call % 500 == 0 ? ThreadPool::kMaxThreads : static_cast<size_t>(call % 11);
      Counts counts;
      if (call % 500 == 1)
        std::this_thread::sleep_for(
            std::chrono::milliseconds(1));  // so that the workers fall asleep
      pool.run(Counts::count, &counts, shares);
      for (size_t i = 0; i < counts.times.size(); ++i)
        ASSERT_EQ(counts.times[i], i < shares ? 1 : 0) << i << " of " << shares;
    }
  }
}

TEST(ThreadPool, WorkersWork) {
  if (std::thread::hardware_concurrency() < 2)
    GTEST_SKIP() << "one processor: the caller does everything";
  ThreadPool pool(2);
  struct Ids {
    std::thread::id of[2];
  } ids;
  pool.run(
      [](void* context, size_t share) {
        std::this_thread::sleep_for(
            std::chrono::milliseconds(200));  // long enough for the other thread to arrive
        static_cast<Ids*>(context)->of[share] = std::this_thread::get_id();
      },
      &ids, 2);
  EXPECT_NE(ids.of[0], ids.of[1]);
}

// One share takes long, so the caller has to sleep and be woken.
TEST(ThreadPool, TheCallerWaitsForTheLastShare) {
  ThreadPool pool(3);
  for (int call = 0; call < 20; ++call) {
    Counts counts;
    pool.run(
        [](void* context, size_t share) {
          std::this_thread::sleep_for(std::chrono::milliseconds(share));
          Counts::count(context, share);
        },
        &counts, 4);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(counts.times[i], 1);
  }
}

TEST(ThreadPool, MayBeLeftUnused) {
  for (int i = 0; i < 200; ++i) ThreadPool pool(4);
}

}  // namespace
}  // namespace vitro
