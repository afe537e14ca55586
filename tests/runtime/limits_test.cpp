// SPDX-License-Identifier: Apache-2.0
// The largest shapes that the verifier accepts, with extreme values: no sum overflows, and all
// variants agree. Anything larger is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "converter/plan/plan.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law.h"
#include "tests/support/run_program.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace converter;

namespace {

using schema::Format;
using schema::Storage;

// Makes a program op by op; it does not read the picture.
class Maker {
 public:
  Maker() { draft.program.input = draft.add_tensor("picture", Format::U8, Storage::Arena, 8, 24); }

  // An S16 tensor in the arena, with extreme values in runs of different lengths.
  uint32_t extremes(size_t rows, size_t cols) {
    std::vector<int16_t> values(rows * cols);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = i % 7 < 3 || i / cols % 3 == 2 ? INT16_MAX : INT16_MIN;
    schema::CopyT copy;
    copy.src = draft.add_constant_tensor("extremes", Format::S16, rows, cols, values.data());
    copy.dst = draft.add_tensor("x", Format::S16, Storage::Arena, rows, cols);
    draft.begin_step("copy", rows);
    draft.add_op("copy", copy, {copy.src}, {copy.dst});
    return copy.dst;
  }

  template <class Args>
  uint32_t row_op(const char* name, Args args, uint32_t src, Format format, size_t rows,
                  size_t cols) {
    args.src = src;
    args.dst = draft.add_tensor(
        name, format, format == Format::RowS8 ? Storage::Scratch : Storage::Arena, rows, cols);
    draft.add_op(name, args, {args.src}, {args.dst});
    return args.dst;
  }

  uint32_t linear(const char* name, uint32_t src, size_t k, Format format, size_t rows, size_t n,
                  float scale, float bias = 0) {
    const size_t channels = (n + 15) / 16 * 16;
    std::vector<int8_t> weights(channels * k);
    std::vector<float> floats(channels * 2, 0.0f);
    std::vector<int32_t> sums(channels, 0);
    std::fill_n(floats.begin(), channels, scale);
    std::fill_n(floats.begin() + static_cast<ptrdiff_t>(channels), channels, bias);
    for (size_t c = 0; c < channels; ++c)
      for (size_t i = 0; i < k; ++i) {
        const int w = c % 4 == 0 ? 127 : c % 4 == 1 ? -127 : i % 2 ? 127 : -127;
        weights[law::weight_offset(k, c, i)] = static_cast<int8_t>(w);
        sums[c] += w;
      }
    schema::LinearT args;
    args.weights = draft.add_constant(weights);
    std::vector<uint8_t> bytes(channels * 12);
    std::memcpy(bytes.data(), floats.data(), channels * 8);
    std::memcpy(bytes.data() + channels * 8, sums.data(), channels * 4);
    args.channels = draft.add_constant(bytes);
    args.src = src;
    args.dst = draft.add_tensor(name, format, Storage::Arena, rows, n);
    draft.add_op(name, args, {args.src}, {args.dst});
    return args.dst;
  }

  AlignedBytes finish(uint32_t fixed, size_t cols) {
    draft.begin_step("logits", 1);
    schema::QuantiseRowsT quantise;
    quantise.unit = 0x1p-10f;
    draft.program.output = linear("logits", row_op("rows", quantise, fixed, Format::RowS8, 1, cols),
                                  cols, Format::F32, 1, 7, 0x1p-10f);
    plan_memory(draft);
    draft.program.version = 2;
    draft.program.residual_scale = 1;
    draft.program.preprocessing = std::make_unique<schema::PreprocessingT>();
    auto& p = *draft.program.preprocessing;
    p.image_size = p.resize = 8;
    p.mean = p.std = {0.5f, 0.5f, 0.5f};
    return pack(draft.program);
  }

  Draft draft;
};

void expect_same_everywhere(const AlignedBytes& file) {
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK)
      << (program.fault ? program.fault : "");
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  ASSERT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i) {
    options.isa = vitro_isa_name(i);
    options.threads = 5;
    options.arena_byte = 0x80;
    const RunResult result = run_program(program, options);
    EXPECT_EQ(result.fault, "");
    EXPECT_EQ(result.logits, expected.logits) << options.isa;
  }
}

void expect_refused(const AlignedBytes& file, const char* fault) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_CORRUPT);
  EXPECT_STREQ(program.fault, fault);
}

AlignedBytes with_attention(size_t tokens, float value_scale, size_t dim = 64) {
  Maker maker;
  const uint32_t x = maker.extremes(tokens, dim);
  maker.draft.begin_step("qkv", tokens);
  schema::LayerNormT norm;
  norm.epsilon = 1;
  const uint32_t rows = maker.row_op("norm", norm, x, Format::RowS8, tokens, dim);
  schema::AttentionT attention;
  attention.q = maker.linear("q", rows, dim, Format::S8, tokens, dim, 1);
  attention.k = maker.linear("k", rows, dim, Format::Keys, tokens, dim,
                             0x1p-40f);  // all scores are equal, so all weights are the largest
  attention.v = maker.linear("v", rows, dim, Format::Values, tokens, dim, 1, value_scale);
  attention.score_scale = {1};
  const uint32_t dst = attention.dst =
      maker.draft.add_tensor("attention", Format::S16, Storage::Arena, tokens, dim);
  maker.draft.begin_step("attention", tokens);
  maker.draft.add_op("attention", attention, {attention.q, attention.k, attention.v}, {dst},
                     attention_workspace_bytes(tokens));
  return maker.finish(maker.draft.add_view("first", dst, 0, 1), dim);
}

