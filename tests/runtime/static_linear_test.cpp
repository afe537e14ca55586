// SPDX-License-Identifier: Apache-2.0
// vitro_config::static_linear: a user's own linears in a static program, and why every correct
// implementation gives the same bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <random>

#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "runtime/kernels/law.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {

namespace {

// Linears that compute in the other order: the bias is an integer in the sums, and the sums are
// scaled once.
struct IntegerBias {
  const schema::Program& program;
  bool refuses = false;  // leaves every call to the runtime
  size_t threads = 1;
  std::vector<std::vector<int8_t>> memory{8};
  std::atomic<size_t> calls{0}, packed{0}, rows{0}, faults{0};

  explicit IntegerBias(const AlignedBytes& file) : program(*schema::GetProgram(file.data())) {}

  static const int8_t* compute(void* context, const vitro_linear_call* call) {
    return static_cast<IntegerBias*>(context)->run(*call);
  }

  const int8_t* run(const vitro_linear_call& call) {
    const schema::Step& step = *program.steps()->Get(static_cast<unsigned>(call.step));
    const schema::Linear* linear =
        step.ops()->Get(static_cast<unsigned>(call.op))->args_as_Linear();
    if (!linear || call.thread >= threads || call.rows == 0 || call.rows > step.tile_rows())
      return ++faults, nullptr;
    const size_t k = program.tensors()->Get(linear->src())->cols(),
                 n = program.tensors()->Get(linear->dst())->cols();
    ++calls;
    packed += !call.dst;
    rows += call.rows;
    if (refuses) return nullptr;
    const uint8_t* constants = program.constants()->Data();
    const auto* weights = reinterpret_cast<const int8_t*>(constants + linear->weights());
    const auto* scale = reinterpret_cast<const float*>(constants + linear->channels());
    const float* bias = scale + channel_count(n);
    memory[call.thread].assign(call.rows * n, 99);
    int8_t* dst = call.dst ? call.dst : memory[call.thread].data();
    for (size_t r = 0; r < call.rows; ++r)
      for (size_t c = 0; c < n; ++c) {
        const double whole = static_cast<double>(bias[c]) / static_cast<double>(scale[c]);
        if (whole != std::nearbyint(whole)) ++faults;
        int32_t sum = static_cast<int32_t>(whole);
        for (size_t i = 0; i < k; ++i)
          sum +=
              (call.src[r * k + i] - linear->zero_point()) * weights[law::weight_offset(k, c, i)];
        dst[r * n + c] = static_cast<int8_t>(
            std::nearbyint(std::clamp(static_cast<float>(sum) * scale[c], -127.0f, 127.0f)));
      }
    return dst;
  }
};

std::vector<float> logits_of(const AlignedBytes& file, IntegerBias* provider, size_t threads,
                             const char* isa = nullptr) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  vitro_config config{};
  config.threads = threads;
  config.isa = isa;
  if (threads > 1) config.parallel_for = in_threads;
  if (provider) {
    provider->threads = threads;
    config.static_linear = IntegerBias::compute;
    config.static_linear_context = provider;
  }
  GuardedMemory arena(vitro_arena_bytes(&program, threads));
  vitro_session* session = nullptr;
  EXPECT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
  size_t bytes = 0;
  uint8_t* input = vitro_input(session, &bytes);
  golden_picture(7, input, bytes);
  const float* logits = vitro_run(session);
  EXPECT_TRUE(arena.guards_intact());
  return {logits, logits + vitro_class_count(&program)};
}

