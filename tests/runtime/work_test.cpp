// SPDX-License-Identifier: Apache-2.0
// What a run costs, compared with numbers worked out by hand, and the most that the verifier
// accepts.
#include <gtest/gtest.h>

#include <stdexcept>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/hand_made.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;

bool operator==(const vitro_work_info& a, const vitro_work_info& b) {
  return a.macs == b.macs && a.bytes == b.bytes && a.calls == b.calls;
}

vitro_work_info op_work(const vitro_program& program, size_t step, size_t op) {
  vitro_work_info work;
  EXPECT_EQ(vitro_op_work(&program, step, op, &work), VITRO_OK);
  return work;
}

vitro_work_info work_of(const AlignedBytes& file) {
  const vitro_program program = open_program(file);
  vitro_work_info work{};
  EXPECT_EQ(vitro_work(&program, &work), VITRO_OK);
  return work;
}

template <class Args>
Args from_to(uint32_t src, uint32_t dst, Args args = {}) {
  args.src = src, args.dst = dst;
  return args;
}

void quantise(HandMade& made, uint32_t src, uint32_t dst) {
  auto args = from_to<schema::QuantiseRowsT>(src, dst);
  args.unit = 1;
  made.op(args);
}

void zero_linear(HandMade& made, uint32_t src, uint32_t dst) {
  const size_t k = made.program.tensors[src]->cols, n = made.program.tensors[dst]->cols;
  made.linear(src, dst, std::vector<int8_t>(n * k), 1);
}

void finish_with_head(HandMade& made, uint32_t row_s8) {
  const uint32_t out = made.tensor(Format::F32, made.program.steps.back()->rows, 1);
  zero_linear(made, row_s8, out);
  made.output("out", schema::OutputKind::Features, out);
}

TEST(Work, OfEachOp) {
  HandMade made(8, 20);  // 10 patches of 4 x 4
  const uint32_t x = made.rows(std::vector<int16_t>(10 * 8, 3), 8);
  made.step(10, 4);
  schema::PatchRowsT patches;
  patches.src = made.program.input, patches.patch = 4,
  patches.dst = made.scratch(Format::RowS8, 48);
  made.op(patches);
  const uint32_t y = made.tensor(Format::S16, 10, 20);
  zero_linear(made, patches.dst, y);
  made.step(10, 3);
  const uint32_t rows = made.scratch(Format::RowS8, 8);
  quantise(made, x, rows);
  const uint32_t z = made.tensor(Format::S16, 10, 8);
  zero_linear(made, rows, z);
  made.program.steps.back()->ops.back()->args.AsLinear()->addend = static_cast<int32_t>(x);
  auto affine = from_to<schema::AffineT>(z, z);
  const std::vector<float> ones(16, 1);
  affine.channels = made.constant(ones.data(), 64);
  made.op(affine);
  made.step(20, 20);
  const uint32_t transposed = made.tensor(Format::S16, 20, 12);
  made.op(from_to<schema::TransposeT>(y, transposed));
  made.step(1, 1);
  auto mean = from_to<schema::MeanRowsT>(z, made.scratch(Format::S16, 8));
  mean.reciprocal = 0.125f;
  made.op(mean);
  const uint32_t row = made.scratch(Format::RowS8, 8);
  quantise(made, mean.dst, row);
  finish_with_head(made, row);
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);

  const struct {
    size_t step, op;
    const char* what;
    vitro_work_info expected;
  } cases[] = {
      {0, 0, "copy", {0, 2 * 10 * 16, 1}},
      {1, 0, "patch_rows", {0, 8 * 60 + 10 * (48 + 8), 3}},
      {1, 1, "linear", {10 * 48 * 20, 10 * (48 + 8) + 10 * 40 + 3 * (32 * 48 + 32 * 12), 3}},
      {2, 0, "quantise_rows", {0, 10 * 16 + 10 * (8 + 8), 4}},
      {2, 1, "with an addend", {10 * 8 * 8, 10 * 16 + 2 * 10 * 16 + 4 * (16 * 8 + 16 * 12), 4}},
      {2, 2, "affine", {0, 2 * 10 * 16 + 4 * 64, 4}},
      {3, 0, "transpose", {0, 10 * 40 + 20 * 24, 1}},
      {4, 0, "mean_rows", {0, 10 * 16 + 16, 1}},
      {4, 2, "head", {8, 16 + 4 + 16 * 8 + 16 * 12, 1}},
  };
  for (const auto& c : cases) {
    const vitro_work_info work = op_work(program, c.step, c.op);
    EXPECT_EQ(work.macs, c.expected.macs) << c.what;
    EXPECT_EQ(work.bytes, c.expected.bytes) << c.what;
    EXPECT_EQ(work.calls, c.expected.calls) << c.what;
  }
  vitro_work_info work;
  EXPECT_EQ(vitro_op_work(&program, 5, 0, &work), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_op_work(&program, 4, 3, &work), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_op_work(&program, 4, 2, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_work(&program, nullptr), VITRO_BAD_ARGUMENT);
  const vitro_program closed{};
  for (const vitro_program* none : {&closed, static_cast<const vitro_program*>(nullptr)}) {
    EXPECT_EQ(vitro_work(none, &work), VITRO_BAD_ARGUMENT);
    EXPECT_EQ(vitro_op_work(none, 0, 0, &work), VITRO_BAD_ARGUMENT);
  }
}

