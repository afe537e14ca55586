// SPDX-License-Identifier: Apache-2.0
// An oracle that we did not write: XNNPACK's int8 1x1 convolution with a scale for each channel
// must give the same bytes as `linear` with one static scale.
//
// It multiplies in float32 and rounds half to even, as the law does. Its bias is an integer in the
// sums, ours is a float after the scale. With the exact scales of static linears this makes no
// difference; with other scales, the test sets both biases to 0.
#include <gtest/gtest.h>
#include <xnnpack.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law.h"

namespace vitro {
namespace {

struct Shape {
  size_t m, k, n;
};

class XnnpackOracle : public testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
    std::mt19937 random(static_cast<unsigned>(shape_.k * 1000 + shape_.n));
    src_.resize(shape_.m * shape_.k);
    weights_.resize(shape_.n * shape_.k);
    for (int8_t& v : src_) v = static_cast<int8_t>(random() % 256 - 128);
    for (int8_t& v : weights_) v = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    // Outputs fill the range of int8 and exceed it, so that both implementations saturate.
    std::uniform_real_distribution<float> scale(0.004f, 0.03f);
    for (size_t i = 0; i < shape_.n; ++i)
      scale_.push_back(scale(random) / std::sqrt(static_cast<float>(shape_.k)));
  }

  // Makes the scales multiples of 2^-16, and the biases smaller than 128 steps of the output.
  void make_exact() {
    exact_ = true;
    std::mt19937 random(static_cast<unsigned>(shape_.k));
    for (size_t n = 0; n < shape_.n; ++n) {
      scale_[n] = std::ceil(scale_[n] * 65536.0f) / 65536.0f;
      bias_[n] = static_cast<int32_t>(random() % 250) * static_cast<int32_t>(1 / scale_[n]) / 2 -
                 static_cast<int32_t>(62 / scale_[n]);
    }
  }

  std::vector<int8_t> by_xnnpack(int8_t zero_point) {
    xnn_operator_t op = nullptr;
    const std::vector<int32_t>& bias = bias_;
    EXPECT_EQ(
        xnn_create_convolution2d_nhwc_qc8(0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, shape_.k, shape_.n,
                                          shape_.k, shape_.n, zero_point, 1.0f, scale_.data(),
                                          weights_.data(), bias.data(), 0, 1.0f, -127, 127, 0, &op),
        xnn_status_success);
    std::vector<int8_t> src = src_, dst(shape_.m * shape_.n);
    src.resize(src.size() + XNN_EXTRA_BYTES);
    EXPECT_EQ(xnn_setup_convolution2d_nhwc_qc8(op, 1, shape_.m, 1, src.data(), dst.data(), nullptr),
              xnn_status_success);
    EXPECT_EQ(xnn_run_operator(op, nullptr), xnn_status_success);
    xnn_delete_operator(op);
    return dst;
  }

  std::vector<int8_t> by(const KernelTable& table, int8_t zero_point) {
    const size_t channels = (shape_.n + 15) / 16 * 16;
    std::vector<int8_t> packed(channels * shape_.k, 0), dst(shape_.m * shape_.n);
    std::vector<float> scale = scale_, bias(channels, 0.0f);
    std::vector<int32_t> weight_sum(channels, 0);
    scale.resize(channels);
    for (size_t n = 0; n < shape_.n; ++n) bias[n] = static_cast<float>(bias_[n]) * scale_[n];
    for (size_t n = 0; n < shape_.n; ++n)
      for (size_t k = 0; k < shape_.k; ++k) {
        const int8_t w = weights_[n * shape_.k + k];
        packed[law::weight_offset(shape_.k, n, k)] = w;
        weight_sum[n] += w;
      }
    const std::vector<RowParams> rows(shape_.m, RowParams{1.0f, zero_point});
    LinearArgs args{};
    args.src = src_.data(), args.src_rows = rows.data(), args.m = shape_.m, args.k = shape_.k,
    args.n = shape_.n;
    args.weights = packed.data(), args.scale = scale.data(), args.bias = bias.data(),
    args.weight_sum = weight_sum.data();
    args.is_static = exact_;
    args.output = LinearOutput::s8, args.dst = dst.data(), args.dst_stride = shape_.n;
    table.linear(args);
    return dst;
  }

  const Shape shape_ = GetParam();
  std::vector<int8_t> src_, weights_;
  std::vector<float> scale_;
  bool exact_ = false;
  std::vector<int32_t> bias_ = std::vector<int32_t>(shape_.n, 0);
};

TEST_P(XnnpackOracle, GivesTheSameBytes) {
  for (const int zero : {0, 3, -128, 127}) {
    const auto zero_point = static_cast<int8_t>(zero);
    const std::vector<int8_t> want = by_xnnpack(zero_point);
    for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
      EXPECT_EQ(by(*table, zero_point), want)
          << table->isa << ", zero point " << static_cast<int>(zero_point);
  }
}

TEST_P(XnnpackOracle, GivesTheSameBytesWithExactScalesAndBiases) {
  make_exact();
  for (const int zero : {0, -77, 127}) {
    const auto zero_point = static_cast<int8_t>(zero);
    const std::vector<int8_t> want = by_xnnpack(zero_point);
    for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
      EXPECT_EQ(by(*table, zero_point), want)
          << table->isa << ", zero point " << static_cast<int>(zero_point);
  }
}

// DeiT-Ti's linears on a few rows, and shapes that do not fill a tile.
INSTANTIATE_TEST_SUITE_P(Shapes, XnnpackOracle,
                         testing::Values(Shape{48, 192, 192}, Shape{29, 192, 768},
                                         Shape{31, 768, 192}, Shape{1, 192, 1000}, Shape{7, 20, 13},
                                         Shape{13, 516, 21}, Shape{2, 4, 1}),
                         [](const auto& info) {
                           return std::to_string(info.param.m) + "x" +
                                  std::to_string(info.param.k) + "x" + std::to_string(info.param.n);
                         });

}  // namespace
}  // namespace vitro
