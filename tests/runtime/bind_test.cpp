// SPDX-License-Identifier: Apache-2.0
// Binding and running: the size of the arena to the byte, the same logits in every way of running,
// the self-test, and that the heap is not used.
#include <iterator>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/core/golden.h"
#include "tests/support/heap_watch.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {

namespace {

vitro_program open(const AlignedBytes& file) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK)
      << (program.fault ? program.fault : "");
  return program;
}

vitro_config with_threads(size_t threads) {
  vitro_config config{};
  config.threads = threads;
  config.parallel_for = backwards;
  return config;
}

// A session in memory of its own.
struct Bound {
  Bound(const vitro_program& program, const vitro_config& config)
      : arena(vitro_arena_bytes(&program, config.threads)) {
    EXPECT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
    input = vitro_input(session, &input_bytes);
    classes = vitro_class_count(&program);
  }
  std::vector<uint8_t> copy(const float* logits) const {
    const auto* bytes = reinterpret_cast<const uint8_t*>(logits);
    return {bytes, bytes + classes * sizeof(float)};
  }
  std::vector<uint8_t> run(uint32_t picture) {
    golden_picture(picture, input, input_bytes);
    return copy(vitro_run(session));
  }
  GuardedMemory arena;
  vitro_session* session = nullptr;
  uint8_t* input = nullptr;
  size_t input_bytes = 0, classes = 0;
};

TEST(Bind, TheArenaIsExact) {
  for (const Small model : kAllSmall) {
    const vitro_program program = open(small_program(model));
    for (const size_t threads : {1, 2, 3, 7}) {
      SCOPED_TRACE(std::string(name_of(model)) + ", threads " + std::to_string(threads));
      const vitro_config config = with_threads(threads);
      const size_t bytes = vitro_arena_bytes(&program, threads);
      GuardedMemory arena(bytes);
      vitro_session* session = nullptr;
      EXPECT_EQ(vitro_bind(&program, &config, arena.data(), bytes - 1, &session),
                VITRO_ARENA_TOO_SMALL);
      EXPECT_EQ(session, nullptr);
      EXPECT_EQ(vitro_bind(&program, &config, arena.data(), bytes, &session), VITRO_OK);
      ASSERT_NE(session, nullptr);
      EXPECT_EQ(vitro_self_test(session), VITRO_OK);
      EXPECT_TRUE(arena.guards_intact());
      EXPECT_GT(bytes, threads > 1 ? vitro_arena_bytes(&program, threads - 1) : 0);
    }
  }
}

TEST(Bind, EverySmallerArenaIsRefusedAndLeftAlone) {
  const vitro_program program = open(small_program(Small::shallow));
  for (const size_t threads : {1, 3}) {
    const vitro_config config = with_threads(threads);
    const size_t bytes = vitro_arena_bytes(&program, threads);
    GuardedMemory arena(bytes + 64);
    arena.fill(0x3c);
    for (size_t size = 0; size <= bytes + 64; ++size) {
      vitro_session* session = nullptr;
      ASSERT_EQ(vitro_bind(&program, &config, arena.data(), size, &session),
                size < bytes ? VITRO_ARENA_TOO_SMALL : VITRO_OK)
          << size;
      ASSERT_EQ(session == nullptr, size < bytes);
      if (size == bytes - 1)
        for (size_t i = 0; i < arena.size(); ++i) ASSERT_EQ(arena.data()[i], 0x3c) << i;
    }
  }
}

