// SPDX-License-Identifier: Apache-2.0
// Several sessions of one program at the same time, each with its own pool of threads: they share
// nothing that is written. The preset host-tsan runs this under the thread sanitizer.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "converter/base/aligned_bytes.h"
#include "platforms/host/thread_pool.h"
#include "runtime/core/golden.h"

namespace vitro {

using namespace host;

namespace {

AlignedBytes read_program(const std::string& name) {
  std::ifstream stream(VITRO_FROZEN_PROGRAMS "/" + name, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  AlignedBytes file(bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.data());
  return file;
}

void count_call(void* calls, size_t, size_t) {
  static_cast<std::atomic<uint64_t>*>(calls)->fetch_add(1, std::memory_order_relaxed);
}

// A user, who opens the file, binds it, and runs it again and again; `answers` has the result of
// each run.
class User {
 public:
  User(const AlignedBytes& file, size_t threads, const char* isa, std::atomic<uint64_t>& calls)
      : pool_(threads) {
    EXPECT_EQ(vitro_open(file.data(), file.size(), &program_), VITRO_OK);
    vitro_config config{};
    config.threads = threads;
    config.pool = &pool_;
    config.parallel_for = ThreadPool::parallel_for;
    config.isa = isa;
    config.trace = count_call;
    config.trace_context = &calls;
    arena_ = AlignedBytes(vitro_arena_bytes(&program_, threads));
    EXPECT_EQ(vitro_bind(&program_, &config, arena_.data(), arena_.size(), &session_), VITRO_OK);
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      golden_picture(7, vitro_input(session_, nullptr), vitro_image_height(&program_),
                     vitro_image_width(&program_));
      const float* logits = vitro_run(session_);
      answers.emplace_back(logits, logits + vitro_class_count(&program_));
    }
    EXPECT_EQ(vitro_self_test(session_), VITRO_OK);
  }

  std::vector<std::vector<float>> answers;

 private:
  ThreadPool pool_;
  vitro_program program_{};
  vitro_session* session_ = nullptr;
  AlignedBytes arena_;
};

size_t isa_count() {
  size_t count = 0;
  while (vitro_isa_name(count)) ++count;
  return count;
}

class Sessions : public testing::TestWithParam<const char*> {};

TEST_P(Sessions, OfOneProgramAtOnce) {
  const AlignedBytes file = read_program(GetParam());
  std::atomic<uint64_t> calls{0};
  constexpr size_t kUsers = 6;
  std::vector<std::vector<std::vector<float>>> answers(kUsers);
  std::vector<std::thread> users;
  users.reserve(kUsers);
  for (size_t u = 0; u < kUsers; ++u)
    users.emplace_back([&, u] {
      User user(file, 1 + u % 4, vitro_isa_name(u % isa_count()), calls);
      user.run(4);
      answers[u] = std::move(user.answers);
    });
  for (std::thread& user : users) user.join();
  ASSERT_FALSE(answers[0].empty());
  ASSERT_FALSE(answers[0][0].empty());
  for (const auto& of_user : answers)
    for (const auto& answer : of_user)
      EXPECT_EQ(std::memcmp(answer.data(), answers[0][0].data(), answer.size() * sizeof(float)), 0);
  EXPECT_GT(calls.load(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Frozen, Sessions,
                         testing::Values("plain.vitro", "static.vitro", "odd_widths.vitro"));

// After a session, its arena can be used for another one, of any program.
TEST(Sessions, FollowEachOtherInOneArena) {
  const AlignedBytes files[] = {read_program("plain.vitro"), read_program("static.vitro")};
  ThreadPool pool(3);
  AlignedBytes arena(size_t{4} << 20);
  for (int round = 0; round < 6; ++round) {
    vitro_program program;
    const AlignedBytes& file = files[round % 2];
    ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
    vitro_config config{};
    config.threads = 3;
    config.pool = &pool;
    config.parallel_for = ThreadPool::parallel_for;
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
    EXPECT_EQ(vitro_self_test(session), VITRO_OK);
  }
}

// The caller's own flag: what the runtime does with it is a call between steps, on the thread that
// runs.
struct Flag {
  std::atomic<bool> raised{false};
  std::atomic<uint64_t> asked{0};

  static int stop(void* context) {
    Flag& flag = *static_cast<Flag*>(context);
    ++flag.asked;
    return flag.raised ? 1 : 0;
  }
};

TEST(Sessions, AreStoppedFromAnotherThread) {
  const AlignedBytes file = read_program("static.vitro");
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  ThreadPool pool(3);
  AlignedBytes arena(vitro_arena_bytes(&program, 3));
  Flag flag;
  vitro_config config{};
  config.threads = 3;
  config.pool = &pool;
  config.parallel_for = ThreadPool::parallel_for;
  config.stop = Flag::stop;
  config.stop_context = &flag;
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
  const auto run = [&] {
    golden_picture(7, vitro_input(session, nullptr), vitro_image_height(&program),
                   vitro_image_width(&program));
    const float* logits = vitro_run(session);
    return logits ? std::vector<float>(logits, logits + vitro_class_count(&program))
                  : std::vector<float>{};
  };
  const std::vector<float> expected = run();
  ASSERT_FALSE(expected.empty());
  for (int round = 0; round < 20; ++round) {
    const uint64_t until = flag.asked + 1 + static_cast<uint64_t>(round) * 3;
    std::thread other([&flag, until] {
      while (flag.asked < until) std::this_thread::yield();
      flag.raised = true;
    });
    for (std::vector<float> answer; !(answer = run()).empty();) ASSERT_EQ(answer, expected);
    other.join();
    EXPECT_EQ(vitro_self_test(session), VITRO_STOPPED);
    flag.raised = false;
    EXPECT_EQ(run(), expected) << "a run that was stopped left something behind";
  }
}

}  // namespace

}  // namespace vitro