TEST(StaticLinear, AnothersLinearsGiveTheSameLogits) {
  const AlignedBytes& file = small_program(Small::static_scales);
  const std::vector<float> expected = logits_of(file, nullptr, 1, "reference");
  for (size_t i = 0; vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 3}) {
      IntegerBias provider(file);
      EXPECT_EQ(logits_of(file, &provider, threads, vitro_isa_name(i)), expected)
          << vitro_isa_name(i) << ", " << threads << " threads";
      EXPECT_EQ(provider.faults, 0u);
      EXPECT_EQ(provider.rows,
                17u * 6 + 17u * 2 + 4);  // q, k, v, projection, fc1 and fc2; in the last block
                                         // all rows of k and v, one row of the others
      EXPECT_GE(provider.packed, 2u);
      EXPECT_EQ(logits_of(file, nullptr, threads, vitro_isa_name(i)), expected);
    }
}

TEST(StaticLinear, WhatItLeavesTheRuntimeComputes) {
  const AlignedBytes& file = small_program(Small::static_scales);
  IntegerBias provider(file);
  provider.refuses = true;
  EXPECT_EQ(logits_of(file, &provider, 2), logits_of(file, nullptr, 1));
  EXPECT_GT(provider.calls, 0u);
}

TEST(StaticLinear, DynamicProgramsAskNobody) {
  const AlignedBytes& file = small_program(Small::shallow);
  IntegerBias provider(file);
  EXPECT_EQ(logits_of(file, &provider, 2), logits_of(file, nullptr, 1));
  EXPECT_EQ(provider.calls + provider.faults, 0u);
}

// The law's two orders agree for all numbers that the verifier accepts, near each of its limits.
TEST(StaticLinear, ExactScalesMakeTheOrderIrrelevant) {
  std::mt19937 random(3);
  AlignedBytes file = copy_of(small_program(Small::static_scales));
  schema::ProgramT unpacked = unpack(file);
  const schema::LinearT* fc2 = nullptr;
  for (auto& step : unpacked.steps)
    for (auto& op : step->ops)
      if (op->name == "blocks.0.mlp.fc2") fc2 = op->args.AsLinear();
  ASSERT_NE(fc2, nullptr);
  uint8_t* channels = file.data() +
                      (schema::GetProgram(file.data())->constants()->Data() - file.data()) +
                      fc2->channels;
  size_t accepted = 0, refused = 0;
  for (size_t i = 0; i < 20000; ++i) {
    const int32_t factor = 1 << random() % 10,
                  units = static_cast<int32_t>(random() % (i % 2 ? 64 : 4096) + 1) * factor;
    const int64_t whole = static_cast<int32_t>(random()) >> (random() % 24 + 4);
    const float scale = std::ldexp(static_cast<float>(units), -16),
                bias = static_cast<float>(static_cast<double>(whole) * static_cast<double>(scale));
    std::memcpy(channels, &scale, 4);
    std::memcpy(channels + 64 * 4, &bias, 4);
    vitro_program program;
    if (vitro_open(file.data(), file.size(), &program) != VITRO_OK) {
      ++refused;
      continue;
    }
    ++accepted;
    const auto expect_equal = [&](int64_t acc) {
      if (acc < -(int64_t{1} << 30) || acc > int64_t{1} << 30) return;
      const float ours = (static_cast<float>(static_cast<int32_t>(acc)) * 1.0f) * scale + bias,
                  theirs = static_cast<float>(static_cast<int32_t>(acc + whole)) * scale;
      ASSERT_EQ(law::rhe(law::clamp(ours, -127.0f, 127.0f)),
                law::rhe(law::clamp(theirs, -127.0f, 127.0f)))
          << units << "/65536, bias " << whole << " of them, sum " << acc;
    };
    for (int y = -129; y <= 129; ++y) {  // around every tie
      const int64_t tie = static_cast<int64_t>((y + 0.5) / static_cast<double>(scale)) - whole;
      for (int64_t acc = tie - 2; acc <= tie + 2; ++acc) expect_equal(acc);
    }
    for (int j = 0; j < 50; ++j)
      expect_equal(static_cast<int32_t>(random()) >> (random() % 20 + 1));
  }
  EXPECT_GT(accepted, 2000u);
  EXPECT_GT(refused, 2000u);
}

}  // namespace
}  // namespace vitro
