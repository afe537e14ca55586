// SPDX-License-Identifier: Apache-2.0
// Attention with a bias and with regions, with keys and values that heads share, with values of
// another width, and with constant queries: each compared with plain attention that must give the
// same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/runtime/ops/biased_attention.h"
#include "tests/support/run_program.h"

namespace vitro::biased_attention_test {
namespace {

// The softmax sees differences alone.
TEST(BiasedAttention, ABiasOfAllKeysIsNone) {
  const Ints plain = result_of(attention({}, {}));
  for (const uint8_t shift : {0, 3, 9})
    for (const int value : {-32768, -1, 0, 77, 32767})
      EXPECT_EQ(result_of(attention({}, biased(static_cast<int16_t>(value), shift))), plain)
          << value << " " << +shift;
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

// In the file a list may be absent, which is how writers say that it is empty, or there and empty.
TEST(BiasedAttention, AnEmptyListOfShiftsIsNoBias) {
  Terms regions, both = biased(0, 2);
  for (size_t i = 0; i < both.bias.size(); ++i)
    both.bias[i] = static_cast<int16_t>(i * 7919 % 4001 - 2000);
  for (uint32_t j = 0; j < kTokens; ++j) regions.regions.push_back(static_cast<uint8_t>(j / 5));
  both.regions = regions.regions;
  const auto file_of = [](const Terms& terms) {
    HandMade made = attention({}, terms);
    const uint32_t dst = attention_of(made.program).dst;
    run_op(made, dst);
    return made.finish();
  };
  const auto logits_of = [](const AlignedBytes& file) {
    return run_program(open_program(file), {}).logits;
  };
  AlignedBytes file = file_of(both);
  const std::vector<uint8_t> expected = logits_of(file_of(regions));
  EXPECT_NE(logits_of(file), expected);
  for (const schema::Step* step : *schema::GetProgram(file.data())->steps())
    for (const schema::Op* op : *step->ops())
      if (const auto* biased = op->args_as_BiasedAttention()) {
        const uint32_t empty = 0;
        std::memcpy(file.data() + (biased->bias_shift()->data() - file.data()) - sizeof empty,
                    &empty, sizeof empty);
      }
  EXPECT_EQ(logits_of(file), expected);
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

}  // namespace
}  // namespace vitro::biased_attention_test
