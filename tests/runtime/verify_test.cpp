// SPDX-License-Identifier: Apache-2.0
// vitro_open on damaged files: they are refused, or else they run without harm, and their outputs
// do not depend on what the arena contained before.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/address_sanitizer.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {

namespace {

// Opens a file and, if it is accepted, runs it in three ways that must agree. `isas`: with every
// kernel variant, not only the best.
testing::AssertionResult refused_or_harmless(const void* data, size_t size, bool isas = false) {
  vitro_program program;
  const vitro_status status = vitro_open(data, size, &program);
  const bool explained = status == VITRO_CORRUPT || status == VITRO_UNSUPPORTED;
  if (explained != (program.fault != nullptr))
    return testing::AssertionFailure()
           << "status " << status << " and fault " << (program.fault ? program.fault : "null");
  if (status != VITRO_OK) {
    if (status != VITRO_NOT_A_PROGRAM && !explained)
      return testing::AssertionFailure() << "status " << status;
    return program.data ? testing::AssertionFailure() << "refused, yet open"
                        : testing::AssertionSuccess();
  }
  RunOptions options;
  const RunResult first = run_program(program, options);
  if (!first.fault.empty()) return testing::AssertionFailure() << first.fault;
  for (size_t i = 0; vitro_isa_name(i) && (isas || i == 0); ++i) {
    options.isa = vitro_isa_name(i);
    options.threads = 3;
    options.arena_byte = 0xa5;
    const RunResult other = run_program(program, options);
    if (!other.fault.empty())
      return testing::AssertionFailure() << other.fault << " on " << options.isa;
    if (other.logits != first.logits)
      return testing::AssertionFailure()
             << "other logits on " << options.isa << " with three threads and another arena";
  }
  for (size_t i = 0; i <= vitro_class_count(&program); ++i) {
    const char* label = vitro_label(&program, i);
    if (label && std::strlen(label) > size)
      return testing::AssertionFailure() << "a label without end";
  }
  return testing::AssertionSuccess();
}

std::pair<size_t, size_t> constants_of(const AlignedBytes& file) {
  const auto* constants = schema::GetProgram(file.data())->constants();
  const size_t begin = static_cast<size_t>(constants->Data() - file.data());
  return {begin, begin + constants->size()};
}

TEST(Verify, TheWholeProgramIsOpened) {
  for (const Small model : kAllSmall) {
    const AlignedBytes& file = small_program(model);
    vitro_program program;
    ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK) << name_of(model);
    EXPECT_EQ(program.data, file.data());
    EXPECT_EQ(program.size, file.size());
    EXPECT_EQ(program.fault, nullptr);
    EXPECT_TRUE(refused_or_harmless(file.data(), file.size(), true)) << name_of(model);
  }
}

TEST(Verify, Arguments) {
  const AlignedBytes& file = small_program(Small::shallow);
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_open(nullptr, file.size(), &program), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(program.data, nullptr);
  EXPECT_EQ(vitro_arena_bytes(&program, 1), 0u);
  EXPECT_EQ(vitro_arena_bytes(nullptr, 1), 0u);
  EXPECT_EQ(vitro_class_count(&program), 0u);
  EXPECT_EQ(vitro_image_size(&program), 0u);
  EXPECT_EQ(vitro_label(&program, 0), nullptr);
}

TEST(Verify, Identifier) {
  AlignedBytes file = copy_of(small_program(Small::shallow));
  vitro_program program;
  file.data()[4] = 'W';
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_NOT_A_PROGRAM);
  EXPECT_EQ(program.fault, nullptr);
  for (size_t size = 0; size < 64; ++size)
    EXPECT_EQ(vitro_open(small_program(Small::shallow).data(), size, &program), VITRO_NOT_A_PROGRAM)
        << size;
}

TEST(Verify, AddressAndSize) {
  const AlignedBytes& file = small_program(Small::shallow);
  AlignedBytes shifted(file.size() + 64);
  vitro_program program;
  for (size_t by = 1; by < 64; ++by) {
    std::memcpy(shifted.data() + by, file.data(), file.size());
    EXPECT_EQ(vitro_open(shifted.data() + by, file.size(), &program), VITRO_PROGRAM_MISALIGNED)
        << by;
  }
  EXPECT_EQ(vitro_open(file.data(), SIZE_MAX / 2, &program), VITRO_UNSUPPORTED);
  EXPECT_STREQ(program.fault, "larger than 2 GiB");
}

TEST(Verify, EveryPrefixIsRefused) {
  for (const Small model : {Small::shallow, Small::static_scales}) {
    AlignedBytes file = copy_of(small_program(model));
    vitro_program program;
    for (size_t size = file.size(); size-- > 64;) {
      forbid(file.data() + size, file.size() - size);
      ASSERT_EQ(vitro_open(file.data(), size, &program), VITRO_CORRUPT) << size;
      ASSERT_NE(program.fault, nullptr) << size;
    }
    allow(file.data(), file.size());
    for (size_t size = 64; size < file.size(); size += 64) {
      GuardedMemory prefix(size);
      std::memcpy(prefix.data(), file.data(), size);
      prefix.forbid_writes();
      ASSERT_EQ(vitro_open(prefix.data(), size, &program), VITRO_CORRUPT) << size;
    }
  }
}

