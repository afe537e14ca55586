// SPDX-License-Identifier: Apache-2.0
// Attention with a bias and with regions, with keys and values that heads share, with values of
// another width, and with constant queries: each compared with plain attention that must give the
// same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"

namespace vitro::biased_attention_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kTokens = 9, kHeads = 2, kHeadDim = 12, kPadded = 16;

struct Shape {
  uint32_t groups = 1, value_dim = kHeadDim, key_heads = kHeads, value_heads = kHeads;
  bool constant_queries = false;
};

struct Terms {
  std::vector<int16_t> bias;  // [heads][tokens][padded]
  std::vector<uint8_t> shift, regions;
  bool any() const { return !shift.empty() || !regions.empty(); }
};

std::vector<int8_t> bytes_of(uint32_t seed, size_t count) {
  const Ints wide = int16_numbers(seed, count);
  std::vector<int8_t> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<int8_t>(wide[i] % 128);
  return bytes;
}

constexpr float kScoreScale = 0.125f;

/// Constant int8 queries, or int8 rows that a static quantisation makes of the same numbers; keys
/// and values that linears make of random rows. Ends with the attention.
HandMade attention(const Shape& shape, const Terms& terms,
                   std::vector<float> score_scale = {kScoreScale, 2 * kScoreScale}) {
  HandMade made(4, 4);
  const uint32_t rows = shape.groups * kTokens, depth = 24;
  const std::vector<int8_t> queries = bytes_of(9, size_t{rows} * kHeads * kHeadDim);
  schema::AttentionT a;
  const uint32_t x = made.rows(int16_numbers(1, size_t{rows} * depth), depth);
  const auto packed = [&](Format format, uint32_t heads, uint32_t dim) {
    const uint32_t t = made.tensor(format, rows, heads * dim, shape.groups);
    made.program.tensors[t]->heads = heads;
    return t;
  };
  a.k = packed(Format::Keys, shape.key_heads, kHeadDim);
  a.v = packed(Format::Values, shape.value_heads, shape.value_dim);
  made.tensor(Format::S8, rows + 3, 64);  // room for what pads each head of the values
  made.step(rows, 5);
  schema::LayerNormT norm;
  norm.src = x, norm.dst = made.scratch(Format::RowS8, depth), norm.epsilon = 1;
  made.op(norm);
  made.linear(norm.dst, a.k, bytes_of(2, size_t{shape.key_heads} * kHeadDim * depth), 0x1p-5f);
  made.linear(norm.dst, a.v, bytes_of(3, size_t{shape.value_heads} * shape.value_dim * depth),
              0x1p-5f);
  a.q = made.tensor(Format::S8, rows, kHeads * kHeadDim);
  if (shape.constant_queries) {
    made.program.tensors[a.q]->storage = schema::Storage::Constant;
    made.program.tensors[a.q]->offset = made.constant(queries.data(), queries.size());
  } else {
    schema::StaticQuantiseT quantise;
    quantise.src = made.rows(Ints(queries.begin(), queries.end()), kHeads * kHeadDim);
    quantise.dst = a.q, quantise.scale = 1;
    made.step(rows, rows);
    made.op(quantise);
  }
  made.step(rows, 4);
  a.score_scale = std::move(score_scale);
  a.workspace = made.workspace(attention_workspace_bytes(kTokens));
  a.dst = made.tensor(Format::S16, rows, kHeads * shape.value_dim);
  if (!terms.any()) {
    made.op(a);
    return made;
  }
  schema::BiasedAttentionT b;
  b.attention = std::make_unique<schema::AttentionT>(a);
  b.bias_shift = terms.shift;
  b.bias = made.constant(terms.bias.data(), terms.bias.size() * sizeof(int16_t));
  b.has_regions = !terms.regions.empty();
  b.regions = made.constant(terms.regions.data(), terms.regions.size());
  made.op(std::move(b));
  return made;
}

schema::AttentionT& attention_of(ProgramT& p) {
  schema::OpArgsUnion& args = p.steps.back()->ops.back()->args;
  return args.AsBiasedAttention() ? *args.AsBiasedAttention()->attention : *args.AsAttention();
}

