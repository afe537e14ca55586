// SPDX-License-Identifier: Apache-2.0
// Every kernel variant of kernels.def against the reference, by bytes: the model's shapes and the
// nasty small ones, with guards around what is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/core/layout.h"
#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

const KernelTable& reference() {
  const KernelTable* last = nullptr;
  for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i) last = table;
  return *last;
}

// Bytes that a kernel may write, with guards on both sides that it may not.
class Guarded {
 public:
  explicit Guarded(size_t bytes) : bytes_(bytes), data_(bytes + 2 * kGuard + 64, kFill) {}
  uint8_t* get() {
    return data_.data() + kGuard +
           (64 - reinterpret_cast<uintptr_t>(data_.data() + kGuard) % 64) % 64;
  }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(get());
  }
  bool guards_intact() {
    const uint8_t* p = get();
    for (size_t i = 1; i <= kGuard / 2; ++i)
      if (p[-static_cast<ptrdiff_t>(i)] != kFill || p[bytes_ + i - 1] != kFill) return false;
    return true;
  }
  size_t first_difference(Guarded& other) {
    const uint8_t *a = get(), *b = other.get();
    for (size_t i = 0; i < bytes_; ++i)
      if (a[i] != b[i]) return i;
    return bytes_;
  }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kGuard = 256;
  static constexpr uint8_t kFill = 0xa5;
  size_t bytes_;
  std::vector<uint8_t> data_;
};

enum class Values { random, extreme, alternating };

class Source {
 public:
  Source(uint32_t seed, Values values) : generator_(seed), values_(values) {}
  int32_t integer(int32_t lo, int32_t hi) {
    if (values_ == Values::extreme) return (++count_ % 7 == 0) ? lo : hi;
    if (values_ == Values::alternating) return ++count_ % 2 ? lo : hi;
    return std::uniform_int_distribution<int32_t>(lo, hi)(generator_);
  }
  float real(float lo, float hi) {
    return std::uniform_real_distribution<float>(lo, hi)(generator_);
  }

 private:
  std::mt19937 generator_;
  Values values_;
  int count_ = 0;
};

template <class T>
std::vector<T> integers(Source& source, size_t count, int32_t lo, int32_t hi) {
  std::vector<T> values(count);
  for (T& v : values) v = static_cast<T>(source.integer(lo, hi));
  return values;
}

class KernelTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i)
      if (table->isa == GetParam()) table_ = table;
    ASSERT_NE(table_, nullptr);
  }
  const KernelTable* table_ = nullptr;
};

struct LinearShape {
  size_t m, k, n, heads;
};

constexpr LinearOutput kOutputs[] = {LinearOutput::f32,      LinearOutput::s16, LinearOutput::gelu,
                                     LinearOutput::residual, LinearOutput::s8,  LinearOutput::keys,
                                     LinearOutput::values};

void run_linear(const KernelTable& table, const KernelTable& expected, const LinearShape& shape,
                LinearOutput output, Values values, uint32_t seed) {
  Source source(seed, values);
  const size_t n16 = (shape.n + 15) / 16 * 16;
  const auto src = integers<int8_t>(source, shape.m * shape.k, -128, 127);
  auto weights = integers<int8_t>(source, n16 * shape.k, -127, 127);
  std::vector<int32_t> sums(n16);
  for (size_t n = 0; n < n16; ++n)
    for (size_t k = 0; k < shape.k; ++k) {
      int8_t& w = weights[n / 16 * shape.k * 16 + k / 4 * 64 + n % 16 * 4 + k % 4];
      if (n >= shape.n) w = 0;
      sums[n] += w;
    }
  const bool narrow =
      output == LinearOutput::s8 || output == LinearOutput::keys || output == LinearOutput::values;
  std::vector<float> scale(n16), bias(n16);
  for (size_t n = 0; n < shape.n; ++n) {
    scale[n] = source.real(0.5f, 2.0f) * (narrow ? 2e-4f : 2e-2f);
    bias[n] = source.real(-50.0f, 50.0f);
  }
  std::vector<RowParams> rows(shape.m);
  for (RowParams& row : rows)
    row = {source.real(0.1f, values == Values::random ? 1.0f : 1000.0f), source.integer(-128, 127)};

  const size_t tokens = shape.m + 3, first = 2;
  const size_t head_dim = shape.n / shape.heads;
  size_t bytes = shape.m * shape.n * (output == LinearOutput::f32 ? 4 : narrow ? 1 : 2);
  if (output == LinearOutput::keys)
    bytes = tensor_bytes(schema::Format::Keys, tokens, shape.n, shape.heads);
  if (output == LinearOutput::values)
    bytes = tensor_bytes(schema::Format::Values, tokens, shape.n, shape.heads);
  const auto residual = integers<int16_t>(source, shape.m * shape.n, -32768, 32767);
  std::vector<float> addend(shape.m * shape.n);
  for (float& v : addend) v = source.real(-10, 10);

  Guarded got(bytes), want(bytes);
  for (Guarded* dst : {&got, &want}) {
    LinearArgs args{};
    args.src = src.data();
    args.src_rows = rows.data();
    args.m = shape.m;
    args.k = shape.k;
    args.n = shape.n;
    args.weights = weights.data();
    args.scale = scale.data();
    args.bias = bias.data();
    args.weight_sum = sums.data();
    args.output = output;
    args.fraction_bits = static_cast<uint8_t>(6 + seed % 8);
    args.dst = dst->get();
    args.dst_stride = shape.n;
    if (output == LinearOutput::residual) args.addend = residual.data();
    if (output == LinearOutput::f32 && seed % 2) args.addend = addend.data();
    args.first_token = first;
    args.tokens = tokens;
    args.head_dim = head_dim;
    (dst == &got ? table : expected).linear(args);
  }
  const size_t at = got.first_difference(want);
  EXPECT_EQ(at, bytes) << table.isa << " linear m=" << shape.m << " k=" << shape.k
                       << " n=" << shape.n << " heads=" << shape.heads << " output=" << int(output)
                       << " seed=" << seed << " first differing byte " << at;
  EXPECT_TRUE(got.guards_intact())
      << table.isa << " linear wrote outside, n=" << shape.n << " output=" << int(output);
}