TEST(Bind, Arguments) {
  const vitro_program program = open(small_program(Small::shallow));
  EXPECT_EQ(vitro_arena_bytes(&program, 0), vitro_arena_bytes(&program, 1));
  EXPECT_EQ(vitro_arena_bytes(&program, 1025), 0u);
  GuardedMemory arena(vitro_arena_bytes(&program, 4) + 64);
  vitro_session* session = nullptr;
  const auto bind = [&](const vitro_config* config, void* at) {
    session = reinterpret_cast<vitro_session*>(arena.data());
    const vitro_status status = vitro_bind(&program, config, at, arena.size() - 64, &session);
    EXPECT_EQ(session != nullptr, status == VITRO_OK);
    return status;
  };
  EXPECT_EQ(bind(nullptr, arena.data()), VITRO_OK);
  EXPECT_STREQ(vitro_session_isa(session), vitro_isa_name(0));
  EXPECT_EQ(bind(nullptr, nullptr), VITRO_BAD_ARGUMENT);
  for (size_t by = 1; by < 64; ++by)
    EXPECT_EQ(bind(nullptr, arena.data() + by), VITRO_ARENA_MISALIGNED) << by;
  EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_bind(nullptr, nullptr, arena.data(), arena.size(), &session), VITRO_BAD_ARGUMENT);
  const vitro_program closed{};
  EXPECT_EQ(vitro_bind(&closed, nullptr, arena.data(), arena.size(), &session), VITRO_BAD_ARGUMENT);

  vitro_config config{};
  config.threads = 2;
  EXPECT_EQ(bind(&config, arena.data()), VITRO_BAD_ARGUMENT);
  config.parallel_for = backwards;
  EXPECT_EQ(bind(&config, arena.data()), VITRO_OK);
  config.threads = 1025;
  EXPECT_EQ(bind(&config, arena.data()), VITRO_BAD_ARGUMENT);
  config = vitro_config{};
  for (const char* unknown : {"", "referenc", "reference ", "AVX2", "sse9"}) {
    config.isa = unknown;
    EXPECT_EQ(bind(&config, arena.data()), VITRO_ISA_UNAVAILABLE) << unknown;
  }
  size_t count = 0;
  for (; vitro_isa_name(count); ++count) {
    config.isa = vitro_isa_name(count);
    EXPECT_EQ(bind(&config, arena.data()), VITRO_OK);
    EXPECT_STREQ(vitro_session_isa(session), config.isa);
  }
  EXPECT_STREQ(vitro_isa_name(count - 1), "reference");
  EXPECT_EQ(vitro_isa_name(count + 5), nullptr);
}

TEST(Bind, EveryStatusHasATextOfItsOwn) {
  const std::pair<vitro_status, const char*> words[] = {
      {VITRO_OK, "done"},
      {VITRO_BAD_ARGUMENT, "argument"},
      {VITRO_NOT_A_PROGRAM, "not a vitro program"},
      {VITRO_UNSUPPORTED, "newer"},
      {VITRO_CORRUPT, "damaged"},
      {VITRO_PROGRAM_MISALIGNED, "program does not start at a multiple of 64"},
      {VITRO_ARENA_MISALIGNED, "arena does not start at a multiple of 64"},
      {VITRO_ARENA_TOO_SMALL, "arena is smaller"},
      {VITRO_ISA_UNAVAILABLE, "kernel variant"},
      {VITRO_GOLDEN_MISMATCH, "golden vectors do not match"},
      {VITRO_NO_DIGEST, "no digest"},
      {VITRO_DIGEST_MISMATCH, "digest does not match"},
      {VITRO_UNSIGNED, "not signed"},
      {VITRO_OTHER_KEY, "another key"},
      {VITRO_SIGNATURE_MISMATCH, "signature does not match"},
      {VITRO_ROLLED_BACK, "older"},
      {VITRO_NO_GOLDEN, "no golden vectors"},
      {VITRO_STOPPED, "stopped"},
      {VITRO_BAD_PICTURE, "picture"},
      {VITRO_WORKSPACE_MISALIGNED, "multiple"},
      {VITRO_WORKSPACE_TOO_SMALL, "workspace is too small"},
      {VITRO_THREADS_REFUSED, "threads"},
      {VITRO_MEMORY_MISALIGNED, "memory of the session does not start at a multiple of 64"},
      {VITRO_MEMORY_TOO_SMALL, "vitro_memory_bytes()"},
      {VITRO_MEMORIES_OVERLAP, "overlap"}};
  ASSERT_EQ(std::size(words), size_t{VITRO_MEMORIES_OVERLAP} + 1);
  std::set<std::string> all = {"unknown status"};
  for (const auto& [status, word] : words) {
    const std::string text = vitro_status_text(status);
    EXPECT_NE(text.find(word), std::string::npos) << text;
    EXPECT_TRUE(all.insert(text).second) << text;
  }
  EXPECT_STREQ(vitro_status_text(static_cast<vitro_status>(VITRO_MEMORIES_OVERLAP + 1)),
               "unknown status");
}