// Each tile that has rows of a group reads the group's keys and values; here they are counted one
// by one.
TEST(Work, OfAttentionInGroups) {
  for (const uint32_t groups : {1u, 2u, 3u, 5u})
    for (const uint32_t queries : {1u, 4u, 6u, 7u})
      for (const uint32_t tile_rows : {1u, 2u, 3u, 4u, 9u, 12u, 100u}) {
        constexpr uint32_t kTokens = 5, kCols = 32;
        const uint32_t rows = groups * queries;
        HandMade made(4, 4);
        schema::AttentionT attention;
        attention.k = made.tensor(Format::Keys, groups * kTokens, kCols, groups);
        attention.v = made.tensor(Format::Values, groups * kTokens, kCols, groups);
        const uint32_t tokens = made.rows(std::vector<int16_t>(groups * kTokens * kCols), kCols);
        made.step(groups * kTokens, 7);
        const uint32_t bytes = made.scratch(Format::RowS8, kCols);
        quantise(made, tokens, bytes);
        for (const uint32_t packed : {attention.k, attention.v}) {
          made.program.tensors[packed]->heads = 2;
          zero_linear(made, bytes, packed);
        }
        const uint32_t x = made.rows(std::vector<int16_t>(rows * kCols), kCols);
        made.step(rows, tile_rows);
        auto narrow = from_to<schema::StaticQuantiseT>(x, made.scratch(Format::S8, kCols));
        narrow.scale = 1;
        made.op(narrow);
        attention.q = narrow.dst, attention.dst = made.scratch(Format::S16, kCols);
        attention.score_scale = {1, 1};
        attention.workspace = made.workspace(8 * 16 * 4);
        made.op(attention);
        const uint32_t wide = made.scratch(Format::RowS8, kCols);
        quantise(made, attention.dst, wide);
        finish_with_head(made, wide);
        const AlignedBytes file = made.finish();
        uint64_t meetings = 0, tiles = 0;
        for (uint32_t first = 0; first < rows; first += tile_rows, ++tiles)
          meetings += (std::min(first + tile_rows, rows) - 1) / queries - first / queries + 1;
        const uint64_t keys = 16 * 16 * 2, values = 16 * 8 * 2;  // of 5 tokens, 2 heads of 16
        const vitro_work_info work = op_work(open_program(file), 3, 1);
        EXPECT_EQ(work.macs, uint64_t{2} * rows * kTokens * kCols);
        EXPECT_EQ(work.bytes, meetings * (keys + values) + tiles * 8 + rows * (32 + 64))
            << groups << " groups of " << queries << ", tiles of " << tile_rows;
        EXPECT_EQ(work.calls, tiles);
      }
}

