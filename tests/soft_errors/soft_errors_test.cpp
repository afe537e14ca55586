// SPDX-License-Identifier: Apache-2.0
// A small campaign: the same flips have the same effects on every machine, and the checks that
// should notice them do.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tests/soft_errors/campaign.h"

namespace vitro::soft_errors {
namespace {

std::vector<uint8_t> read(const std::string& name) {
  std::ifstream file(std::string(VITRO_FROZEN_PROGRAMS) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Subject subject(const std::string& program, const char* isa = "reference") {
  return Subject(read(program + ".vitro"), {read("frog_32.rgb"), read("edges_32.rgb")}, isa);
}

Counts all_of(const std::vector<Counts>& bits) {
  Counts all;
  for (const Counts& bit : bits) all += bit;
  return all;
}

struct Row {
  const char* program;
  Region region;
  size_t outputs, top1, self_test;
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.program << ", " << name_of(row.region);
}

constexpr size_t kFlips = 150;

// With the reference kernels. After these flips the values are still numbers that the law allows,
// except weights of -128. Other regions are not here: with flipped floats, zero points and sums of
// weights, the behaviour may be undefined in C++.
const Row kRows[] = {
    {"sealed", Region::weights, 129, 0, 138}, {"sealed", Region::constant_rows, 76, 2, 117},
    {"sealed", Region::int16_rows, 84, 3, 0}, {"sealed", Region::int8_rows, 39, 0, 0},
    {"static", Region::tables, 42, 10, 61},   {"static", Region::int8_rows, 33, 12, 0},
};

class SoftErrors : public testing::TestWithParam<Row> {};

TEST_P(SoftErrors, HaveTheSameEffectsEverywhere) {
  const Row& row = GetParam();
  Subject shot = subject(row.program);
  const Counts counts = all_of(shoot(shot, row.region, kFlips, 1));
  EXPECT_EQ(counts.flips, kFlips);
  EXPECT_EQ(counts.outputs, row.outputs);
  EXPECT_EQ(counts.top1, row.top1);
  EXPECT_EQ(counts.crashes + counts.hangs + counts.numbers, 0u);
  EXPECT_EQ(counts.self_test, row.self_test);
  EXPECT_EQ(counts.sum, stays(row.region) ? kFlips : 0);
}

INSTANTIATE_TEST_SUITE_P(, SoftErrors, testing::ValuesIn(kRows));

// The law allows every int16, whichever bit flips, so every kernel variant agrees.
TEST(SoftErrorsByIsa, OfInt16AreTheSame) {
  for (const Region region : {Region::constant_rows, Region::int16_rows}) {
    Subject reference = subject("sealed");
    const Counts expected = all_of(shoot(reference, region, kFlips, 2));
    for (size_t i = 0; const char* isa = vitro_isa_name(i); ++i) {
      Subject shot = subject("sealed", isa);
      const Counts counts = all_of(shoot(shot, region, kFlips, 2));
      EXPECT_EQ(counts.outputs, expected.outputs) << isa;
      EXPECT_EQ(counts.top1, expected.top1) << isa;
    }
  }
}

// The expected values are from an implementation of runtime/API.md in Python.
TEST(SoftErrorsNoticed, BySumsThatAreTheSameEverywhere) {
  const Subject sealed = subject("sealed"), of_static = subject("static");
  EXPECT_EQ(vitro_program_sum(&sealed.program(), 0, SIZE_MAX), 0x998d0640b198181u);
  EXPECT_EQ(vitro_program_sum(&of_static.program(), 0, SIZE_MAX), 0xacbfbaaa47bcd765u);
}

// The sums notice a flip of any bit in a program's file or in a session's state.
TEST(SoftErrorsNoticed, ByTheSums) {
  for (const Region region : {Region::structure, Region::session, Region::channel_floats}) {
    Subject shot = subject("sealed");
    const Counts counts = all_of(shoot(shot, region, 40, 3));
    EXPECT_EQ(counts.sum, 40u) << name_of(region);
    if (region != Region::session) {
      EXPECT_GE(counts.digest + counts.crashes, 40u);
    }
  }
}

TEST(SoftErrorsDrawn, MeetEveryBit) {
  Subject shot = subject("static");
  const std::vector<Counts> bits = shoot(shot, Region::tables, kFlips, 4);
  ASSERT_EQ(bits.size(), 8u);
  for (const Counts& bit : bits) EXPECT_GT(bit.flips, 0u);
  EXPECT_EQ(all_of(bits).flips, kFlips);
  Subject dynamic = subject("sealed");
  EXPECT_TRUE(shoot(dynamic, Region::tables, 1, 1).empty());  // it has none
}

TEST(SoftErrorsRefused, WhatIsNoProgramOrPicture) {
  EXPECT_THROW(Subject(std::vector<uint8_t>(100), {}, nullptr), std::runtime_error);
  EXPECT_THROW(Subject(read("sealed.vitro"), {std::vector<uint8_t>(5)}, nullptr),
               std::runtime_error);
  EXPECT_THROW(subject("sealed", "no such"), std::runtime_error);
}

}  // namespace
}  // namespace vitro::soft_errors