TEST(Verify, TrailingBytesAreHarmless) {
  const AlignedBytes& file = small_program(Small::shallow);
  GuardedMemory longer(file.size() + 1000);
  std::memcpy(longer.data(), file.data(), file.size());
  EXPECT_TRUE(refused_or_harmless(longer.data(), longer.size()));
}

// Flips every bit of the file except the constants, in parts that ctest can run in parallel.
class VerifyBits : public testing::TestWithParam<std::tuple<Small, size_t>> {};

TEST_P(VerifyBits, OfTheStructure) {
  const auto [model, first] = GetParam();
  const AlignedBytes& file = small_program(model);
  const auto [begin, end] = constants_of(file);
  GuardedMemory flipped(file.size());
  std::memcpy(flipped.data(), file.data(), file.size());
  for (size_t byte = first; byte < file.size(); byte += 4) {
    if (byte >= begin && byte < end) continue;
    for (unsigned bit = 0; bit < 8; ++bit) {
      flipped.data()[byte] = static_cast<uint8_t>(file.data()[byte] ^ 1u << bit);
      ASSERT_TRUE(refused_or_harmless(flipped.data(), flipped.size(), byte % 64 < 4 && bit == 0))
          << "byte " << byte << " bit " << bit;
    }
    flipped.data()[byte] = file.data()[byte];
  }
  EXPECT_TRUE(flipped.guards_intact());
}

INSTANTIATE_TEST_SUITE_P(Quarter, VerifyBits,
                         testing::Combine(testing::Values(Small::shallow, Small::static_scales),
                                          testing::Range(size_t{0}, size_t{4})));

TEST(Verify, EveryWordOfTheStructure) {
  const AlignedBytes& file = small_program(Small::shallow);
  const auto [begin, end] = constants_of(file);
  GuardedMemory changed(file.size());
  std::memcpy(changed.data(), file.data(), file.size());
  for (size_t at = 0; at + 4 <= file.size(); at += 4) {
    if (at + 4 > begin && at < end) continue;
    uint32_t word;
    std::memcpy(&word, file.data() + at, 4);
    for (const uint32_t value : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu, word + 1, word - 1,
                                 word + 4, word - 4, word + 64, word - 64, 0x7fc00000u}) {
      std::memcpy(changed.data() + at, &value, 4);
      ASSERT_TRUE(refused_or_harmless(changed.data(), changed.size()))
          << "word at " << at << " becomes " << value;
    }
    std::memcpy(changed.data() + at, &word, 4);
  }
}

TEST(Verify, SampledBitsOfEveryModel) {
  std::mt19937 random(1);
  for (const Small model : kAllSmall) {
    const AlignedBytes& file = small_program(model);
    const auto [begin, end] = constants_of(file);
    GuardedMemory flipped(file.size());
    std::memcpy(flipped.data(), file.data(), file.size());
    const size_t tries = (model == Small::many_tokens ? 50 : 400) / (kAddressSanitizer ? 8 : 1);
    for (size_t i = 0; i < 2 * tries; ++i) {
      size_t at = random() % (i < tries ? end - begin : file.size() - (end - begin));
      if (i < tries || at >= begin) at += i < tries ? begin : end - begin;
      const uint8_t mask = static_cast<uint8_t>(1u << random() % 8);
      flipped.data()[at] ^= mask;
      ASSERT_TRUE(refused_or_harmless(flipped.data(), flipped.size(), i % 8 == 0))
          << name_of(model) << " byte " << at << " mask " << int{mask};
      flipped.data()[at] ^= mask;
    }
  }
}

// Several faults at once, so that one check cannot rely on another.
TEST(Verify, RandomDamage) {
  std::mt19937 random(2);
  const AlignedBytes& file = small_program(Small::shallow);
  const auto [begin, end] = constants_of(file);
  GuardedMemory damaged(file.size());
  const size_t structure = file.size() - (end - begin);
  for (size_t i = 0; i < (kAddressSanitizer ? 2000 : 20000); ++i) {
    std::memcpy(damaged.data(), file.data(), file.size());
    for (size_t faults = 2 + random() % 6; faults > 0; --faults) {
      size_t at = random() % structure;
      if (at >= begin) at += end - begin;
      damaged.data()[at] = random() % 3
                               ? static_cast<uint8_t>(damaged.data()[at] ^ 1u << random() % 8)
                               : static_cast<uint8_t>(random());
    }
    ASSERT_TRUE(refused_or_harmless(damaged.data(), damaged.size())) << "try " << i;
  }
}

}  // namespace
}  // namespace vitro