Ints result_of(HandMade made) {
  const uint32_t dst = attention_of(made.program).dst;
  return run_op(made, dst);
}

Terms biased(int16_t value, uint8_t shift) {
  Terms terms;
  terms.bias.assign(kHeads * kTokens * kPadded, value);
  terms.shift.assign(kHeads, shift);
  return terms;
}

// The softmax sees differences alone.
TEST(BiasedAttention, ABiasOfAllKeysIsNone) {
  const Ints plain = result_of(attention({}, {}));
  for (const uint8_t shift : {0, 3, 9})
    for (const int16_t value : {-32768, -1, 0, 77, 32767})
      EXPECT_EQ(result_of(attention({}, biased(value, shift))), plain) << value << " " << +shift;
}

// A key that every query is told to read, by a bias beyond all products: its values come out.
TEST(BiasedAttention, ABiasChoosesAKeyOfItsHeadAndQuery) {
  Terms terms = biased(-32768, 4);
  const auto chosen = [](uint32_t head, uint32_t query) { return (query * 4 + head) % kTokens; };
  for (uint32_t h = 0; h < kHeads; ++h)
    for (uint32_t i = 0; i < kTokens; ++i)
      terms.bias[(h * kTokens + i) * kPadded + chosen(h, i)] = 32767;
  const Ints got = result_of(attention({}, terms));
  for (uint32_t h = 0; h < kHeads; ++h)
    for (uint32_t i = 1; i < kTokens; ++i)
      for (uint32_t other = 0; other < i; ++other) {
        const auto at = [&](uint32_t query) {
          return got.begin() + static_cast<ptrdiff_t>((query * kHeads + h) * kHeadDim);
        };
        EXPECT_EQ(std::equal(at(i), at(i) + kHeadDim, at(other)), chosen(h, i) == chosen(h, other))
            << h << " " << i << " " << other;
      }
  for (const int16_t value : got) EXPECT_EQ(value % 258, 0) << value;  // one value, alone
}

// Regions of three tokens each: as if each were a group of its own.
TEST(BiasedAttention, RegionsAreGroups) {
  Terms terms, all;
  for (uint32_t j = 0; j < kTokens; ++j) terms.regions.push_back(static_cast<uint8_t>(200 + j / 3));
  // The same by a bias: far below for other regions. Scales that tell regions' weights apart.
  all = biased(0, 9);
  for (uint32_t h = 0; h < kHeads; ++h)
    for (uint32_t i = 0; i < kTokens; ++i)
      for (uint32_t j = 0; j < kTokens; ++j)
        if (i / 3 != j / 3) all.bias[(h * kTokens + i) * kPadded + j] = -32768;
  EXPECT_EQ(result_of(attention({}, terms)), result_of(attention({}, all)));
  EXPECT_NE(result_of(attention({}, terms)), result_of(attention({}, {})));
  Terms one;
  one.regions.assign(kTokens, 5);
  EXPECT_EQ(result_of(attention({}, one)), result_of(attention({}, {})));
  // With the smallest scale, too, no other region weighs anything: each alone gives its own value.
  Terms alone;
  for (uint32_t j = 0; j < kTokens; ++j) alone.regions.push_back(static_cast<uint8_t>(j));
  EXPECT_EQ(result_of(attention({}, alone, {kRegionScale, kRegionScale})),
            result_of(attention({}, alone)));
  for (const int16_t value : result_of(attention({}, alone))) EXPECT_EQ(value % 258, 0);
}

// Each group has its own regions and the common bias.
TEST(BiasedAttention, GroupsHaveTheirOwnRegions) {
  Terms terms = biased(0, 2);
  for (size_t i = 0; i < terms.bias.size(); ++i)
    terms.bias[i] = static_cast<int16_t>(i * 7919 % 4001 - 2000);
  for (uint32_t r = 0; r < 2 * kTokens; ++r)
    terms.regions.push_back(static_cast<uint8_t>(r < kTokens ? r / 5 : r % 2));
  Shape shape;
  shape.groups = 2;
  const Ints both = result_of(attention(shape, terms));
  std::swap_ranges(terms.regions.begin(), terms.regions.begin() + kTokens,
                   terms.regions.begin() + kTokens);
  const Ints swapped = result_of(attention(shape, terms));
  EXPECT_NE(both, swapped);
}

