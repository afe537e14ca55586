// SPDX-License-Identifier: Apache-2.0
// vitro_program_sum, vitro_session_sum: they give the same numbers everywhere, and notice every
// flipped bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/core/session.h"
#include "tests/support/small_program.h"
#include "vitro/vitro.hpp"

namespace vitro {
namespace {

uint64_t sum(const std::vector<uint8_t>& bytes, size_t offset = 0, size_t count = SIZE_MAX) {
  const vitro_program program = {bytes.data(), bytes.size(), nullptr};
  return vitro_program_sum(&program, offset, count);
}

std::vector<uint8_t> ramp(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 37 + 11);
  return bytes;
}

// The expected values are from an implementation of runtime/API.md in Python.
TEST(Sum, KnownNumbers) {
  EXPECT_EQ(sum({1}), 0x502c3f11502c3f11);
  EXPECT_EQ(sum(ramp(15)), 0x400f50f4400f50f4);
  EXPECT_EQ(sum(ramp(16)), 0xac1ea1e8d60f50f4);
  EXPECT_EQ(sum(ramp(17)), 0x14e24e2759331c91);
  EXPECT_EQ(sum(ramp(100)), 0xa0d79da95d3a3ecf);
  EXPECT_EQ(sum(std::vector<uint8_t>(64, 255)), 0x6eea7a38d9201270);
}

TEST(Sum, OfParts) {
  const std::vector<uint8_t> all = ramp(100);
  for (const size_t offset : {0, 1, 4, 17, 99})
    for (const size_t count : {1, 15, 16, 17, 64}) {
      const auto first = all.begin() + static_cast<ptrdiff_t>(offset);
      const size_t rest = std::min(count, all.size() - offset);
      EXPECT_EQ(sum(all, offset, count), sum({first, first + static_cast<ptrdiff_t>(rest)}));
    }
  EXPECT_EQ(sum(all, 0, 100), sum(all));
  EXPECT_EQ(sum(all, 100), 0u);  // the sum of nothing
  EXPECT_EQ(sum(all, 101), 0u);  // past the end
  EXPECT_EQ(sum(all, SIZE_MAX), 0u);
}

TEST(Sum, OfNoProgram) {
  const vitro_program closed{};
  EXPECT_EQ(vitro_program_sum(nullptr, 0, 1), 0u);
  EXPECT_EQ(vitro_program_sum(&closed, 0, 1), 0u);
  const AlignedBytes& file = small_program(Small::shallow);
  Program program;
  ASSERT_EQ(program.open(file.data(), file.size()), VITRO_OK);
  AlignedBytes arena(program.arena_bytes());
  Session session;
  ASSERT_EQ(session.bind(program, arena.data(), arena.size()), VITRO_OK);
  EXPECT_EQ(vitro_session_sum(nullptr, program.get()), 0u);
  EXPECT_EQ(vitro_session_sum(session.get(), nullptr), 0u);
  EXPECT_EQ(vitro_session_sum(session.get(), &closed), 0u);
}

// A change of any word is noticed, and an exchange of two words.
TEST(Sum, EveryBitAndTheOrder) {
  std::vector<uint8_t> bytes = ramp(4099);
  const uint64_t whole = sum(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    ASSERT_NE(sum(bytes), whole) << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  }
  for (size_t word = 4; word + 4 <= bytes.size(); word += 4) {
    std::swap_ranges(bytes.begin(), bytes.begin() + 4,
                     bytes.begin() + static_cast<ptrdiff_t>(word));
    if (std::memcmp(bytes.data(), bytes.data() + word, 4) != 0) {
      ASSERT_NE(sum(bytes), whole) << word;
    }
    std::swap_ranges(bytes.begin(), bytes.begin() + 4,
                     bytes.begin() + static_cast<ptrdiff_t>(word));
  }
}

TEST(Sum, OfASession) {
  for (const Small model : kAllSmall) {
    const AlignedBytes& file = small_program(model);
    Program program;
    ASSERT_EQ(program.open(file.data(), file.size()), VITRO_OK);
    AlignedBytes arena(program.arena_bytes());
    Session session;
    ASSERT_EQ(session.bind(program, arena.data(), arena.size()), VITRO_OK);
    const uint64_t whole = session.sum(program);
    size_t bytes = 0;
    for (const int pixel : {0, 100, 255}) {
      std::memset(session.input(&bytes), pixel, bytes);
      session.run();
      EXPECT_EQ(session.sum(program), whole) << name_of(model);
    }
    const size_t state = static_cast<size_t>(session.get()->planned - arena.data());
    for (size_t bit = 0; bit < state * 8; ++bit) {
      arena.data()[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      ASSERT_NE(session.sum(program), whole) << name_of(model) << ' ' << bit;
      arena.data()[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    }
    EXPECT_EQ(session.sum(program), whole);
  }
}

}  // namespace
}  // namespace vitro
