// SPDX-License-Identifier: Apache-2.0
// Compares the float engine with formulas in double, with a naive ViT, and with PyTorch's logits on
// real photos.
#include "converter/float/executor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>
#include <stb/stb_image.h>

#include "converter/base/npy.h"
#include "converter/matrix/float_ops.h"
#include "converter/passes/fold.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/naive_vit.h"

namespace vitro {

using namespace converter;

namespace {

std::vector<uint8_t> noise(size_t image_size, uint32_t seed) {
  std::vector<uint8_t> pixels(image_size * image_size * 3);
  for (uint8_t& pixel : pixels)
    pixel = static_cast<uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return pixels;
}

TEST(ReferenceOps, Gelu) {
  std::vector<float> x, y;
  for (int i = -200000; i <= 200000; ++i) x.push_back(static_cast<float>(i) * 1e-4f);
  for (const float far : {-1e30f, -100.0f, -0.0f, 1e-30f, 100.0f, 1e30f}) x.push_back(far);
  y.resize(x.size());
  float_ops::gelu(x.data(), x.size(), y.data());
  for (size_t i = 0; i < x.size(); ++i) {
    const double exact = x[i] * std::erfc(-static_cast<double>(x[i]) * std::sqrt(0.5)) / 2;
    ASSERT_NEAR(y[i], exact, 1e-6 + 3e-7 * std::max(0.0f, x[i])) << x[i];
  }
}

TEST(ReferenceOps, GeluByTanhAndSilu) {
  std::vector<float> x;
  for (int i = -200000; i <= 200000; ++i) x.push_back(static_cast<float>(i) * 1e-4f);
  for (const float far : {-1e30f, -100.0f, -0.0f, 1e-30f, 100.0f, 1e30f}) x.push_back(far);
  std::vector<float> gelu(x.size()), silu(x.size());
  float_ops::gelu_by_tanh(x.data(), x.size(), gelu.data());
  float_ops::silu(x.data(), x.size(), silu.data());
  for (size_t i = 0; i < x.size(); ++i) {
    const double d = static_cast<double>(x[i]), room = 3e-7 * std::max(0.25, std::abs(d));
    const double u = 0.7978845608028654 * (d + 0.044715 * d * d * d);
    ASSERT_NEAR(gelu[i], d * (1 + std::tanh(u)) / 2, room) << x[i];
    ASSERT_NEAR(silu[i], d / (1 + std::exp(-d)), room) << x[i];
  }
}

TEST(ReferenceOps, Softmax) {
  for (const size_t cols : {1u, 15u, 16u, 17u, 197u}) {
    std::vector<float> x(3 * cols);
    for (size_t i = 0; i < x.size(); ++i) x[i] = 40 * std::sin(static_cast<float>(i * i));
    std::vector<float> y = x;
    float_ops::softmax(y.data(), 3, cols, 0.25f);
    for (size_t r = 0; r < 3; ++r) {
      double total = 0;
      for (size_t c = 0; c < cols; ++c) total += std::exp(0.25 * x[r * cols + c]);
      for (size_t c = 0; c < cols; ++c)
        ASSERT_NEAR(y[r * cols + c], std::exp(0.25 * x[r * cols + c]) / total, 1e-6);
    }
  }
  float extreme[4] = {-1e30f, 1000, 999, -1000};
  float_ops::softmax(extreme, 1, 4, 1);
  EXPECT_NEAR(extreme[1], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(extreme[0], 0, 1e-30);
}

TEST(ReferenceOps, LayerNormOfALargeMean) {
  const float x[4] = {10001, 10002, 10003, 10004}, gamma[4] = {1, 2, 1, 1}, beta[4] = {0, 0, 0, 5};
  float y[4];
  float_ops::layer_norm(x, 1, 4, gamma, beta, 0, y);
  const double unit = std::sqrt(0.8);
  EXPECT_NEAR(y[0], -1.5 * unit, 1e-6);
  EXPECT_NEAR(y[1], -1.0 * unit, 1e-6);
  EXPECT_NEAR(y[3], 1.5 * unit + 5, 1e-6);
}

TEST(ReferenceTest, RandomModelsAgainstNaiveOnes) {
  for (int variant = 0; variant < 9; ++variant) {
    SCOPED_TRACE(variant);
    RandomVit vit;
    vit.heads = 4;
    vit.distillation = variant == 1;
    vit.mean_pooling = variant == 2 || variant == 3;
    vit.class_token = variant != 3 && variant != 4;
    vit.layer_scale = variant == 5;
    vit.qkv_bias = variant != 6;
    vit.prefix_positions = variant != 7;
    if (variant == 8)
      vit.image = 48, vit.hidden = 40, vit.classes = 1,
      vit.dim = 48;  // 145 tokens: more than one chunk of queries
    const Checkpoint checkpoint = make_checkpoint(vit);
    const Graph graph = vit::build_vit(checkpoint, {vit.heads, 1e-6f});
    const std::vector<uint8_t> pixels = noise(vit.image, 3);
    const std::vector<double> expected = naive_vit(checkpoint, vit, pixels.data());
    const std::vector<float> logits = FloatExecutor(graph).run(pixels.data()).front();
    ASSERT_EQ(logits.size(), expected.size());
    for (size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 2e-5);
  }
}

TEST(ReferenceTest, ObserverSeesEveryValue) {
  RandomVit vit;
  vit.distillation = true;
  const Graph graph = fold(vit::build_vit(make_checkpoint(vit), {2, 1e-6f}));
  FloatExecutor executor(graph);
  std::vector<std::vector<float>> values;
  const std::vector<uint8_t> pixels = noise(16, 5);
  const std::vector<std::vector<float>> outputs =
      executor.run(pixels.data(), [&](size_t node, const float* value) {
        ASSERT_EQ(node, values.size());
        values.emplace_back(value, value + graph.nodes[node].rows * graph.nodes[node].cols);
      });
  ASSERT_EQ(values.size(), graph.nodes.size());
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(values.back(), outputs[0]);
  for (size_t i = 0; i < 48; ++i)
    EXPECT_EQ(values[0][i],
              pixels[(i / 12) * 48 + i % 12]);  // after fold, pixels are not normalised
  for (size_t n = 0; n < values.size(); ++n) {
    if (!graph.nodes[n].is<Add>()) continue;
    const auto &a = values[graph.nodes[n].inputs[0]], &b = values[graph.nodes[n].inputs[1]];
    for (size_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(values[n][i], a[i] + b[i]) << graph.nodes[n].name;
  }
}

TEST(ReferenceTest, RunsAreIndependentAndThreadsShareAGraph) {
  const Graph graph = vit::build_vit(make_checkpoint({}), {2, 1e-6f});
  const std::vector<uint8_t> first = noise(16, 1), second = noise(16, 2);
  FloatExecutor executor(graph);
  const std::vector<float> expected = executor.run(first.data()).front();
  EXPECT_NE(executor.run(second.data()).front(), expected);
  EXPECT_EQ(executor.run(first.data()).front(), expected);
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  threads.reserve(results.size());
  for (std::vector<float>& result : results) {
    threads.emplace_back([&] { result = FloatExecutor(graph).run(first.data()).front(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& result : results) EXPECT_EQ(result, expected);
}

std::vector<size_t> top5(const float* logits, size_t n) {
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::partial_sort(order.begin(), order.begin() + 5, order.end(),
                    [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  order.resize(5);
  return order;
}

TEST(ReferenceTest, LogitsOfRealPhotos) {
  namespace fs = std::filesystem;
  const fs::path data(VITRO_TEST_DATA), crops = data / "photos/ref_crops";
  const fs::path checkpoint = data / "deit_tiny/deit_tiny_patch16_224.safetensors";
  if (!fs::exists(checkpoint) || !fs::exists(crops))
    GTEST_SKIP() << "no test data: " << checkpoint << ", " << crops;
  std::vector<fs::path> pictures;
  for (const auto& entry : fs::directory_iterator(crops)) {
    if (entry.path().extension() == ".png") pictures.push_back(entry.path());
  }
  std::sort(pictures.begin(), pictures.end());  // the rows of logits.npy are in this order
  const Matrix truth = read_npy((crops / "logits.npy").string());
  ASSERT_EQ(truth.rows, pictures.size());
  const Graph graph = vit::build_vit(read_safetensors(checkpoint.string())), folded = fold(graph);
  for (const Graph* g : {&graph, &folded}) {
    FloatExecutor executor(*g);
    float worst = 0;
    for (size_t row = 0; row < pictures.size(); ++row) {
      int width = 0, height = 0, channels = 0;
      uint8_t* pixels = stbi_load(pictures[row].c_str(), &width, &height, &channels, 3);
      ASSERT_TRUE(pixels != nullptr && width == 224 && height == 224) << pictures[row];
      const std::vector<float> logits = executor.run(pixels).front();
      stbi_image_free(pixels);
      ASSERT_EQ(logits.size(), truth.cols);
      for (size_t i = 0; i < logits.size(); ++i)
        worst = std::max(worst, std::fabs(logits[i] - truth.row(row)[i]));
      EXPECT_EQ(top5(logits.data(), logits.size()), top5(truth.row(row), truth.cols))
          << pictures[row];
    }
    EXPECT_LE(worst, 2e-3f);
    std::printf("%s graph: largest difference of a logit %.3g\n", g->folded ? "folded" : "unfolded",
                static_cast<double>(worst));
  }
}

}  // namespace
}  // namespace vitro