TEST(Run, TheSameLogitsInEveryWay) {
  for (const Small model : kAllSmall) {
    const vitro_program program = open(small_program(model));
    RunOptions options;
    options.isa = "reference";
    const RunResult expected = run_program(program, options);
    ASSERT_EQ(expected.fault, "");
    for (size_t i = 0; vitro_isa_name(i); ++i)
      for (size_t threads = 1; threads <= 7; ++threads)
        for (const bool real : {false, true}) {
          options.isa = vitro_isa_name(i);
          options.threads = threads;
          options.real_threads = real;
          options.arena_byte = static_cast<uint8_t>(0xff - 37 * threads);
          const RunResult result = run_program(program, options);
          ASSERT_EQ(result.fault, "")
              << name_of(model) << " on " << options.isa << ", threads " << threads;
          ASSERT_EQ(result.logits, expected.logits)
              << name_of(model) << " on " << options.isa << ", threads " << threads
              << (real ? ", real" : "");
        }
    options.picture = 8;
    EXPECT_NE(run_program(program, options).logits, expected.logits) << name_of(model);
  }
}

TEST(Run, TheSessionForgetsThePictureBefore) {
  Bound bound(open(small_program(Small::plain)), {});
  const std::vector<uint8_t> first = bound.run(1), second = bound.run(2);
  EXPECT_NE(first, second);
  EXPECT_EQ(bound.run(1), first);
  EXPECT_EQ(vitro_self_test(bound.session), VITRO_OK);
  EXPECT_EQ(bound.run(2), second);
}

TEST(Run, SessionsOfOneProgramAreApart) {
  const vitro_program program = open(small_program(Small::plain));
  Bound a(program, {}), b(program, with_threads(2));
  golden_picture(1, a.input, a.input_bytes);
  golden_picture(2, b.input, b.input_bytes);
  for (size_t i = 0; i < vitro_step_count(a.session); ++i) {
    vitro_run_step(a.session, i);
    vitro_run_step(b.session, i);
  }
  // The logits lie at the same place in every session's arena.
  Bound c(program, {}), d(program, with_threads(2));
  const auto logits_of = [](Bound& bound, const Bound& like, const float* logits) {
    return bound.copy(reinterpret_cast<const float*>(
        bound.arena.data() + (reinterpret_cast<const uint8_t*>(logits) - like.arena.data())));
  };
  golden_picture(1, c.input, c.input_bytes);
  golden_picture(2, d.input, d.input_bytes);
  const float *of_c = vitro_run(c.session), *of_d = vitro_run(d.session);
  EXPECT_EQ(logits_of(a, c, of_c), c.copy(of_c));
  EXPECT_EQ(logits_of(b, d, of_d), d.copy(of_d));
  EXPECT_NE(c.copy(of_c), d.copy(of_d));
}

TEST(Run, StepsInOrderAreARun) {
  for (const Small model : kAllSmall) {
    const vitro_program program = open(small_program(model));
    Bound bound(program, with_threads(3));
    const std::vector<uint8_t> expected = bound.run(5);
    const float* logits = vitro_run(bound.session);
    EXPECT_EQ(vitro_step_count(bound.session), schema::GetProgram(program.data)->steps()->size());
    golden_picture(5, bound.input, bound.input_bytes);
    for (size_t i = 0; i < vitro_step_count(bound.session); ++i) vitro_run_step(bound.session, i);
    EXPECT_EQ(bound.copy(logits), expected) << name_of(model);
  }
}

TEST(Run, TheTraceTellsEveryOpOfEveryTile) {
  const vitro_program program = open(small_program(Small::many_tokens));
  struct Seen {
    std::vector<std::pair<size_t, size_t>> calls;
  } seen;
  vitro_config config{};
  config.trace_context = &seen;
  config.trace = [](void* context, size_t step, size_t op) {
    static_cast<Seen*>(context)->calls.push_back({step, op});
  };
  Bound bound(program, config);
  bound.run(1);
  std::vector<std::pair<size_t, size_t>> expected;
  size_t index = 0;
  for (const schema::Step* step : *schema::GetProgram(program.data)->steps()) {
    for (size_t row = 0; row < step->rows(); row += step->tile_rows())
      for (size_t op = 0; op <= step->ops()->size(); ++op) expected.push_back({index, op});
    ++index;
  }
  EXPECT_EQ(seen.calls, expected);
}

TEST(Run, TheProgramMayBeReadOnly) {
  const AlignedBytes& file = small_program(Small::distilled);
  GuardedMemory flash(file.size());
  std::memcpy(flash.data(), file.data(), file.size());
  flash.forbid_writes();
  vitro_program program;
  ASSERT_EQ(vitro_open(flash.data(), flash.size(), &program), VITRO_OK);
  Bound bound(program, with_threads(2));
  EXPECT_EQ(vitro_self_test(bound.session), VITRO_OK);
}

