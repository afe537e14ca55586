// SPDX-License-Identifier: Apache-2.0
// norm, transpose and affine: every int16 that they write, compared with the law computed a second
// time.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/runtime/op_values.h"
#include "tests/support/small_program.h"

namespace vitro {
namespace {

using schema::Format;

int16_t rounded(double y) {
  return static_cast<int16_t>(std::nearbyint(std::min(std::max(y, -32768.0), 32767.0)));
}

uint64_t channels(HandMade& made, std::vector<float> first, const std::vector<float>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return made.constant(first.data(), first.size() * sizeof(float));
}

TEST(MixingOps, TransposeMovesWholeTensors) {
  for (const auto& [rows, cols] :
       {std::pair<uint32_t, uint32_t>{1, 4}, {3, 8}, {4, 20}, {13, 28}, {49, 36}}) {
    HandMade made(4, 4);
    const Ints x = int16_numbers(rows, rows * cols);
    const uint32_t width = (rows + 3) / 4 * 4;
    schema::TransposeT args;
    args.src = made.rows(x, cols);
    made.step(cols, 5);
    args.dst = made.tensor(Format::S16, cols, width);
    made.op(args);
    const Ints y = run_op(made, args.dst);
    for (uint32_t r = 0; r < cols; ++r)
      for (uint32_t c = 0; c < width; ++c)
        ASSERT_EQ(y[r * width + c], c < rows ? x[c * cols + r] : 0) << r << " " << c;
  }
}

// There must be exactly one row for each column.
TEST(MixingOps, TransposeHasARowForEachColumn) {
  for (const uint32_t rows : {7u, 8u, 9u}) {
    HandMade made(4, 4);
    schema::TransposeT args;
    args.src = made.rows(int16_numbers(1, 4 * 8), 8);
    made.step(rows, rows);
    args.dst = made.tensor(Format::S16, rows, 4);
    made.op(args);
    if (rows == 8) {
      EXPECT_EQ(run_op(made, args.dst).size(), 32u);
      continue;
    }
    made.output("out", schema::OutputKind::Features, made.tensor(Format::F32, 1, 1));
    try {
      made.finish();
      ADD_FAILURE() << rows;
    } catch (const std::runtime_error& refused) {
      EXPECT_STREQ(refused.what(), "an operand of another shape or format than the op takes");
    }
  }
}

TEST(MixingOps, AffineScalesShiftsAndAdds) {
  constexpr uint32_t kRows = 9, kCols = 12;
  // Halves, which are rounded to even; numbers that saturate before the addend, and after it; 0.
  const std::vector<float> scale = {1,        0.5f, -0.5f, 0x1p40f, -0x1p40f, 0x1p-40f,
                                    0.33333f, 0,    2,     -1,      1.75f,    0.001f},
                           shift = {0,        0.5f,     1, -0x1p40f, 0x1p40f, 0.5f,
                                    -0.1234f, 32767.5f, 0, 0.5f,     -100.5f, 0x1p-40f};
  const Ints x = int16_numbers(1, kRows * kCols), onto = int16_numbers(2, kRows * kCols);
  for (const bool adds : {false, true}) {
    HandMade made(4, 4);
    schema::AffineT args;
    args.src = made.rows(x, kCols);
    if (adds) args.addend = static_cast<int32_t>(made.rows(onto, kCols));
    args.channels = channels(made, scale, shift);
    made.step(kRows, 4);
    args.dst = made.tensor(Format::S16, kRows, kCols);
    made.op(args);
    const Ints y = run_op(made, args.dst);
    for (size_t i = 0; i < y.size(); ++i) {
      const float product = static_cast<float>(static_cast<double>(x[i]) *
                                               static_cast<double>(scale[i % kCols])),
                  sum = product + shift[i % kCols];
      const int h = rounded(static_cast<double>(sum));
      const int want = adds ? std::min(std::max(onto[i] + h, -32768), 32767) : h;
      ASSERT_EQ(y[i], want) << i << " " << adds;
    }
  }
}

// What a static linear adds to the residual stream: rounded half to even, saturated at both ends.
TEST(StaticOps, SumsAreRoundedAndSaturated) {
  constexpr uint32_t kRows = 9, kCols = 12;
  Ints steps(kRows * kCols);  // every third int8 and both ends
  for (size_t i = 0; i < steps.size(); ++i)
    steps[i] = static_cast<int16_t>(static_cast<int>(i * 3 % 256) - 128);
  steps.back() = 127;
  const Ints onto = int16_numbers(2, kRows * kCols);
  for (const float scale : {0.5f, 1.5f, 0x1p-40f, 300.25f, 16384.0f}) {
    HandMade made(4, 4);
    schema::StaticQuantiseT quantise;
    schema::StaticAddT args;
    quantise.src = made.rows(steps, kCols);
    quantise.scale = 1;
    args.addend = made.rows(onto, kCols);
    args.scale = scale;
    made.step(kRows, 4);
    quantise.dst = args.src = made.scratch(Format::S8, kCols);
    made.op(quantise);
    args.dst = made.tensor(Format::S16, kRows, kCols);
    made.op(args);
    const Ints y = run_op(made, args.dst);
    size_t saturated = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      const double sum = onto[i] + std::nearbyint(steps[i] * static_cast<double>(scale));
      saturated += sum < -32768 || sum > 32767;
      ASSERT_EQ(y[i], rounded(sum)) << i << " " << scale;
    }
    EXPECT_TRUE(saturated > 0 || scale < 1) << scale;
  }
}

// Compared with the textbook formula in long double.
TEST(MixingOps, NormIsLayerNorm) {
  for (const uint32_t cols : {4u, 12u, 768u}) {
    constexpr uint32_t kRows = 11;
    Ints x = int16_numbers(cols, kRows * cols);
    std::fill_n(x.begin(), cols, int16_t{5});  // a row without variance
    std::vector<float> gamma(cols), beta(cols);
    for (uint32_t c = 0; c < cols; ++c) {
      gamma[c] = static_cast<float>(c % 7) * 300.0f - 900.0f;
      beta[c] = static_cast<float>(c % 5) * 1000.0f - 2000.0f;
    }
    const float epsilon = 0.01f;
    HandMade made(4, 4);
    schema::NormT args;
    args.src = made.rows(x, cols);
    args.epsilon = epsilon * static_cast<float>(cols * cols);
    args.channels = channels(made, gamma, beta);
    made.step(kRows, 4);
    args.dst = made.tensor(Format::S16, kRows, cols);
    made.op(args);
    const Ints y = run_op(made, args.dst);
    for (uint32_t r = 0; r < kRows; ++r) {
      long double mean = 0, variance = 0;
      for (uint32_t c = 0; c < cols; ++c) mean += x[r * cols + c];
      mean /= cols;
      for (uint32_t c = 0; c < cols; ++c)
        variance += (x[r * cols + c] - mean) * (x[r * cols + c] - mean);
      variance /= cols;
      for (uint32_t c = 0; c < cols; ++c) {
        const long double real = (x[r * cols + c] - mean) /
                                     std::sqrt(variance + static_cast<long double>(epsilon)) *
                                     static_cast<long double>(gamma[c]) +
                                 static_cast<long double>(beta[c]);
        ASSERT_NEAR(static_cast<double>(y[r * cols + c]),
                    std::min(std::max(static_cast<double>(real), -32768.0), 32767.0), 0.51)
            << r << " " << c;
      }
    }
  }
}

// The widest row, with extreme values, gammas and betas.
TEST(MixingOps, NormSaturates) {
  constexpr uint32_t kCols = 4096;
  Ints x(kCols, INT16_MIN);
  x[0] = INT16_MAX;  // 64 standard deviations above the rest
  std::vector<float> gamma(kCols, 0x1p-40f), beta(kCols, 0);
  gamma[0] = 100;
  gamma[1] = 0x1p40f, beta[2] = 0x1p40f, gamma[3] = -0x1p40f;
  HandMade made(4, 4);
  schema::NormT args;
  args.src = made.rows(x, kCols);
  args.epsilon = 0x1p-60f;
  args.channels = channels(made, gamma, beta);
  made.step(1, 1);
  args.dst = made.tensor(Format::S16, 1, kCols);
  made.op(args);
  const Ints y = run_op(made, args.dst);
  EXPECT_EQ(y[0], static_cast<int16_t>(std::nearbyint(100 * std::sqrt(4095.0))));
  EXPECT_EQ(y[1], INT16_MIN);
  EXPECT_EQ(y[2], INT16_MAX);
  EXPECT_EQ(y[3], INT16_MAX);
  EXPECT_EQ(y[4], 0);
}

TEST(MixingOps, NormOfTooManyColumns) {
  for (const uint32_t cols : {4096u, 4100u}) {
    HandMade made(4, 4);
    schema::NormT args;
    args.src = made.rows(Ints(cols, 1), cols);
    args.epsilon = 1;
    args.channels = channels(made, std::vector<float>(cols, 1), std::vector<float>(cols, 0));
    made.step(1, 1);
    args.dst = made.tensor(Format::S16, 1, cols);
    made.op(args);
    if (cols == 4096) {
      run_op(made, args.dst);
      continue;
    }
    made.output("all", schema::OutputKind::Features, made.tensor(Format::F32, 1, 1));
    try {
      made.finish();
      ADD_FAILURE() << "accepted";
    } catch (const std::runtime_error& refused) {
      EXPECT_STREQ(refused.what(), "a norm over too many columns");
    }
  }
}

TEST(MixingOps, ProvenanceSaysWhatWasDone) {
  for (const Small model : {Small::mlp_mixer, Small::resmlp, Small::plain}) {
    const std::string said = unpack(small_program(model)).provenance->quantisation;
    EXPECT_EQ(said.find("rotated basis") != std::string::npos, model == Small::plain) << said;
    EXPECT_EQ(said.find("attention") != std::string::npos, model == Small::plain) << said;
  }
}

}  // namespace
}  // namespace vitro