TEST_P(KernelTest, LinearEqualsReference) {
  const LinearShape shapes[] = {
      {1, 4, 4, 1},      {1, 8, 12, 1},     {2, 4, 16, 2},     {3, 12, 20, 1},    {5, 60, 36, 3},
      {6, 64, 64, 1},    {7, 64, 68, 1},    {11, 100, 160, 2}, {12, 192, 192, 3}, {13, 48, 132, 1},
      {24, 192, 768, 3}, {25, 768, 192, 3}, {1, 192, 1000, 1}, {5, 588, 208, 13}, {4, 1280, 80, 1},
      {9, 3072, 76, 19}, {3, 516, 21, 1},   {2, 20, 7, 1}};
  uint32_t seed = 1;
  for (const LinearShape& shape : shapes)
    for (const LinearOutput output : kOutputs) {
      if ((output == LinearOutput::keys || output == LinearOutput::values) &&
          shape.n / shape.heads % 4 != 0)
        continue;
      for (const Values values : {Values::random, Values::extreme, Values::alternating})
        run_linear(*table_, reference(), shape, output, values, seed++);
    }
}

// Every int16 through every fraction: GELU is a function of one number, so all of it can be tried.
TEST_P(KernelTest, GeluEqualsReferenceForEveryInput) {
  for (unsigned bits = 6; bits <= 13; ++bits) {
    const size_t n = 65536;
    std::vector<int8_t> src(4, 0), weights(n * 4, 0);
    std::vector<int32_t> sums(n, 0);
    std::vector<float> scale(n, 1.0f), bias(n);
    for (size_t i = 0; i < n; ++i) bias[i] = static_cast<float>(static_cast<int>(i) - 32768);
    const RowParams row{1.0f, 0};
    Guarded got(n * 2), want(n * 2);
    for (Guarded* dst : {&got, &want}) {
      LinearArgs args{};
      args.src = src.data();
      args.src_rows = &row;
      args.m = 1;
      args.k = 4;
      args.n = n;
      args.weights = weights.data();
      args.scale = scale.data();
      args.bias = bias.data();
      args.weight_sum = sums.data();
      args.output = LinearOutput::gelu;
      args.fraction_bits = static_cast<uint8_t>(bits);
      args.dst = dst->get();
      args.dst_stride = n;
      (dst == &got ? *table_ : reference()).linear(args);
    }
    EXPECT_EQ(got.first_difference(want), n * 2) << table_->isa << " fraction bits " << bits;
  }
}

TEST_P(KernelTest, LayerNormEqualsReference) {
  uint32_t seed = 1;
  for (const size_t dim : {1, 4, 7, 12, 16, 20, 29, 36, 64, 100, 192, 384, 768, 1280, 4096})
    for (const size_t m : {1, 2, 7})
      for (const Values values : {Values::random, Values::extreme, Values::alternating})
        for (const int32_t limit : {0, 1, 300, 32767}) {
          Source source(seed++, values);
          const auto src = integers<int16_t>(source, m * dim, -limit - (limit == 32767), limit);
          Guarded got(m * dim), want(m * dim);
          std::vector<RowParams> got_rows(m), want_rows(m);
          reference().layer_norm(
              {src.data(), m, dim, 1234.5f, want.as<int8_t>(), want_rows.data()});
          table_->layer_norm({src.data(), m, dim, 1234.5f, got.as<int8_t>(), got_rows.data()});
          EXPECT_EQ(got.first_difference(want), m * dim)
              << table_->isa << " layer_norm m=" << m << " dim=" << dim << " limit=" << limit;
          EXPECT_EQ(std::memcmp(got_rows.data(), want_rows.data(), m * sizeof(RowParams)), 0)
              << table_->isa << " layer_norm rows, dim=" << dim;
          EXPECT_TRUE(got.guards_intact());
        }
}

