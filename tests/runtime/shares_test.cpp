// SPDX-License-Identifier: Apache-2.0
// Who does the rows of a step: whoever comes, as long as there are any. Nobody waits for a thread
// that has not begun, nor for more than the tile that a thread is at.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <numeric>
#include <thread>

#include "runtime/core/golden.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {
namespace {

constexpr size_t kThreads = 3, kManyThreads = 16;

// Counts the tiles of each thread, and lets one of them stop in the middle of its first.
struct Watch {
  static constexpr size_t kNobody = kManyThreads;
  size_t stops = kNobody;
  std::atomic<bool> stopped{false};
  std::atomic<int> others_left{
      0};  // threads that are still in the step, but for the one that stops
  std::vector<std::array<int, kManyThreads>> tiles;  // by step

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

// On threads that all wait for the last of them to begin.
void at_once(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  std::atomic<size_t> begun{0};
  const auto work = [&](size_t i) {
    Watch::thread = i;
    ++begun;
    while (begun < count) std::this_thread::yield();
    task(context, i);
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

struct Shares {
  Watch watch;
  std::vector<uint8_t> logits;
};

void run(const AlignedBytes& file, vitro_parallel_for parallel_for, size_t threads,
         Shares& shares) {
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  vitro_config config{};
  config.threads = threads;
  config.parallel_for = parallel_for;
  config.pool = &shares.watch;
  config.trace = Watch::trace;
  config.trace_context = &shares.watch;
  GuardedMemory arena(vitro_arena_bytes(&program, threads));
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
  shares.watch.tiles.assign(vitro_step_count(session), {});
  size_t bytes = 0;
  uint8_t* input = vitro_input(session, &bytes);
  golden_picture(7, input, bytes);
  const float* logits = vitro_run(session);
  const auto* first = reinterpret_cast<const uint8_t*>(logits);
  vitro_output_info output;
  vitro_output(&program, 0, &output);
  shares.logits.assign(first, first + output.rows * output.cols * sizeof(float));
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
  run(small_program(Small::many_tokens), in_order, kThreads, shares);
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
    run(small_program(Small::many_tokens), one_stops, kThreads, shares);
    size_t stopped = 0;
    for (const auto& tiles : shares.watch.tiles) {
      EXPECT_LE(tiles[stops], 1) << "the others left something to who was stopped";
      if (tiles[stops] == 1 && tiles[0] + tiles[1] + tiles[2] > 1) ++stopped;
    }
    EXPECT_GT(stopped, 0u) << stops;
    EXPECT_EQ(shares.logits, on_one_thread());
  }
}

std::vector<int> tiles_of(const Shares& shares) {
  std::vector<int> sums;
  for (const auto& tiles : shares.watch.tiles)
    sums.push_back(std::accumulate(tiles.begin(), tiles.end(), 0));
  return sums;
}

// Copies of rows: tiles that take hardly longer than it takes to take them.
AlignedBytes short_tiles(uint32_t row_count, uint32_t copies) {
  constexpr uint32_t kCols = 4;
  HandMade made(4, 4);
  const uint32_t constant = made.constant_rows(int16_numbers(1, size_t{row_count} * kCols), kCols);
  uint32_t rows = constant;
  for (uint32_t i = 0; i < copies; ++i) {
    schema::CopyT copy;
    copy.src = constant, copy.dst = rows = made.tensor(schema::Format::S16, row_count, kCols);
    made.step(row_count, 12);
    made.op(copy);
  }
  schema::QuantiseRowsT quantise;
  made.step(row_count, 12);
  quantise.src = rows, quantise.dst = made.scratch(schema::Format::RowS8, kCols), quantise.unit = 1;
  made.op(quantise);
  const uint32_t out = made.tensor(schema::Format::F32, row_count, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(kCols, 1), 1);
  made.output("out", schema::OutputKind::Features, out);
  return made.finish();
}

// More threads than ranges of rows, so that two share each from the start and race for its tiles.
TEST(Shares, ThreadsThatRaceForATileTakeItOnce) {
  const AlignedBytes file = short_tiles(24000, 20);
  Shares alone;
  run(file, in_order, kManyThreads, alone);
  for (int i = 0; i < 20; ++i) {
    Shares shares;
    run(file, at_once, kManyThreads, shares);
    EXPECT_EQ(tiles_of(shares), tiles_of(alone));
    EXPECT_EQ(shares.logits, alone.logits);
  }
}

// Rows of a step of so few may be heads, each with much to do.
TEST(Shares, NoMoreThanTwelveRowsAreSharedOneByOne) {
  const std::pair<uint32_t, int> tiles[] = {{1, 1}, {2, 2}, {7, 3}, {12, 3}, {13, 2}, {25, 3}};
  for (const auto& [rows, count] : tiles) {
    Shares shares;
    run(short_tiles(rows, 1), in_order, kThreads, shares);
    EXPECT_EQ(tiles_of(shares), (std::vector<int>{count, count})) << rows;
  }
}

}  // namespace
}  // namespace vitro
