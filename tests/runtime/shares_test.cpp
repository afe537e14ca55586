// SPDX-License-Identifier: Apache-2.0
// Who does the rows of a step: whoever comes, as long as there are any. Nobody waits for a thread
// that has not begun, nor for more than the tile that a thread is at.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "runtime/core/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {
namespace {

constexpr size_t kThreads = 3;

// Counts the tiles of each thread, and lets one of them stop in the middle of its first.
struct Watch {
  static constexpr size_t kNobody = kThreads;
  size_t stops = kNobody;
  std::atomic<bool> stopped{false};
  std::atomic<int> others_left{
      0};  // threads that are still in the step, but for the one that stops
  std::vector<std::array<int, kThreads>> tiles;  // by step

  static thread_local size_t thread;

  static void trace(void* context, size_t step, size_t op) {
    Watch& watch = *static_cast<Watch*>(context);
    if (op != 0) return;
    const bool first = watch.tiles[step][thread]++ == 0;
    if (thread != watch.stops || !first) return;
    watch.stopped = true;
    while (watch.others_left > 0) std::this_thread::yield();
  }
};
thread_local size_t Watch::thread = 0;

// One task after the other, the first first.
void in_order(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Watch::thread = i;
    task(context, i);
  }
  Watch::thread = 0;
}

// On threads; the one that stops begins before the others.
void one_stops(void* pool, void (*task)(void* context, size_t i), void* context, size_t count) {
  Watch& watch = *static_cast<Watch*>(pool);
  watch.stopped = watch.stops >= count;
  watch.others_left = static_cast<int>(count) - 1;
  const auto work = [&](size_t i) {
    Watch::thread = i;
    while (i != watch.stops && !watch.stopped) std::this_thread::yield();
    task(context, i);
    if (i != watch.stops) --watch.others_left;
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

struct Shares {
  Watch watch;
  std::vector<uint8_t> logits;
};

void run(vitro_parallel_for parallel_for, Shares& shares) {
  const AlignedBytes& file = small_program(Small::many_tokens);
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  vitro_config config{};
  config.threads = kThreads;
  config.parallel_for = parallel_for;
  config.pool = &shares.watch;
  config.trace = Watch::trace;
  config.trace_context = &shares.watch;
  GuardedMemory arena(vitro_arena_bytes(&program, kThreads));
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
  shares.watch.tiles.assign(vitro_step_count(session), {});
  size_t bytes = 0;
  uint8_t* input = vitro_input(session, &bytes);
  golden_picture(7, input, bytes);
  const float* logits = vitro_run(session);
  const auto* first = reinterpret_cast<const uint8_t*>(logits);
  shares.logits.assign(first, first + vitro_class_count(&program) * sizeof(float));
  EXPECT_TRUE(arena.guards_intact());
}

std::vector<uint8_t> on_one_thread() {
  vitro_program program;
  const AlignedBytes& file = small_program(Small::many_tokens);
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  return run_program(program, {}).logits;
}

TEST(Shares, WhoeverComesFirstDoesEverything) {
  Shares shares;
  run(in_order, shares);
  for (const auto& tiles : shares.watch.tiles) {
    EXPECT_GT(tiles[0], 0);
    EXPECT_EQ(tiles[1] + tiles[2], 0);
  }
  EXPECT_EQ(shares.logits, on_one_thread());
}

TEST(Shares, AThreadThatIsStoppedKeepsOneTile) {
  for (size_t stops = 0; stops < kThreads; ++stops) {
    Shares shares;
    shares.watch.stops = stops;
    run(one_stops, shares);
    size_t stopped = 0;
    for (const auto& tiles : shares.watch.tiles) {
      EXPECT_LE(tiles[stops], 1) << "the others left something to who was stopped";
      if (tiles[stops] == 1 && tiles[0] + tiles[1] + tiles[2] > 1) ++stopped;
    }
    EXPECT_GT(stopped, 0u) << stops;
    EXPECT_EQ(shares.logits, on_one_thread());
  }
}

}  // namespace
}  // namespace vitro