// One head of keys and values is as two that are alike.
TEST(BiasedAttention, SharedKeysAndValuesAreTheFirstHead) {
  for (const bool keys : {true, false}) {
    Shape shared;
    (keys ? shared.key_heads : shared.value_heads) = 1;
    HandMade made = attention(shared, {});
    HandMade twice = attention({}, {});
    // The second head's weights are the first's.
    const schema::LinearT& linear = *twice.program.steps[1]->ops[keys ? 1 : 2]->args.AsLinear();
    const std::vector<int8_t> first =
        bytes_of(keys ? 2 : 3, size_t{kHeadDim} * 24);  // the same numbers as of one head
    std::vector<int8_t> weights = first;
    weights.insert(weights.end(), first.begin(), first.end());
    HandMade of_weights(4, 4);
    const uint32_t src = of_weights.rows(Ints(24, 1), 24);
    of_weights.step(1, 1);
    schema::LayerNormT norm;
    norm.src = src, norm.dst = of_weights.scratch(Format::RowS8, 24), norm.epsilon = 1;
    of_weights.op(norm);
    of_weights.linear(norm.dst, of_weights.tensor(Format::S8, 1, 24), weights, 0x1p-5f);
    const schema::LinearT& packed = *of_weights.program.steps.back()->ops.back()->args.AsLinear();
    const auto copy = [&](uint64_t from, uint64_t to, size_t count) {
      std::copy_n(of_weights.program.constants.begin() + static_cast<ptrdiff_t>(from), count,
                  twice.program.constants.begin() + static_cast<ptrdiff_t>(to));
    };
    copy(packed.weights, linear.weights, 32 * 24);
    copy(packed.channels, linear.channels, 32 * 12);
    EXPECT_EQ(result_of(std::move(made)), result_of(std::move(twice))) << keys;
  }
}

// Values of other widths: the columns that both have are the same.
TEST(BiasedAttention, ValuesMayBeWiderAndNarrower) {
  const Ints plain = result_of(attention({}, {}));
  for (const uint32_t width : {4u, 8u, 16u, 20u, 100u}) {
    Shape shape;
    shape.value_dim = width;
    shape.value_heads = 1;  // so that the first columns have the same weights
    Shape same;
    same.value_heads = 1;
    const Ints got = result_of(attention(shape, {})), want = result_of(attention(same, {}));
    for (uint32_t r = 0; r < kTokens * kHeads; ++r)
      for (uint32_t c = 0; c < std::min(width, kHeadDim); ++c)
        ASSERT_EQ(got[r * width + c], want[r * kHeadDim + c]) << width << " " << r << " " << c;
  }
}

TEST(BiasedAttention, QueriesMayBeConstant) {
  Shape shape;
  const Ints plain = result_of(attention(shape, {}));
  shape.constant_queries = true;
  EXPECT_EQ(result_of(attention(shape, {})), plain);
}

TEST(BiasedAttention, EveryIsaAndTileGivesTheSameBytes) {
  Terms terms = biased(0, 1);
  for (size_t i = 0; i < terms.bias.size(); ++i)
    terms.bias[i] = static_cast<int16_t>(i * 104729 % 60001 - 30000);
  for (uint32_t r = 0; r < 3 * kTokens; ++r)
    terms.regions.push_back(static_cast<uint8_t>(r * 5 / kTokens % 3));
  Shape shape;
  shape.groups = 3, shape.value_dim = 20, shape.key_heads = 1;
  std::vector<uint8_t> expected;
  for (const uint32_t tile_rows : {1u, 4u, 27u, 100u}) {
    HandMade made = attention(shape, terms);
    made.program.steps.back()->tile_rows = tile_rows;
    const uint32_t dst = attention_of(made.program).dst;
    schema::QuantiseRowsT quantise;
    made.step(27, 27);
    quantise.src = dst, quantise.unit = 1;
    quantise.dst = made.scratch(Format::RowS8, kHeads * 20);
    made.op(quantise);
    const uint32_t out = made.tensor(Format::F32, 27, 8);
    made.linear(quantise.dst, out, bytes_of(5, 8 * kHeads * 20), 1);
    made.output("rows", schema::OutputKind::Features, out);
    const AlignedBytes file = made.finish();
    vitro_program program;
    ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
    for (size_t i = 0; vitro_isa_name(i); ++i)
      for (const size_t threads : {1, 3}) {
        RunOptions options;
        options.isa = vitro_isa_name(i), options.threads = threads, options.arena_byte = 0x5a;
        const RunResult result = run_program(program, options);
        EXPECT_EQ(result.fault, "");
        if (expected.empty()) expected = result.logits;
        EXPECT_EQ(result.logits, expected) << options.isa << " " << threads << " " << tile_rows;
      }
  }
}

