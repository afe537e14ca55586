// SPDX-License-Identifier: Apache-2.0
// vitro_memory_bytes, vitro_bind_memories: a session in three memories, each exact to the byte,
// gives what one arena gives; what cannot be a memory is refused by name.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "tests/runtime/hand_made.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"
#include "vitro/vitro.hpp"

namespace vitro {
namespace {

struct Opened {
  explicit Opened(Small model) {
    const AlignedBytes& file = small_program(model);
    EXPECT_EQ(program.open(file.data(), file.size()), VITRO_OK);
  }
  Program program;
};

// Three memories of exactly the bytes that are needed, each before a page that must not be touched.
struct Apart {
  Apart(const Program& program, size_t threads)
      : needs(needs_of(program, threads)),
        session(needs.session.bytes),
        activations(needs.activations.bytes),
        scratch(needs.scratch.bytes) {
    for (GuardedMemory* memory : {&session, &activations, &scratch}) memory->fill(0x3c);
  }
  static vitro_memories needs_of(const Program& program, size_t threads) {
    vitro_memories needs;
    EXPECT_EQ(program.memory_bytes(needs, threads), VITRO_OK);
    return needs;
  }
  vitro_memories memories() {
    return {{session.data(), session.size()},
            {activations.data(), activations.size()},
            {scratch.data(), scratch.size()},
            "a fault of before"};
  }
  bool untouched() const {
    for (const GuardedMemory* memory : {&session, &activations, &scratch})
      if (!std::all_of(memory->data(), memory->data() + memory->size(),
                       [](uint8_t byte) { return byte == 0x3c; }))
        return false;
    return true;
  }
  bool guards_intact() const {
    return session.guards_intact() && activations.guards_intact() && scratch.guards_intact();
  }
  vitro_memories needs;
  GuardedMemory session, activations, scratch;
};

vitro_config shared_by(size_t threads) {
  vitro_config config{};
  config.threads = threads;
  config.parallel_for = backwards;
  return config;
}

std::vector<uint8_t> outputs_of(const Program& program, const Session& session) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < program.output_count(); ++i) {
    const vitro_output_info info = program.output(i);
    const auto* values = reinterpret_cast<const uint8_t*>(session.output(i));
    bytes.insert(bytes.end(), values, values + info.rows * info.cols * sizeof(float));
  }
  return bytes;
}

TEST(Memories, GiveTheBytesOfOneArena) {
  for (const Small model : kAllSmall) {
    const Opened opened(model);
    const Program& program = opened.program;
    for (const size_t threads : {1, 2, 7}) {
      SCOPED_TRACE(std::string(name_of(model)) + ", threads " + std::to_string(threads));
      RunOptions options;
      options.threads = threads;
      const RunResult expected = run_program(*program.get(), options);
      ASSERT_EQ(expected.fault, "");
      Apart apart(program, threads);
      vitro_memories memories = apart.memories();
      Session session;
      ASSERT_EQ(session.bind_memories(program, memories, shared_by(threads)), VITRO_OK);
      EXPECT_EQ(memories.fault, nullptr);
      EXPECT_EQ(session.self_test(), VITRO_OK);
      golden_picture(options.picture, session.input(), program.image_height(),
                     program.image_width());
      const uint64_t bound = session.sum(program);
      for (size_t i = 0; i < vitro_step_count(session.get()); ++i) {
        apart.scratch.fill(static_cast<uint8_t>(0xa5 + i));  // a step leaves nothing there
        ASSERT_EQ(vitro_run_step(session.get(), i), VITRO_OK);
      }
      EXPECT_EQ(outputs_of(program, session), expected.logits);
      EXPECT_EQ(session.sum(program), bound);
      EXPECT_TRUE(apart.guards_intact());
      EXPECT_GE(session.input(), apart.activations.data());
      EXPECT_LT(session.input(), apart.activations.data() + apart.activations.size());
    }
  }
}