TEST_P(KernelTest, QuantiseRowsEqualsReference) {
  uint32_t seed = 1;
  for (const size_t dim : {1, 4, 7, 12, 16, 20, 29, 36, 64, 100, 192, 768, 5120})
    for (const size_t m : {1, 2, 7})
      for (const Values values : {Values::random, Values::extreme, Values::alternating})
        for (const auto& [lo, hi] :
             {std::pair{0, 0}, {0, 1}, {-1, 0}, {-300, 5000}, {5, 9}, {-9, -5}, {-32768, 32767}}) {
          Source source(seed++, values);
          const auto src = integers<int16_t>(source, m * dim, lo, hi);
          Guarded got(m * dim), want(m * dim);
          std::vector<RowParams> got_rows(m), want_rows(m);
          reference().quantise_rows(
              {src.data(), m, dim, 0.037f, want.as<int8_t>(), want_rows.data()});
          table_->quantise_rows({src.data(), m, dim, 0.037f, got.as<int8_t>(), got_rows.data()});
          EXPECT_EQ(got.first_difference(want), m * dim)
              << table_->isa << " quantise_rows m=" << m << " dim=" << dim << " lo=" << lo
              << " hi=" << hi;
          EXPECT_EQ(std::memcmp(got_rows.data(), want_rows.data(), m * sizeof(RowParams)), 0)
              << table_->isa << " quantise_rows rows, dim=" << dim;
          EXPECT_TRUE(got.guards_intact());
        }
}

struct AttentionShape {
  size_t m, tokens, heads, head_dim;
};

TEST_P(KernelTest, AttentionEqualsReference) {
  const AttentionShape shapes[] = {
      {1, 1, 1, 4},    {2, 2, 1, 16},    {3, 5, 2, 12},   {7, 16, 1, 64},
      {5, 17, 3, 20},  {6, 65, 3, 64},   {8, 33, 1, 80},  {13, 197, 3, 64},
      {9, 198, 1, 64}, {12, 208, 2, 48}, {4, 577, 1, 64}, {2, 1370, 1, 64},
      {6, 31, 1, 64},  {6, 32, 1, 64},   {6, 64, 1, 128}, {6, 96, 1, 68}};
  uint32_t seed = 1;
  for (const AttentionShape& shape : shapes)
    for (const Values values : {Values::random, Values::extreme, Values::alternating})
      for (const float score_scale : {0.01f, 0.3f, 500.0f}) {
        Source source(seed++, values);
        const size_t dim = shape.heads * shape.head_dim;
        const auto q = integers<int8_t>(source, shape.m * dim, -128, 127);
        const auto keys = integers<int8_t>(
            source, tensor_bytes(schema::Format::Keys, shape.tokens, dim, shape.heads), -127, 127);
        const auto packed = integers<int8_t>(
            source, tensor_bytes(schema::Format::Values, shape.tokens, dim, shape.heads), -127,
            127);
        const std::vector<float> scales(shape.heads, score_scale);
        Guarded got(shape.m * dim * 2), want(shape.m * dim * 2);
        Guarded workspace(attention_workspace_bytes(shape.tokens));
        reference().attention({q.data(), shape.m, keys.data(), packed.data(), shape.tokens,
                               shape.heads, shape.head_dim, scales.data(), want.as<int16_t>(),
                               workspace.get()});
        table_->attention({q.data(), shape.m, keys.data(), packed.data(), shape.tokens, shape.heads,
                           shape.head_dim, scales.data(), got.as<int16_t>(), workspace.get()});
        EXPECT_EQ(got.first_difference(want), got.bytes())
            << table_->isa << " attention m=" << shape.m << " tokens=" << shape.tokens
            << " heads=" << shape.heads << " head_dim=" << shape.head_dim
            << " values=" << int(values);
        EXPECT_TRUE(got.guards_intact());
        EXPECT_TRUE(workspace.guards_intact())
            << table_->isa << " attention wrote outside its workspace, tokens=" << shape.tokens;
      }
}

TEST_P(KernelTest, AttentionOverAsManyTokensAsAProgramMayHave) {
  constexpr size_t kTokens = 65536, kHeadDim = 16;
  const std::vector<int8_t> q(kHeadDim),
      keys(tensor_bytes(schema::Format::Keys, kTokens, kHeadDim, 1));
  const float scale = 1;
  Guarded workspace(attention_workspace_bytes(kTokens));
  for (const int8_t value : {127, -127}) {  // all scores alike, all sums at their limits
    const std::vector<int8_t> values(tensor_bytes(schema::Format::Values, kTokens, kHeadDim, 1),
                                     value);
    int16_t got[kHeadDim];
    table_->attention({q.data(), 1, keys.data(), values.data(), kTokens, 1, kHeadDim, &scale, got,
                       workspace.get()});
    for (const int16_t average : got) EXPECT_EQ(average, value * 258) << table_->isa;
  }
}

std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (size_t i = 0; const KernelTable* table = kernel_table(i); ++i) names.push_back(table->isa);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Isas, KernelTest, testing::ValuesIn(isas()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace vitro