TEST(SelfTest, EveryVariant) {
  for (const Small model : kAllSmall) {
    const vitro_program program = open(small_program(model));
    for (size_t i = 0; vitro_isa_name(i); ++i) {
      vitro_config config = with_threads(1 + i);
      config.isa = vitro_isa_name(i);
      Bound bound(program, config);
      EXPECT_EQ(vitro_self_test(bound.session), VITRO_OK) << name_of(model) << " on " << config.isa;
    }
  }
}

// Changes a weight of each of the first channels, and also the channel's sum of weights, which
// would otherwise reveal the change.
void change_weights(schema::ProgramT& program, const schema::LinearT& linear, size_t channels,
                    int by) {
  const size_t all = (program.tensors[linear.dst]->cols + 15) / 16 * 16;
  for (size_t c = 0; c < channels; ++c) {
    uint8_t& weight = program.constants[linear.weights + 64 + c * 4];
    const int change = std::abs(static_cast<int8_t>(weight) + by) <= 127 ? by : -by;
    weight = static_cast<uint8_t>(weight + change);
    int32_t sum;
    uint8_t* at = program.constants.data() + linear.channels + all * 8 + c * 4;
    std::memcpy(&sum, at, 4);
    sum += change;
    std::memcpy(at, &sum, 4);
  }
}

vitro_status self_test(const schema::ProgramT& program) {
  const AlignedBytes file = pack(program);
  Bound bound(open(file), {});
  return vitro_self_test(bound.session);
}

TEST(SelfTest, WrongWeights) {
  const schema::ProgramT sound = unpack(small_program(Small::plain));
  EXPECT_EQ(self_test(sound), VITRO_OK);
  size_t linears = 0;
  for (const auto& step : sound.steps)
    for (const auto& op : step->ops) {
      const schema::LinearT* linear = op->args.AsLinear();
      if (!linear) continue;
      ++linears;
      schema::ProgramT changed = sound;
      change_weights(
          changed, *linear, 16,
          25);  // 16 channels, as a single hidden one may have no effect on the class token
      EXPECT_EQ(self_test(changed), VITRO_GOLDEN_MISMATCH) << op->name;
      if (op->name != "head") continue;
      changed = sound;
      change_weights(changed, *linear, 1, 1);
      EXPECT_EQ(self_test(changed), VITRO_GOLDEN_MISMATCH) << "one weight by one";
    }
  EXPECT_EQ(linears, 14u);
}

TEST(SelfTest, OneBitOfAGoldenLogit) {
  for (size_t golden = 0; golden < 2; ++golden) {
    schema::ProgramT program = unpack(small_program(Small::plain));
    float& logit = program.golden[golden]->logits.back();
    uint32_t bits;
    std::memcpy(&bits, &logit, 4);
    bits ^= 1;
    std::memcpy(&logit, &bits, 4);
    EXPECT_EQ(self_test(program), VITRO_GOLDEN_MISMATCH);
  }
}

TEST(NoHeap, OpenBindRunSelfTest) {
  for (const Small model : kAllSmall) {
    const AlignedBytes& file = small_program(model);
    GuardedMemory arena(1 << 20);
    const vitro_config config = with_threads(2);
    vitro_program program;
    vitro_session* session = nullptr;
    const size_t before = heap_calls();
    const vitro_status opened = vitro_open(file.data(), file.size(), &program);
    const size_t bytes = vitro_arena_bytes(&program, 2);
    const vitro_status bound = vitro_bind(&program, &config, arena.data(), arena.size(), &session);
    vitro_run(session);
    const vitro_status tested = vitro_self_test(session);
    const size_t after = heap_calls();
    EXPECT_EQ(after, before) << name_of(model);
    EXPECT_EQ(opened, VITRO_OK);
    EXPECT_EQ(bound, VITRO_OK);
    EXPECT_EQ(tested, VITRO_OK);
    EXPECT_LE(bytes, arena.size());
  }
  const size_t before = heap_calls();
  void* volatile taken = malloc(1);  // volatile, so that the compiler keeps both calls
  free(taken);
  int* volatile made = new int;
  delete made;
  EXPECT_EQ(heap_calls(), before + 4) << "the watch sleeps";
}

}  // namespace
}  // namespace vitro
