// SPDX-License-Identifier: Apache-2.0
// Compares every kernel variant in this build that this CPU runs with the reference.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/runtime/kernels/compare.h"

namespace vitro {
namespace {

std::string g_said;

// Has the memory for cases, at a multiple of 64.
class Kernels : public testing::Test {
 protected:
  Kernels() : bytes_(memory_bytes(List::large) + 64) { g_said.clear(); }
  Comparer comparer() {
    const size_t misaligned = reinterpret_cast<uintptr_t>(bytes_.data()) % 64;
    return {bytes_.data() + 64 - misaligned, memory_bytes(List::large),
            [](const char* text) { g_said += text; }};
  }

 private:
  std::vector<uint8_t> bytes_;
};

TEST_F(Kernels, ReferenceWritesTheSameBytesEverywhere) {
  Comparer frozen = comparer();
  for (const Group group : kAllGroups) frozen.compare(List::frozen, group, "reference");
  EXPECT_EQ(frozen.result().reference_crc, kReferenceCrc);
  EXPECT_EQ(frozen.result().different, 0u) << g_said;
}

// The variants in this build, whether or not this CPU runs them.
std::vector<std::string> isas() {
  std::vector<std::string> names;
  std::istringstream list(VITRO_ISAS " reference");
  for (std::string name; list >> name;) names.push_back(name);
  return names;
}

class Isas : public Kernels, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
      if (table->isa == GetParam()) table_ = table;
    if (!table_) GTEST_SKIP() << "this CPU has no " << GetParam();
  }
  void equals_reference(Group group) {
    Comparer compared = comparer();
    for (const List list : {List::frozen, List::large, List::models, List::terms})
      compared.compare(list, group, table_->isa);
    EXPECT_GT(compared.result().compared, 0u);
    EXPECT_EQ(compared.result().different, 0u) << "of " << compared.result().compared << " calls\n"
                                               << g_said;
  }
  const KernelTable* table_ = nullptr;
};

TEST_P(Isas, LinearEqualsReference) { equals_reference(Group::linear); }
TEST_P(Isas, GeluEqualsReferenceForEveryInput) { equals_reference(Group::gelu); }
TEST_P(Isas, SiluEqualsReferenceForEveryInput) { equals_reference(Group::silu); }
TEST_P(Isas, ElementwiseEqualsReference) { equals_reference(Group::elementwise); }
TEST_P(Isas, RotatePairsEqualsReference) { equals_reference(Group::rotation); }
TEST_P(Isas, NormsEqualReference) { equals_reference(Group::norms); }
TEST_P(Isas, StaticsEqualReference) { equals_reference(Group::statics); }
TEST_P(Isas, RolloutEqualsReference) { equals_reference(Group::rollout); }
TEST_P(Isas, RowsEqualReference) { equals_reference(Group::rows); }
TEST_P(Isas, AttentionEqualsReference) { equals_reference(Group::attention); }
TEST_P(Isas, AttentionWithLeadersEqualsReference) { equals_reference(Group::leaders); }

// All scores are equal and all values at their limits, so that the sums are at their limits too.
TEST_P(Isas, AttentionOverAsManyTokensAsAProgramMayHave) {
  constexpr size_t kTokens = 65536, kHeadDim = 16;
  const std::vector<int8_t> q(kHeadDim), keys(kTokens * kHeadDim);
  const float scale = 1;
  const size_t bytes = attention_workspace_bytes(kTokens);
  std::vector<uint8_t> memory(bytes + 128);
  uint8_t* const workspace = memory.data() + 64 - reinterpret_cast<uintptr_t>(memory.data()) % 64;
  for (const int value : {127, -127}) {
    const std::vector<int8_t> values(kTokens * kHeadDim, static_cast<int8_t>(value));
    int16_t got[kHeadDim];
    AttentionArgs args{};
    args.q = q.data();
    args.m = 1;
    args.keys = keys.data();
    args.values = values.data();
    args.tokens = kTokens;
    args.heads = 1;
    args.head_dim = args.value_dim = kHeadDim;
    args.score_scale = &scale;
    args.dst = got;
    args.workspace = workspace;
    table_->attention(args);
    for (const int16_t average : got) EXPECT_EQ(average, value * 258);
  }
}

INSTANTIATE_TEST_SUITE_P(, Isas, testing::ValuesIn(isas()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace vitro
