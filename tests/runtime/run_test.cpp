// SPDX-License-Identifier: Apache-2.0
// How a run can be stopped, and what a session answers to senseless calls.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "runtime/core/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {
namespace {

struct OpenSession {
  explicit OpenSession(const AlignedBytes& file, vitro_config config = {}) {
    EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
    arena = std::make_unique<GuardedMemory>(vitro_arena_bytes(&program, config.threads));
    EXPECT_EQ(vitro_bind(&program, &config, arena->data(), arena->size(), &session), VITRO_OK);
  }
  std::vector<float> run() {
    size_t bytes = 0;
    uint8_t* input = vitro_input(session, &bytes);
    golden_picture(3, input, bytes);
    const float* logits = vitro_run(session);
    return logits ? std::vector<float>(logits, logits + vitro_class_count(&program))
                  : std::vector<float>();
  }
  vitro_program program;
  std::unique_ptr<GuardedMemory> arena;
  vitro_session* session = nullptr;
};

// Stops a run after `left` steps.
struct Countdown {
  int left = 0, asked = 0;
  static int stop(void* context) {
    auto& c = *static_cast<Countdown*>(context);
    ++c.asked;
    return c.left-- == 0 ? -7 : 0;
  }
};

TEST(Run, StopsBeforeAnyStepAndRunsAgain) {
  const AlignedBytes& file = small_program(Small::plain);
  const std::vector<float> expected = OpenSession(file).run();
  for (const size_t threads : {1, 3}) {
    Countdown countdown;
    vitro_config config{};
    config.threads = threads;
    config.parallel_for = backwards;
    config.stop = Countdown::stop;
    config.stop_context = &countdown;
    OpenSession stopped(file, config);
    const int steps = static_cast<int>(vitro_step_count(stopped.session));
    ASSERT_GT(steps, 3);
    for (int before = 0; before < steps; ++before) {
      countdown = {before, 0};
      EXPECT_TRUE(stopped.run().empty()) << before;
      EXPECT_EQ(countdown.asked, before + 1);
    }
    countdown = {steps, 0};
    EXPECT_EQ(stopped.run(), expected);
    EXPECT_EQ(countdown.asked, steps);
    EXPECT_TRUE(stopped.arena->guards_intact());
  }
}

// Another thread sets a flag while one run follows the other, on threads of their own.
TEST(Run, StopsByAnotherThread) {
  std::atomic<bool> flag{false};
  vitro_config config{};
  config.threads = 2;
  config.parallel_for = in_threads;
  config.stop = [](void* context) -> int {
    return static_cast<std::atomic<bool>*>(context)->load();
  };
  config.stop_context = &flag;
  OpenSession running(small_program(Small::shallow), config);
  const std::vector<float> expected = running.run();
  std::atomic<int> runs{0};
  std::thread other([&] {
    while (runs < 20) std::this_thread::yield();
    flag = true;
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  bool stopped = false;
  while (!stopped && std::chrono::steady_clock::now() < deadline) {
    const std::vector<float> logits = running.run();
    stopped = logits.empty();
    if (!stopped) EXPECT_EQ(logits, expected);
    ++runs;
  }
  other.join();
  EXPECT_TRUE(stopped);
  EXPECT_GT(runs, 20);
  flag = false;
  EXPECT_EQ(running.run(), expected);
}

TEST(Run, TheSelfTestStops) {
  Countdown countdown;
  vitro_config config{};
  config.stop = Countdown::stop;
  config.stop_context = &countdown;
  OpenSession session(small_program(Small::shallow), config);
  const int steps = static_cast<int>(vitro_step_count(session.session));
  for (const int before : {0, steps - 1, steps, 2 * steps - 1}) {
    countdown.left = before;
    EXPECT_EQ(vitro_self_test(session.session), VITRO_STOPPED) << before;
  }
  countdown.left = 2 * steps;
  EXPECT_EQ(vitro_self_test(session.session), VITRO_OK);
}

TEST(Run, ASelfTestWithoutVectorsProvesNothing) {
  schema::ProgramT program = unpack(small_program(Small::shallow));
  program.golden.clear();
  const AlignedBytes file = pack(program);
  EXPECT_EQ(vitro_self_test(OpenSession(file).session), VITRO_NO_GOLDEN);
}

TEST(Run, StepsPastTheEnd) {
  OpenSession session(small_program(Small::shallow));
  const std::vector<float> expected = session.run();
  const size_t steps = vitro_step_count(session.session);
  size_t bytes = 0;
  uint8_t* input = vitro_input(session.session, &bytes);
  golden_picture(3, input, bytes);
  for (size_t i = 0; i < steps; ++i) EXPECT_EQ(vitro_run_step(session.session, i), VITRO_OK);
  for (const size_t beyond : {steps, steps + 1, SIZE_MAX})
    EXPECT_EQ(vitro_run_step(session.session, beyond), VITRO_BAD_ARGUMENT);
  const float* logits = vitro_output_values(session.session, 0);
  EXPECT_EQ(std::vector<float>(logits, logits + expected.size()), expected);
}

}  // namespace
}  // namespace vitro