// The sizes, counted anew from the file.
TEST(Memories, SizesAreThoseOfTheFile) {
  for (const Small model : kAllSmall) {
    const Opened opened(model);
    const schema::Program& p = *schema::GetProgram(opened.program.get()->data);
    uint64_t tensors = 0;
    for (const schema::Tensor* t : *p.tensors())
      if (t->storage() == schema::Storage::Arena)
        tensors = std::max(tensors, t->offset() + tensor_bytes(*t));
    for (const size_t threads : {1, 3, 16}) {
      uint64_t scratch = 0, planned = tensors;
      for (const schema::Step* step : *p.steps()) {
        scratch = std::max(scratch, step->scratch_bytes() * threads);
        planned = std::max(planned, step->scratch_offset() + step->scratch_bytes() * threads);
      }
      const vitro_memories needs = Apart::needs_of(opened.program, threads);
      EXPECT_EQ(needs.activations.bytes, tensors) << name_of(model);
      EXPECT_EQ(needs.scratch.bytes, scratch) << name_of(model);
      EXPECT_EQ(needs.session.bytes + planned, opened.program.arena_bytes(threads))
          << name_of(model);
      EXPECT_EQ(needs.session.data, nullptr);
      EXPECT_EQ(needs.fault, nullptr);
    }
  }
}

struct Refusal {
  vitro_status status;
  std::string fault;
};

Refusal bind_in(const Program& program, vitro_memories memories, size_t threads = 1) {
  const vitro_config config = shared_by(threads);
  vitro_session* session = reinterpret_cast<vitro_session*>(&memories);
  const vitro_status status = vitro_bind_memories(program.get(), &config, &memories, &session);
  EXPECT_EQ(session == nullptr, status != VITRO_OK);
  return {status, memories.fault ? memories.fault : ""};
}

constexpr vitro_memory vitro_memories::*kEach[] = {
    &vitro_memories::session, &vitro_memories::activations, &vitro_memories::scratch};
constexpr const char* kNames[] = {"session", "activations", "scratch"};

TEST(Memories, EachIsRefusedByName) {
  const Opened opened(Small::plain);
  Apart apart(opened.program, 1);
  for (size_t i = 0; i < 3; ++i) {
    const auto with = [&](auto change) {
      vitro_memories memories = apart.memories();
      change(memories.*kEach[i]);
      const Refusal refusal = bind_in(opened.program, memories);
      EXPECT_EQ(refusal.fault, kNames[i]);
      return refusal.status;
    };
    for (const size_t bytes : {size_t{0}, size_t{64}, (apart.memories().*kEach[i]).bytes - 1})
      EXPECT_EQ(with([&](vitro_memory& m) { m.bytes = bytes; }), VITRO_MEMORY_TOO_SMALL) << bytes;
    for (size_t by = 1; by < 64; ++by)
      EXPECT_EQ(with([&](vitro_memory& m) { m.data = static_cast<uint8_t*>(m.data) + by; }),
                VITRO_MEMORY_MISALIGNED)
          << by;
    EXPECT_EQ(with([](vitro_memory& m) { m.data = nullptr; }), VITRO_BAD_ARGUMENT);
  }
  EXPECT_TRUE(apart.untouched());
  EXPECT_EQ(bind_in(opened.program, apart.memories()).status, VITRO_OK);
}

TEST(Memories, AThreadMoreNeedsMoreScratchAlone) {
  const Opened opened(Small::many_tokens);
  Apart apart(opened.program, 2);
  EXPECT_EQ(bind_in(opened.program, apart.memories(), 2).status, VITRO_OK);
  const Refusal refusal = bind_in(opened.program, apart.memories(), 3);
  EXPECT_EQ(refusal.status, VITRO_MEMORY_TOO_SMALL);
  EXPECT_EQ(refusal.fault, "scratch");
}

// In every order, one after the other without a gap; then each pair with 64 bytes in common.
TEST(Memories, MayTouchAndMustNotOverlap) {
  const Opened opened(Small::plain);
  const vitro_memories needs = Apart::needs_of(opened.program, 1);
  const auto padded = [](size_t bytes) { return (bytes + 63) / 64 * 64; };
  GuardedMemory all(padded(needs.session.bytes) + padded(needs.activations.bytes) +
                    padded(needs.scratch.bytes));
  size_t order[] = {0, 1, 2};
  do {
    vitro_memories memories = needs;
    size_t at = 0;
    for (const size_t i : order) {
      (memories.*kEach[i]).data = all.data() + at;
      at += padded((needs.*kEach[i]).bytes);
    }
    EXPECT_EQ(bind_in(opened.program, memories).status, VITRO_OK);
    for (size_t k = 1; k < 3; ++k) {
      vitro_memories crossed = memories;
      void*& data = (crossed.*kEach[order[k]]).data;
      data = static_cast<uint8_t*>(data) - 64;
      const Refusal refusal = bind_in(opened.program, crossed);
      const size_t a = std::min(order[k - 1], order[k]), b = std::max(order[k - 1], order[k]);
      EXPECT_EQ(refusal.status, VITRO_MEMORIES_OVERLAP);
      EXPECT_EQ(refusal.fault, std::string(kNames[a]) + " and " + kNames[b]);
    }
  } while (std::next_permutation(std::begin(order), std::end(order)));
  // One within another, and all at one place.
  vitro_memories memories = needs;
  for (const auto each : kEach) (memories.*each).data = all.data();
  EXPECT_EQ(bind_in(opened.program, memories).fault, "session and activations");
}

