// SPDX-License-Identifier: Apache-2.0
// What the verifier takes of attention with a bias and with regions: bounds, hostile programs,
// operands that overlap.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/ops/biased_attention.h"

namespace vitro::biased_attention_test {
namespace {

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
  // One head for all queries, or one for each.
  for (const uint32_t good : {1, 3})
    for (uint32_t Shape::*heads : {&Shape::key_heads, &Shape::value_heads})
      expect_bound<uint32_t>(
          "heads of keys or values",
          [heads](ProgramT& p, uint32_t count) {
            Shape shape;
            shape.query_heads = 3, shape.key_heads = shape.value_heads = 1;
            shape.*heads = count;
            p = with_output(attention(shape, {}, std::vector<float>(3, kScoreScale)));
          },
          good, 2, sound());
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