TEST(Limits, TokensOfAttention) {
  const AlignedBytes most = with_attention(65536, 0x1p40f);
  vitro_program program;
  EXPECT_EQ(vitro_open(most.data(), most.size(), &program), VITRO_OK)
      << program.fault;  // kernels_test computes with this many tokens
  expect_refused(with_attention(65537, 0x1p40f), "attention over too many tokens");
  expect_same_everywhere(with_attention(1033, -0x1p40f));
  expect_same_everywhere(with_attention(1, -0x1p40f));
}

TEST(Limits, ColumnsOfAHead) {
  expect_same_everywhere(with_attention(37, -0x1p40f, 512));
  expect_refused(with_attention(37, -0x1p40f, 516), "attention heads of an impossible size");
}

TEST(Limits, ColumnsOfLayerNorm) {
  for (const size_t dim : {4096, 4100}) {
    Maker maker;
    const uint32_t x = maker.extremes(3, dim);
    maker.draft.begin_step("norm", 3);
    schema::LayerNormT norm;
    norm.epsilon = 0x1p-60f;
    const uint32_t rows = maker.row_op("norm", norm, x, Format::RowS8, 3, dim);
    const uint32_t fixed = maker.linear("fixed", rows, dim, Format::S16, 3, 64, 1);
    const AlignedBytes file = maker.finish(maker.draft.add_view("last", fixed, 2, 1), 64);
    if (dim == 4096)
      expect_same_everywhere(file);
    else
      expect_refused(file, "a norm over too many columns");
  }
}

TEST(Limits, ColumnsOfStaticNorm) {
  for (const size_t dim : {4096, 4100}) {
    Maker maker;
    const uint32_t x = maker.extremes(3, dim);
    maker.draft.begin_step("norm", 3);
    schema::StaticNormT norm;
    norm.epsilon = 0x1p-60f;
    norm.scale = 0x1p15f;  // the largest: the outputs fit int8 only because they are clamped
    norm.zero_point = -128;
    const uint32_t rows = maker.row_op("norm", norm, x, Format::S8, 3, dim);
    const uint32_t linear = maker.linear("linear", rows, dim, Format::S8, 3, 64, 0x1p-16f, 128);
    schema::StaticAddT add;
    add.scale = 0x1p14f;
    const std::vector<int16_t> zero(3 * 64, -1);
    add.addend = maker.draft.add_constant_tensor("zero", Format::S16, 3, 64, zero.data());
    const uint32_t sum = maker.row_op("sum", add, linear, Format::S16, 3, 64);
    schema::StaticQuantiseT quantise;
    quantise.scale = 64;
    quantise.zero_point = 127;
    const uint32_t bytes = maker.row_op("bytes", quantise, sum, Format::S8, 3, 64);
    std::vector<int8_t> table(256);
    for (size_t i = 0; i < 256; ++i) table[i] = static_cast<int8_t>(i * 77);
    schema::LookupT lookup;
    lookup.table = maker.draft.add_constant(table);
    const uint32_t other = maker.row_op("other", lookup, bytes, Format::S8, 3, 64);
    add.scale = 0x1p-40f;
    const AlignedBytes file = maker.finish(
        maker.draft.add_view("last", maker.row_op("again", add, other, Format::S16, 3, 64), 2, 1),
        64);
    if (dim == 4096)
      expect_same_everywhere(file);
    else
      expect_refused(file, "a norm over too many columns");
  }
}

TEST(Limits, DepthOfLinear) {
  for (const size_t depth : {32768, 32772}) {
    Maker maker;
    const AlignedBytes file = maker.finish(maker.extremes(1, depth), depth);
    if (depth == 32768)
      expect_same_everywhere(file);
    else
      expect_refused(file, "the depth of a linear is too large or not a multiple of 4");
  }
}

TEST(Limits, RowsOfMeanRows) {
  for (const size_t rows : {32768, 32769}) {
    Maker maker;
    const uint32_t x = maker.extremes(rows, 4);
    maker.draft.begin_step("mean", 1);
    schema::MeanRowsT mean;
    mean.reciprocal = 1;  // deliberately wrong: the clamp must work
    const AlignedBytes file = maker.finish(maker.row_op("mean", mean, x, Format::S16, 1, 4), 4);
    if (rows == 32768)
      expect_same_everywhere(file);
    else
      expect_refused(file, "mean_rows over too many rows");
  }
}

TEST(Limits, SmallestShapes) {
  Maker maker;
  expect_same_everywhere(maker.finish(maker.extremes(1, 4), 4));
}

}  // namespace
}  // namespace vitro