// Rows that the arena holds whole, so that no step needs scratch.
AlignedBytes without_scratch() {
  HandMade made(4, 4);
  schema::QuantiseRowsT quantise;
  quantise.src = made.rows(std::vector<int16_t>(32, 100), 16), quantise.unit = 1;
  made.step(2, 2);
  quantise.dst = made.tensor(schema::Format::RowS8, 2, 16);
  made.op(quantise);
  const uint32_t out = made.tensor(schema::Format::F32, 2, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(16, 1), 1);
  made.output("out", schema::OutputKind::Features, out);
  return made.finish();
}

TEST(Memories, AnEmptyScratchMayLieAnywhere) {
  const AlignedBytes file = without_scratch();
  Program program;
  ASSERT_EQ(program.open(file.data(), file.size()), VITRO_OK);
  Apart apart(program, 1);
  ASSERT_EQ(apart.needs.scratch.bytes, 0u);
  const auto in = [&](void* scratch) {
    vitro_memories memories = apart.memories();
    memories.scratch = {scratch, 0};
    return bind_in(program, memories).status;
  };
  EXPECT_EQ(in(nullptr), VITRO_OK);
  for (GuardedMemory* other : {&apart.session, &apart.activations})
    for (const size_t by : {size_t{0}, size_t{1}, size_t{64}, other->size() - 1})
      EXPECT_EQ(in(other->data() + by), VITRO_OK) << by;
  // The two that are needed must not overlap all the same.
  vitro_memories memories = apart.memories();
  memories.activations.data = memories.session.data;
  EXPECT_EQ(bind_in(program, memories).fault, "session and activations");
}

TEST(Memories, Arguments) {
  const Opened opened(Small::shallow);
  Apart apart(opened.program, 1);
  vitro_memories memories = apart.memories();
  vitro_session* session = nullptr;
  const vitro_program closed{};
  EXPECT_EQ(vitro_memory_bytes(nullptr, 1, &memories), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(memories.session.bytes, 0u);
  EXPECT_EQ(vitro_memory_bytes(&closed, 1, &memories), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_memory_bytes(opened.program.get(), 1025, &memories), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_memory_bytes(opened.program.get(), 1, nullptr), VITRO_BAD_ARGUMENT);
  vitro_memories none, one;
  EXPECT_EQ(vitro_memory_bytes(opened.program.get(), 0, &none), VITRO_OK);
  EXPECT_EQ(vitro_memory_bytes(opened.program.get(), 1, &one), VITRO_OK);
  EXPECT_EQ(none.scratch.bytes, one.scratch.bytes);

  memories = apart.memories();
  EXPECT_EQ(vitro_bind_memories(nullptr, nullptr, &memories, &session), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(memories.fault, nullptr);
  EXPECT_EQ(vitro_bind_memories(&closed, nullptr, &memories, &session), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_bind_memories(opened.program.get(), nullptr, nullptr, &session),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_bind_memories(opened.program.get(), nullptr, &memories, nullptr),
            VITRO_BAD_ARGUMENT);
  vitro_config config{};
  config.threads = 2;
  EXPECT_EQ(vitro_bind_memories(opened.program.get(), &config, &memories, &session),
            VITRO_BAD_ARGUMENT);
  config = {};
  config.isa = "sse9";
  EXPECT_EQ(vitro_bind_memories(opened.program.get(), &config, &memories, &session),
            VITRO_ISA_UNAVAILABLE);
  EXPECT_TRUE(apart.untouched());
}

}  // namespace
}  // namespace vitro
