// SPDX-License-Identifier: Apache-2.0
// What the verifier finds in a panel of weights, with words and with vectors, compared with plain
// sums.
#include "runtime/ops/weights.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace vitro {
namespace {

void expect_facts(const std::vector<int8_t>& panel) {
  const uint32_t k = static_cast<uint32_t>(panel.size() / 16);
  PanelFacts expected = {};
  for (size_t i = 0; i < panel.size(); ++i) {
    expected.sums[i / 4 % 16] += static_cast<uint32_t>(panel[i] + 128);
    expected.has_lowest |= panel[i] == -128;
  }
  std::vector<PanelFacts> both = {panel_facts_by_words(panel.data(), k),
                                  panel_facts(panel.data(), k)};
  for (const PanelFacts& facts : both) {
    EXPECT_EQ(facts.has_lowest, expected.has_lowest);
    for (int i = 0; i < 16; ++i) ASSERT_EQ(facts.sums[i], expected.sums[i]) << i;
  }
}

TEST(Weights, SumsOfRandomPanels) {
  std::mt19937 random(1);
  for (const uint32_t k : {4u, 8u, 508u, 512u, 516u, 1024u, 3072u}) {
    std::vector<int8_t> panel(16 * size_t{k});
    for (int8_t& w : panel) w = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    expect_facts(panel);
  }
}

TEST(Weights, SumsOfTheExtremes) {
  for (const int all : {-128, -127, 0, 127})
    expect_facts(std::vector<int8_t>(16 * 32768, static_cast<int8_t>(all)));
}

// In each byte, beside weights of any value.
TEST(Weights, TheLowestIsFoundAnywhere) {
  constexpr size_t kSize = 16 * 516;
  for (const int others : {-127, -126, -1, 0, 1, 127}) {
    std::vector<int8_t> panel(kSize, static_cast<int8_t>(others));
    for (const size_t at : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{63}, size_t{64},
                            kSize - 65, kSize - 64, kSize - 1}) {
      panel[at] = -128;
      expect_facts(panel);
      panel[at] = static_cast<int8_t>(others);
    }
    expect_facts(panel);
  }
}

}  // namespace
}  // namespace vitro
