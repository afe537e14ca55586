// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"

namespace vitro::gather_rows_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kRows = 9, kCols = 12, kZeros = 0xffffffff;

HandMade gather(const Ints& x, const std::vector<uint32_t>& index, uint32_t taps) {
  HandMade made(4, 4);
  schema::GatherRowsT args;
  args.src = made.rows(x, kCols);
  args.index = made.constant(index.data(), index.size() * sizeof(uint32_t));
  const uint32_t rows = static_cast<uint32_t>(index.size()) / taps;
  made.step(rows, 4);
  args.dst = made.tensor(Format::S16, rows, taps * kCols);
  made.op(args);
  return made;
}

schema::GatherRowsT& gather_of(ProgramT& p) { return *p.steps[1]->ops[0]->args.AsGatherRows(); }

TEST(GatherRows, PutsRowsSideBySide) {
  const Ints x = int16_numbers(1, kRows * kCols);
  for (const uint32_t taps : {1u, 2u, 4u}) {
    std::vector<uint32_t> index(taps * 11);
    for (size_t i = 0; i < index.size(); ++i)
      index[i] = i % 7 == 3 ? kZeros : static_cast<uint32_t>(i * 5 % kRows);
    HandMade made = gather(x, index, taps);
    const Ints y = run_op(made, gather_of(made.program).dst);
    ASSERT_EQ(y.size(), index.size() * kCols);
    for (size_t i = 0; i < y.size(); ++i) {
      const uint32_t row = index[i / kCols];
      ASSERT_EQ(y[i], row == kZeros ? 0 : x[row * kCols + i % kCols]) << taps << " " << i;
    }
  }
}

Base sound(uint32_t taps = 2) {
  return Base([taps] {
    HandMade made = gather(int16_numbers(1, kRows * kCols), std::vector<uint32_t>(4 * taps), taps);
    run_op(made, gather_of(made.program).dst);
    return unpack(made.finish());
  });
}

void set_index(ProgramT& p, size_t at, uint32_t row) {
  uint8_t* const index = p.constants.data() + gather_of(p).index + at * sizeof row;
  for (unsigned i = 0; i < 4; ++i) index[i] = static_cast<uint8_t>(row >> 8 * i);
}

TEST(GatherRows, Bounds) {
  for (const size_t at : {size_t{0}, size_t{7}}) {
    expect_bound<uint32_t>(
        "row", [at](ProgramT& p, uint32_t row) { set_index(p, at, row); }, kRows - 1, kRows,
        sound());
    expect_bound<uint32_t>(
        "zeros", [at](ProgramT& p, uint32_t row) { set_index(p, at, row); }, kZeros, kZeros - 1,
        sound());
  }
  expect_bound<size_t>(
      "bytes of the table",
      [](ProgramT& p, size_t bytes) { gather_of(p).index = add_zeros(p, bytes); }, 32, 28, sound());
  expect_bound<uint64_t>(
      "table at a multiple of 4",
      [](ProgramT& p, uint64_t by) { gather_of(p).index = add_zeros(p, 64) + by; }, 4, 2, sound());
}

const OwnHostileCases kHostile{{
    {"a row to be gathered is beyond the source", "the last entry",
     [](ProgramT& p) { set_index(p, 7, kRows); }, sound()},
    {"constants outside the file", "index",
     [](ProgramT& p) { gather_of(p).index = uint64_t{1} << 40; }, sound()},
    {"an operand of another shape or format than the op takes", "columns of half a row",
     [](ProgramT& p) { p.tensors[gather_of(p).dst]->cols = kCols * 3 / 2; }, sound()},
    {"an operand of another shape or format than the op takes", "less columns than a row",
     [](ProgramT& p) { p.tensors[gather_of(p).dst]->cols = kCols / 2; }, sound(1)},
    {"an operand of another shape or format than the op takes", "format",
     [](ProgramT& p) { p.tensors[gather_of(p).dst]->format = Format::S8; }, sound()},
    {"an operand of the wrong format", "the picture",
     [](ProgramT& p) { gather_of(p).src = p.input; }, sound()},
    {"a whole operand outside the arena", "a constant",
     [](ProgramT& p) {
       gather_of(p).src = add_tensor(p, Format::S16, schema::Storage::Constant, kRows, kCols, 0);
     },
     sound()},
}};

const OwnAliasing kAliasing{
    {"gather_rows",
     {{"src", Format::S16, kAliasedRows, kAliasedCols, true}},
     {"dst", Format::S16, kAliasedRows, kAliasedCols},
     [](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
       std::vector<uint32_t> index(kAliasedRows);
       for (uint32_t i = 0; i < kAliasedRows; ++i) index[i] = (i * 11 + 5) % kAliasedRows;
       schema::GatherRowsT args;
       args.src = sources[0], args.dst = destination;
       args.index = made.constant(index.data(), index.size() * sizeof(uint32_t));
       made.op(args);
     }}};

}  // namespace
}  // namespace vitro::gather_rows_test