/// The program, sound or not, with what the attention gives as an output.
ProgramT with_output(HandMade made) {
  const uint32_t dst = attention_of(made.program).dst, cols = made.program.tensors[dst]->cols;
  made.step(made.program.tensors[dst]->rows, 7);
  schema::QuantiseRowsT quantise;
  quantise.src = dst, quantise.unit = 1;
  quantise.dst = made.scratch(Format::RowS8, cols);
  made.op(quantise);
  const uint32_t out = made.tensor(Format::F32, made.program.tensors[dst]->rows, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(cols, 1), 1);
  made.output("all", schema::OutputKind::Features, out);
  try {
    made.finish();
  } catch (const std::runtime_error&) {  // bounds_test's own question
    return std::move(made.program);
  }
  return std::move(made.program);
}

Base sound(const Shape& shape = {}, bool regions = true, bool bias = true) {
  return Base([=] {
    Terms terms;
    if (bias) terms = biased(1, 0);
    if (regions) terms.regions.assign(kTokens * shape.groups, 0);
    return with_output(attention(shape, terms));
  });
}

Shape constant_queries() {
  Shape shape;
  shape.constant_queries = true;
  return shape;
}

schema::BiasedAttentionT& biased_of(ProgramT& p) {
  for (auto& step : p.steps)
    for (auto& op : step->ops)
      if (op->args.AsBiasedAttention()) return *op->args.AsBiasedAttention();
  throw std::logic_error("no attention with a bias");
}

constexpr uint64_t kBiasBytes = uint64_t{kHeads} * kTokens * kPadded * 2;

TEST(BiasedAttention, Bounds) {
  expect_bound<unsigned>(
      "shift", [](ProgramT& p, unsigned by) { biased_of(p).bias_shift[1] = by & 0xff; }, 9, 10,
      sound());
  expect_bound<size_t>(
      "bytes of the bias",
      [](ProgramT& p, size_t bytes) { biased_of(p).bias = add_zeros(p, bytes); }, kBiasBytes,
      kBiasBytes - 2, sound());
  expect_bound<uint64_t>(
      "bias at a multiple of 2",
      [](ProgramT& p, uint64_t by) { biased_of(p).bias = add_zeros(p, kBiasBytes + 64) + by; }, 2,
      1, sound());
  expect_bound<size_t>(
      "bytes of the regions",
      [](ProgramT& p, size_t bytes) { biased_of(p).regions = add_zeros(p, bytes); }, kTokens,
      kTokens - 1, sound());
  const auto set_scale = [](ProgramT& p, float scale) {
    biased_of(p).attention->score_scale[1] = scale;
  };
  const float below = std::nextafter(kRegionScale, 0.0f);
  expect_bound<float>("least score scale with regions", set_scale, kRegionScale, below, sound());
  // 65535 over the columns of a head and what regions, a bias shifted by 9, and one by 0 reach.
  const auto largest = [&](const char* what, float columns, const Base& base) {
    float most = 65535.0f / columns;
    while (most * columns > 65535.0f) most = std::nextafter(most, 0.0f);
    while (std::nextafter(most, 1e9f) * columns <= 65535.0f) most = std::nextafter(most, 1e9f);
    expect_bound<float>(what, set_scale, most, std::nextafter(most, 1e9f), base);
  };
  largest("with regions", kHeadDim + 4161, sound());
  largest("with a bias", kHeadDim + 3, sound({}, false));
  largest("with one that is shifted", kHeadDim + 1041, Base([] {
            ProgramT p = sound({}, false).make();
            biased_of(p).bias_shift[0] = 9;
            return p;
          }));
  expect_bound<uint32_t>(
      "values as wide as heads may be",
      [](ProgramT& p, uint32_t width) {
        Shape shape;
        shape.value_dim = width, shape.value_heads = 1;
        p = with_output(attention(shape, {}));
      },
      512, 516, sound());
}