// Each query's bias, each tile's regions of a group, shared keys once; the table of gathered rows.
TEST(Work, OfBiasedAttentionAndGatherRows) {
  constexpr uint32_t kTokens = 5, kHeads = 2, kWidth = 12;
  HandMade made(4, 4);
  schema::BiasedAttentionT biased;
  biased.attention = std::make_unique<schema::AttentionT>();
  schema::AttentionT& attention = *biased.attention;
  const uint32_t x = made.rows(std::vector<int16_t>(kTokens * 32), 32);
  attention.k = made.tensor(Format::Keys, kTokens, 16);
  attention.v = made.tensor(Format::Values, kTokens, 2 * kWidth);
  made.tensor(Format::S8, 16, 16);  // room for what pads the second head
  made.program.tensors[attention.v]->heads = kHeads;
  made.step(kTokens, 7);
  const uint32_t bytes = made.scratch(Format::RowS8, 32);
  quantise(made, x, bytes);
  zero_linear(made, bytes, attention.k);
  zero_linear(made, bytes, attention.v);
  made.step(kTokens, 2);
  auto narrow = from_to<schema::StaticQuantiseT>(x, made.scratch(Format::S8, 32));
  narrow.scale = 1;
  made.op(narrow);
  attention.q = narrow.dst, attention.dst = made.tensor(Format::S16, kTokens, kHeads * kWidth);
  attention.score_scale = {1, 1};
  attention.workspace = made.workspace(attention_workspace_bytes(kTokens));
  const std::vector<uint8_t> zeros(kHeads * kTokens * 16 * 2);
  biased.bias_shift = {0, 0}, biased.bias = made.constant(zeros.data(), zeros.size());
  biased.has_regions = true, biased.regions = biased.bias;
  const uint32_t dst = attention.dst;
  made.op(std::move(biased));
  made.step(3, 2);
  auto gather = from_to<schema::GatherRowsT>(dst, made.tensor(Format::S16, 3, 2 * 24));
  gather.index = made.constant(zeros.data(), 3 * 2 * 4);
  made.op(gather);
  const uint32_t wide = made.scratch(Format::RowS8, 48);
  quantise(made, gather.dst, wide);
  finish_with_head(made, wide);
  const AlignedBytes file = made.finish();
  const vitro_work_info work = op_work(open_program(file), 2, 1),
                        gathered = op_work(open_program(file), 3, 0);
  EXPECT_EQ(work.macs, uint64_t{kTokens} * kTokens * (32 + 24));
  const uint64_t packed = 16 * 16 + 2 * 16 * 8,
                 of_a_tile = 2 * sizeof(float) + 2 + 2 * kHeads * 16 * 2 + kTokens;
  EXPECT_EQ(work.bytes, 3 * (packed + of_a_tile) + kTokens * (32 + 48));
  EXPECT_EQ(gathered.macs, 0u);
  EXPECT_EQ(gathered.bytes, kTokens * 48 + 3 * 96 + 2 * (2 * 2 * 4));
  EXPECT_EQ(gathered.calls, 2u);
}

TEST(Work, OfAllOpsIsTheRuns) {
  for (const Small model : kAllSmall) {
    const AlignedBytes& file = small_program(model);
    const vitro_program program = open_program(file);
    vitro_work_info total, sum{};
    ASSERT_EQ(vitro_work(&program, &total), VITRO_OK);
    vitro_work_info one;
    for (size_t step = 0; vitro_op_work(&program, step, 0, &one) == VITRO_OK; ++step)
      for (size_t op = 0; vitro_op_work(&program, step, op, &one) == VITRO_OK; ++op) {
        sum.macs += one.macs;
        sum.bytes += one.bytes;
        sum.calls += one.calls;
      }
    EXPECT_TRUE(sum == total) << name_of(model);
    EXPECT_GT(total.macs, 0u);
  }
}

// The file, whether or not the verifier accepts it.
AlignedBytes file_of(HandMade made) {
  try {
    return made.finish();
  } catch (const std::runtime_error&) {
    return pack(made.program);
  }
}

void expect_beyond(const HandMade& made) {
  const AlignedBytes file = file_of(made);
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_UNSUPPORTED);
  EXPECT_STREQ(program.fault ? program.fault : "", "more work than this runtime takes");
}

struct Patches {
  uint32_t height, width, patch, tile_rows;
  uint32_t cols;     // columns of a linear that reads the patches
  uint32_t lookups;  // number of lookups on its outputs
};

