// SPDX-License-Identifier: Apache-2.0
// vitro_top against a softmax in doubles and a stable sort.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vitro/vitro.h"

namespace vitro {

namespace {

class Top : public testing::Test {
 protected:
  Top() {
    std::ifstream file(std::string(VITRO_FROZEN_PROGRAMS) + "/plain.vitro", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    memory_.reset(std::aligned_alloc(
        VITRO_ALIGNMENT, (bytes.size() + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT));
    std::memcpy(memory_.get(), bytes.data(), bytes.size());
    EXPECT_EQ(vitro_open(memory_.get(), bytes.size(), &program_), VITRO_OK);
    classes_ = vitro_class_count(&program_);
    EXPECT_GT(classes_, 3u);
  }

  void compare(const std::vector<float>& logits, size_t count) {
    std::vector<size_t> order(classes_);
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return logits[a] > logits[b]; });
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double{logit} - double{logits[order[0]]});
    const vitro_answer untouched{77, 1, 2, nullptr};
    std::vector<vitro_answer> answers(count + 1, untouched);
    const size_t found = vitro_top(&program_, logits.data(), answers.data(), count);
    ASSERT_EQ(found, std::min(count, classes_));
    EXPECT_EQ(answers[found].index, untouched.index) << "written past the last";
    for (size_t k = 0; k < found; ++k) {
      EXPECT_EQ(answers[k].index, order[k]);
      EXPECT_EQ(answers[k].logit, logits[order[k]]);
      EXPECT_EQ(answers[k].label, vitro_label(&program_, order[k]));
      const double likely = std::exp(double{answers[k].logit} - double{logits[order[0]]}) / sum;
      // The difference of logits is rounded to 2^-24 of up to 87; what is below 2^-125 is 0.
      EXPECT_NEAR(answers[k].probability, likely, 6e-6 * likely + 1e-37);
    }
  }

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  vitro_program program_{};
  size_t classes_ = 0;
};

TEST_F(Top, OfAnyLogits) {
  std::mt19937 random(1);
  for (const float spread : {0.0f, 1e-3f, 1.0f, 10.0f, 200.0f, 1e30f})
    for (int i = 0; i < 20; ++i) {
      std::vector<float> logits(classes_);
      for (float& x : logits) {
        x = spread * (static_cast<float>(random() % 20001) - 10000) / 10000;
        if (i % 4 == 0) x = std::floor(x);  // equal ones
      }
      for (const size_t count : {size_t{1}, size_t{5}, classes_, classes_ + 3})
        compare(logits, count);
    }
}

TEST_F(Top, TheSameBitsEverywhere) {
  std::vector<float> logits(classes_);
  for (size_t i = 0; i < classes_; ++i) logits[i] = static_cast<float>(i * 37 % 64) * 0.13f;
  vitro_answer answers[3];
  ASSERT_EQ(vitro_top(&program_, logits.data(), answers, 3), 3u);
  uint32_t bits[3];
  ASSERT_EQ(classes_, 10u);
  for (size_t k = 0; k < 3; ++k) std::memcpy(&bits[k], &answers[k].probability, 4);
  EXPECT_EQ(bits[0], 1059749265u);
  EXPECT_EQ(bits[1], 1043979062u);
  EXPECT_EQ(bits[2], 1033215891u);
}

TEST_F(Top, Nothing) {
  const std::vector<float> logits(classes_);
  vitro_answer answer;
  EXPECT_EQ(vitro_top(&program_, nullptr, &answer, 1), 0u);  // of a run that was stopped
  EXPECT_EQ(vitro_top(&program_, logits.data(), nullptr, 1), 0u);
  EXPECT_EQ(vitro_top(&program_, logits.data(), &answer, 0), 0u);
  EXPECT_EQ(vitro_top(nullptr, logits.data(), &answer, 1), 0u);
  const vitro_program closed{};
  EXPECT_EQ(vitro_top(&closed, logits.data(), &answer, 1), 0u);
}

}  // namespace

}  // namespace vitro