const OwnHostileCases kHostile{{
    {"a bias is neither there nor are regions", "both taken away",
     [](ProgramT& p) { biased_of(p).bias_shift.clear(), biased_of(p).has_regions = false; },
     sound()},
    {"a bias is shifted too far", "255", [](ProgramT& p) { biased_of(p).bias_shift[0] = 255; },
     sound()},
    {"a bias does not have a shift for each head", "one",
     [](ProgramT& p) { biased_of(p).bias_shift.resize(1); }, sound()},
    {"a bias does not have a shift for each head", "three",
     [](ProgramT& p) { biased_of(p).bias_shift.resize(3); }, sound()},
    {"constants outside the file", "bias",
     [](ProgramT& p) { biased_of(p).bias = uint64_t{1} << 40; }, sound()},
    {"constants outside the file", "bias, odd", [](ProgramT& p) { ++biased_of(p).bias; }, sound()},
    {"constants outside the file", "regions",
     [](ProgramT& p) { biased_of(p).regions = ~uint64_t{0}; }, sound()},
    {"a score scale is too small for regions", "of the second head",
     [](ProgramT& p) { biased_of(p).attention->score_scale[1] = 0x1p-11f; }, sound()},
    {"a score scale is too large", "with regions",
     [](ProgramT& p) { biased_of(p).attention->score_scale[0] = 16; }, sound()},
    {"a score scale is too large", "with a bias",
     [](ProgramT& p) { biased_of(p).attention->score_scale[0] = 65535.0f / 12; }, sound({}, false)},
    {"regions of other queries than keys", "twice the queries",
     [](ProgramT& p) {
       schema::AttentionT& a = *biased_of(p).attention;
       p.tensors[a.q]->rows *= 2, p.tensors[a.dst]->rows *= 2;
       p.tensors[a.q]->offset = add_zeros(p, size_t{2} * kTokens * kHeads * kHeadDim);
       p.tensors[a.dst]->offset = 1 << 17;
       for (auto& step : p.steps)
         if (step->ops[0]->args.AsBiasedAttention()) step->rows *= 2;
       for (auto& step : p.steps) step->scratch_offset = 1 << 20;
       biased_of(p).bias = add_zeros(p, 2 * kBiasBytes);
     },
     sound(constant_queries())},
    {"an operand of another shape or format than the op takes", "a third head of keys",
     [](ProgramT& p) { p.tensors[biased_of(p).attention->k]->heads = 3; }, sound()},
    {"an operand is not a tensor", "keys", [](ProgramT& p) { biased_of(p).attention->k = 1000; },
     sound()},
}};

const OwnAliasing kAliasing{
    {"biased_attention",
     {{"q", Format::S8},
      {"k", Format::Keys, kAliasedRows, kAliasedCols, true},
      {"v", Format::Values, kAliasedRows, kAliasedCols, true}},
     {"dst", Format::S16},
     [](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
       schema::BiasedAttentionT args;
       args.attention = std::make_unique<schema::AttentionT>();
       schema::AttentionT& a = *args.attention;
       a.q = sources[0], a.k = sources[1], a.v = sources[2], a.dst = destination;
       a.score_scale = {0.25f};
       a.workspace = made.workspace(attention_workspace_bytes(kAliasedRows));
       args.has_regions = true;
       const std::vector<uint8_t> regions(kAliasedRows, 1);
       args.regions = made.constant(regions.data(), regions.size());
       made.op(std::move(args));
     }}};

}  // namespace
}  // namespace vitro::biased_attention_test
