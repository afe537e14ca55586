// SPDX-License-Identifier: Apache-2.0
// Checks that the oracle for programs notices errors: it gets the kernel variants of this machine,
// which agree, and one that errs. The linker redirects every call of kernel_table() to this file.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/kernels/kernels.h"
#include "tests/fuzz/programs/agree.h"

extern "C" const vitro::KernelTable* __real__ZN5vitro12kernel_tableEm(size_t index);
extern "C" const vitro::KernelTable* __wrap__ZN5vitro12kernel_tableEm(size_t index);

namespace vitro::fuzz {

namespace {

const KernelTable* erring = nullptr;

const KernelTable& reference() {
  size_t last = 0;
  while (__real__ZN5vitro12kernel_tableEm(last + 1)) ++last;
  return *__real__ZN5vitro12kernel_tableEm(last);
}

// The reference's kernels; a test replaces one of them.
KernelTable right() {
  KernelTable table = reference();
  table.isa = "erring";
  return table;
}

void one_in_a_sum(const LinearArgs& args) {
  reference().linear(args);
  if (args.output == LinearOutput::residual)
    static_cast<int16_t*>(args.dst)[(args.m - 1) * args.dst_stride + args.n - 1] ^= 1;
}

void last_bit_of_a_logit(const LinearArgs& args) {
  reference().linear(args);
  if (args.output == LinearOutput::f32) *static_cast<uint8_t*>(args.dst) ^= 1;
}

void zero_point(const LayerNormArgs& args) {
  reference().layer_norm(args);
  ++args.dst_rows[args.m - 1].zero_point;
}

void what_lay_there(const AttentionArgs& args) {
  const int16_t before = static_cast<const int16_t*>(args.workspace)[0];
  reference().attention(args);
  if (before & 1) *args.dst ^= 0x4000;
}

void over_its_keys(const AttentionArgs& args) {
  reference().attention(args);
  const_cast<int8_t*>(args.keys)[0] ^= 1;
}

// Correct as long as rows come in order: the error shows only with threads that take them in
// another order.
const int8_t* last_queries = nullptr;

void from_call_to_call(const AttentionArgs& args) {
  reference().attention(args);
  if (args.q < last_queries) *args.dst ^= 0x4000;  // large enough to survive quantisation
  last_queries = args.q;
}

void begin_anew(const LayerNormArgs& args) {
  reference().layer_norm(args);
  last_queries = nullptr;
}

class Oracle : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(VITRO_FROZEN_PROGRAMS "/plain.vitro", std::ios::binary);
    program_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_FALSE(program_.empty());
  }
  void TearDown() override { erring = nullptr; }

  Verdict check() const {
    return check_program(reinterpret_cast<const uint8_t*>(program_.data()), program_.size(),
                         {1e7, size_t{8} << 20});
  }
  void expect_noticed(const KernelTable& table, const char* how) {
    erring = &table;
    EXPECT_DEATH(check(), std::string("FOUND: erring.*") + how);
  }

  std::vector<char> program_;
};

TEST_F(Oracle, AgreesWhereAllAreRight) {
  const KernelTable table = right();
  erring = &table;
  EXPECT_EQ(check(), Verdict::agreed);
}

TEST_F(Oracle, NoticesOneBitOfOneValue) {
  KernelTable table = right();
  table.linear = one_in_a_sum;
  expect_noticed(table, "differs from the reference's; ops.*Linear");
}

TEST_F(Oracle, NoticesTheLastBitOfALogit) {
  KernelTable table = right();
  table.linear = last_bit_of_a_logit;
  expect_noticed(table, "differs from the reference's; ops.*Linear");
}

TEST_F(Oracle, NoticesParametersOfARow) {
  KernelTable table = right();
  table.layer_norm = zero_point;
  expect_noticed(table, "differs from the reference's");
}

TEST_F(Oracle, NoticesWhatNobodyWrote) {
  KernelTable table = right();
  table.attention = what_lay_there;
  expect_noticed(table, "differs from the reference's; ops.*Attention");
}

TEST_F(Oracle, NoticesAnOperandThatIsWritten) {
  KernelTable table = right();
  table.attention = over_its_keys;
  expect_noticed(table, "changes the arena beside its destinations");
}

TEST_F(Oracle, NoticesTheOrderOfCalls) {
  KernelTable table = right();
  table.attention = from_call_to_call;
  table.layer_norm = begin_anew;
  expect_noticed(table, "3 threads.*differs from the reference's; ops.*Attention");
}

}  // namespace

}  // namespace vitro::fuzz

// The erring variant comes first, then those of the machine.
extern "C" const vitro::KernelTable* __wrap__ZN5vitro12kernel_tableEm(size_t index) {
  if (!vitro::fuzz::erring) return __real__ZN5vitro12kernel_tableEm(index);
  return index == 0 ? vitro::fuzz::erring : __real__ZN5vitro12kernel_tableEm(index - 1);
}
