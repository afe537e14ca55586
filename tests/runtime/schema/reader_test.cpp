// SPDX-License-Identifier: Apache-2.0
// vitro's own reader of programs (runtime/schema/flat.h) against FlatBuffers': the same verdict on
// the structure of every file, sound or damaged, and the same value in every field.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <type_traits>
#include <vector>

#include "by_flatc_generated.h"
#include "converter/base/aligned_bytes.h"
#include "runtime/core/bounds.h"
#include "runtime/schema/program_generated.h"

namespace vitro::schema {

// Numbers and enums by their bits; what lies in the file by its address and then by its parts.
template <class A, class B>
bool equal(const A& a, const B& b) {
  return sizeof a == sizeof b && std::memcmp(&a, &b, sizeof a) == 0;  // NOLINT: floats too
}
template <class A, class B>
bool at_one_place(const A* a, const B* b) {
  return static_cast<const void*>(a) == static_cast<const void*>(b);
}
inline bool equal(const void* a, const void* b) { return a == b; }
template <class A, class B>
bool equal(const A* a, const B* b) {
  return at_one_place(a, b) && (!a || same(*a, *b));
}
inline bool equal(const flat::String* a, const flatbuffers::String* b) {
  return at_one_place(a, b) && (!a || (a->size() == b->size() && a->c_str() == b->c_str()));
}
template <class A, class B>
bool equal(const flat::Vector<A>* a, const flatbuffers::Vector<B>* b) {
  if (!at_one_place(a, b) || (a && a->size() != b->size())) return false;
  for (uint32_t i = 0; a && i < a->size(); ++i) {
    if constexpr (std::is_scalar_v<B>) {
      // FlatBuffers' Get loads damaged vectors of 64-bit numbers as they lie, at multiples of 4.
      B value;
      std::memcpy(&value, b->Data() + i * sizeof value, sizeof value);
      if (!equal(a->Get(i), value)) return false;
    } else if (!equal(a->Get(i), b->Get(i))) {
      return false;
    }
  }
  return true;
}
template <class T, uint16_t n>
bool equal(const flat::Array<T, n>* a, const flatbuffers::Array<T, n>* b) {
  return at_one_place(a, b) && a->size() == b->size() && a->Data() == b->Data();
}

}  // namespace vitro::schema

#include "same_generated.h"

namespace vitro {
namespace {

struct Limits {
  uint32_t nesting = kMaxNesting, tables = kMaxTables;
};

bool sound(const uint8_t* file, size_t size, const Limits& limits) {
  flat::Verifier verifier(file, size, limits.nesting, limits.tables);
  return schema::VerifyProgramBuffer(verifier);
}

bool sound_by_flatc(const uint8_t* file, size_t size, const Limits& limits) {
  flatbuffers::Verifier verifier(file, size, limits.nesting, limits.tables);
  return by_flatc::VerifyProgramBuffer(verifier);
}

struct Counts {
  size_t sound = 0, damaged = 0;
};

// One file, read by both.
void compare(const uint8_t* file, size_t size, const Limits& limits, Counts& counts) {
  const bool verdict = sound_by_flatc(file, size, limits);
  ASSERT_EQ(sound(file, size, limits), verdict);
  ++(verdict ? counts.sound : counts.damaged);
  if (verdict) {
    ASSERT_TRUE(schema::same(*schema::GetProgram(file), *by_flatc::GetProgram(file)));
  }
}

std::vector<AlignedBytes> programs() {
  std::vector<AlignedBytes> files;
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS)) {
    if (entry.path().extension() != ".vitro") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    AlignedBytes file(std::filesystem::file_size(entry.path()));
    in.read(reinterpret_cast<char*>(file.data()), static_cast<std::streamsize>(file.size()));
    EXPECT_TRUE(in) << entry.path();
    files.push_back(std::move(file));
  }
  return files;
}

TEST(Reader, ReadsSoundProgramsAsFlatBuffersDoes) {
  const auto files = programs();
  ASSERT_GE(files.size(), 10u);
  for (const AlignedBytes& file : files) {
    Counts counts;
    compare(file.data(), file.size(), {}, counts);
    EXPECT_EQ(counts.sound, 1u);
  }
}

TEST(Reader, CountsTablesAndNestingAsFlatBuffersDoes) {
  const auto files = programs();
  ASSERT_FALSE(files.empty());
  Counts tables, nesting;
  for (uint32_t most = 0; most < 2000; ++most)
    compare(files[0].data(), files[0].size(), {kMaxNesting, most}, tables);
  for (uint32_t most = 0; most < 8; ++most)
    compare(files[0].data(), files[0].size(), {most, kMaxTables}, nesting);
  EXPECT_GT(tables.sound, 100u);
  EXPECT_GT(tables.damaged, 20u);
  EXPECT_GT(nesting.sound, 0u);
  EXPECT_GT(nesting.damaged, 2u);
}

TEST(Reader, RefusesEveryLengthThatFlatBuffersRefuses) {
  for (const AlignedBytes& file : programs()) {
    Counts counts;
    for (size_t size = 0; size <= file.size(); size += size < 256 ? 1 : 61)
      compare(file.data(), size, {}, counts);
    EXPECT_GT(counts.damaged, 300u);
  }
}

// What a damaged word may be: what matters lies near 0, 2^31, 2^32 and the file's size.
uint32_t damaged_word(std::mt19937& random, uint32_t before, size_t size) {
  const uint32_t near = random() % 9 - 4;
  switch (random() % 6) {
    case 0: return random();
    case 1: return before + near;
    case 2: return near;
    case 3: return 0x80000000u + near;
    case 4: return static_cast<uint32_t>(size) + near;
    default: return before ^ (1u << random() % 32);
  }
}

// Three words in ten thousand ways, or bytes; half of them before the constants, where the tables
// are.
TEST(Reader, JudgesDamagedProgramsAsFlatBuffersDoes) {
  std::mt19937 random(1);
  Counts counts;
  for (AlignedBytes& file : programs()) {
    const std::vector<uint8_t> sound(file.data(), file.data() + file.size());
    for (int round = 0; round < 10000; ++round) {
      for (uint32_t edit = random() % 3 + 1; edit > 0; --edit) {
        const bool word = random() % 3 != 0;
        const size_t at = random() % (file.size() - 4);
        if (word) {
          uint32_t value;
          const size_t aligned = at / 4 * 4;
          std::memcpy(&value, file.data() + aligned, 4);
          value = damaged_word(random, value, file.size());
          std::memcpy(file.data() + aligned, &value, 4);
        } else {
          file.data()[at] = static_cast<uint8_t>(random());
        }
      }
      compare(file.data(), file.size(), {}, counts);
      if (HasFatalFailure()) return;
      std::memcpy(file.data(), sound.data(), sound.size());
    }
  }
  EXPECT_GT(counts.sound, 10000u);
  EXPECT_GT(counts.damaged, 10000u);
}

}  // namespace
}  // namespace vitro