HandMade over_patches(const Patches& p) {
  HandMade made(p.height, p.width);
  made.step(p.height / p.patch * (p.width / p.patch), p.tile_rows);
  schema::PatchRowsT patches;
  patches.src = made.program.input, patches.patch = p.patch;
  patches.dst = made.scratch(Format::RowS8, (p.patch * p.patch * 3 + 3) / 4 * 4);
  made.op(patches);
  const uint32_t bytes = made.scratch(Format::S8, p.cols);
  zero_linear(made, patches.dst, bytes);
  const std::vector<int8_t> table(256);
  for (uint32_t i = 0; i < p.lookups; ++i) {
    auto lookup = from_to<schema::LookupT>(bytes, bytes);
    lookup.table = i ? made.program.steps[0]->ops.back()->args.AsLookup()->table
                     : made.constant(table.data(), table.size());
    made.op(lookup);
  }
  return made;
}

// Adds two ops on one tile of `rows` rows; the second is a linear from 4 columns to `cols`.
void add_linear(HandMade& made, uint32_t rows, uint32_t cols) {
  const uint32_t zeros = made.constant_rows(std::vector<int16_t>(size_t{rows} * 4), 4);
  made.step(rows, rows);
  const uint32_t row = made.scratch(Format::RowS8, 4);
  quantise(made, zeros, row);
  zero_linear(made, row, made.scratch(Format::S8, cols));
}

// Adds ops that copy one row of `cols` columns; each takes 4 bytes for each column.
void add_copies(HandMade& made, uint32_t count, uint32_t cols) {
  const uint32_t zeros = made.constant_rows(std::vector<int16_t>(cols), cols);
  made.step(1, 1);
  const uint32_t to = made.scratch(Format::S16, cols);
  for (uint32_t i = 0; i < count; ++i) made.op(from_to<schema::CopyT>(zeros, to));
}

// Adds two ops on one row, with 4 multiply-accumulates.
void add_head(HandMade& made) {
  const uint32_t zeros = made.constant_rows(std::vector<int16_t>(4), 4);
  made.step(1, 1);
  const uint32_t row = made.scratch(Format::RowS8, 4);
  quantise(made, zeros, row);
  finish_with_head(made, row);
}

TEST(Work, MostMultiplyAccumulates) {
  // 2^42 = 48 * 87381 * 2^20 + 4 * (1024 * 4095 + 1023 + 1)
  HandMade made = over_patches({4096, 4096, 4, 64, 87381, 0});
  add_linear(made, 1024, 4095);
  HandMade more = made;
  add_linear(made, 1, 1023);
  add_head(made);
  EXPECT_EQ(work_of(file_of(made)).macs, uint64_t{1} << 42);
  add_linear(more, 1, 1024);
  add_head(more);
  expect_beyond(more);
}

TEST(Work, MostCalls) {
  // 2^24 = 4 * (2^11 - 1) * (2^11 + 1) + 4
  HandMade made = over_patches({2047, 2049, 1, 1, 4, 2});
  HandMade more = made;
  add_copies(made, 2, 4);
  add_head(made);
  EXPECT_EQ(work_of(file_of(made)).calls, uint64_t{1} << 24);
  add_copies(more, 3, 4);
  add_head(more);
  expect_beyond(more);
}

TEST(Work, MostBytes) {
  // 62 ops on 2^20 rows; copies of constants add what is missing.
  const HandMade most = over_patches({1024, 1024, 1, 64, 8645, 60});
  HandMade least = most;
  add_copies(least, 1, 1);
  add_head(least);
  const uint64_t limit = uint64_t{1} << 40, base = work_of(file_of(least)).bytes - 4;
  ASSERT_LT(base, limit);
  const uint64_t missing = (limit - base) / 4;  // columns to copy
  ASSERT_EQ((limit - base) % 4, 0u);
  ASSERT_LT(missing, uint64_t{1} << 28);
  const uint32_t cols = static_cast<uint32_t>(missing / 62) - 1,
                 rest = static_cast<uint32_t>(missing - uint64_t{62} * cols);
  for (const uint32_t beyond : {0u, 1u}) {
    HandMade made = most;
    add_copies(made, 62, cols);
    add_copies(made, 1, rest + beyond);
    add_head(made);
    if (beyond == 0)
      EXPECT_EQ(work_of(file_of(made)).bytes, limit);
    else
      expect_beyond(made);
  }
}

}  // namespace
}  // namespace vitro
