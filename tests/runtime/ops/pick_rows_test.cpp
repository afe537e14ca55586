// SPDX-License-Identifier: Apache-2.0
// arg_max, and pick_rows by what it found or by any other floats.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "runtime/core/session.h"
#include "runtime/kernels/law.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"

namespace vitro::pick_rows_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kRows = 9, kCols = 12, kPicks = 5, kLeading = 2;

/// Floats [kPicks, cols]: integers times `scale`; then the first largest from `first` on, and rows
/// of x by it.
HandMade picked(const std::vector<int8_t>& integers, uint32_t cols, uint32_t first, float scale) {
  HandMade made(4, 4);
  // Row r of the floats is weights' column r: rows of the identity times weights.
  Ints identity(kPicks * 8);
  for (uint32_t r = 0; r < kPicks; ++r) identity[r * 8 + r] = 255;
  const uint32_t x = made.rows(int16_numbers(1, kRows * kCols), kCols),
                 rows = made.rows(identity, 8);
  made.step(kPicks, 2);
  schema::QuantiseRowsT quantise;
  quantise.src = rows, quantise.dst = made.scratch(Format::RowS8, 8), quantise.unit = 1.0f / 255;
  made.op(quantise);
  const uint32_t floats = made.tensor(Format::F32, kPicks, cols);
  std::vector<int8_t> weights(size_t{cols} * 8);
  for (uint32_t r = 0; r < kPicks; ++r)
    for (uint32_t c = 0; c < cols; ++c) weights[c * 8 + r] = integers[r * cols + c];
  made.linear(quantise.dst, floats, weights, scale);
  schema::ArgMaxT best;
  best.src = floats, best.first = first, best.dst = made.tensor(Format::F32, kPicks, 1);
  made.op(best);
  made.step(kLeading + kPicks, 3);
  schema::PickRowsT pick;
  pick.src = x, pick.index = cols == 1 ? floats : best.dst, pick.leading = kLeading;
  pick.dst = made.tensor(Format::S16, kLeading + kPicks, kCols);
  made.op(pick);
  return made;
}

schema::ArgMaxT& best_of(ProgramT& p) { return *p.steps[2]->ops[2]->args.AsArgMax(); }
schema::PickRowsT& pick_of(ProgramT& p) { return *p.steps[3]->ops[0]->args.AsPickRows(); }

void expect_rows(HandMade made, const std::vector<uint32_t>& want) {
  const Ints x = int16_numbers(1, kRows * kCols);
  const Ints y = run_op(made, pick_of(made.program).dst);
  ASSERT_EQ(y.size(), (kLeading + kPicks) * kCols);
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t r = i / kCols, row = r < kLeading ? r : want[r - kLeading];
    ASSERT_EQ(y[i], x[row * kCols + i % kCols]) << i;
  }
}

TEST(PickRows, ByTheFirstLargest) {
  expect_rows(picked({9,   1,  5,  5,  3,   //
                      -9,  -8, -8, -7, -7,  //
                      0,   0,  0,  0,  0,   //
                      127, -1, -2, -3, -4,  //
                      1,   2,  3,  4,  127},
                     5, 1, 1),
              {2, 3, 1, 1, 4});
  expect_rows(picked({9, 1, 5,   5,  3,  -9, -8, -8, -7, -7, 0, 0,  0,
                      0, 0, 127, -1, -2, -3, -4, 1,  2,  3,  4, 127},
                     5, 0, 1),
              {0, 3, 0, 0, 4});
}

TEST(PickRows, ByAnyFloats) {
  expect_rows(picked({-127, 127, 1, 7, 8}, 1, 0, 1), {0, 8, 1, 7, 8});
  expect_rows(picked({-1, 1, 2, 3, 4}, 1, 0, 0x1p38f), {0, 8, 8, 8, 8});
  expect_rows(picked({-1, 1, 2, 3, 5}, 1, 0, 0.51f), {0, 0, 1, 1, 2});
}

// Beside what a program can hold.
TEST(PickRows, RowsOfFloats) {
  EXPECT_EQ(law::row_of(7.999999f, 9), 7u);
  EXPECT_EQ(law::row_of(-0x1p127f, 9), 0u);
  EXPECT_EQ(law::row_of(0x1p127f, 9), 8u);
  EXPECT_EQ(law::row_of(3, 1), 0u);
}

Base sound() {
  return Base([] {
    HandMade made = picked(std::vector<int8_t>(25, 3), 5, 1, 1);
    run_op(made, pick_of(made.program).dst);
    return unpack(made.finish());
  });
}

TEST(PickRows, Bounds) {
  expect_bound<uint32_t>(
      "first", [](ProgramT& p, uint32_t first) { best_of(p).first = first; }, 4, 5, sound());
  // More leading rows than there are, in a step that has as many rows as they say.
  const auto leading = [](ProgramT& p, uint32_t rows) {
    schema::PickRowsT& pick = pick_of(p);
    pick.leading = rows;
    p.steps[3]->rows = p.steps[3]->tile_rows = rows + kPicks;
    pick.dst = add_tensor(p, Format::S16, schema::Storage::Arena, rows + kPicks, kCols, 1 << 16);
    // What is read out afterwards stays as it was.
    auto& ops = p.steps[4]->ops;
    p.steps[4]->rows = rows + kPicks;
    p.steps[4]->tile_rows = std::min(p.steps[4]->tile_rows, rows + kPicks);
    ops[0]->args.AsQuantiseRows()->src = pick.dst;
    ops[1]->args.AsLinear()->dst = p.output =
        add_tensor(p, Format::F32, schema::Storage::Arena, rows + kPicks, 1, 1 << 15);
    p.outputs[0]->tensor = p.output;
    p.golden.clear();
    for (auto& step : p.steps) step->scratch_offset = 1 << 18;
  };
  const std::function<void(ProgramT&, uint32_t)> set = leading;
  expect_bound<uint32_t>("leading rows", set, kRows, kRows + 1, sound());
}

constexpr char kShape[] = "an operand of another shape or format than the op takes";

const OwnHostileCases kHostile{{
    {"arg_max of no columns", "first", [](ProgramT& p) { best_of(p).first = 0x80000000u; },
     sound()},
    {kShape, "a column more", [](ProgramT& p) { p.tensors[best_of(p).dst]->cols = 2; }, sound()},
    {"an operand of the wrong format", "int16",
     [](ProgramT& p) { best_of(p).src = pick_of(p).src; }, sound()},
    {"pick_rows over the wrong number of rows", "leading",
     [](ProgramT& p) { pick_of(p).leading = kLeading + 1; }, sound()},
    {"pick_rows over the wrong number of rows", "a sum that wraps around",
     [](ProgramT& p) { pick_of(p).leading = 0xffffffffu; }, sound()},
    {kShape, "columns", [](ProgramT& p) { p.tensors[pick_of(p).dst]->cols = kCols - 1; }, sound()},
    {kShape, "numbers of several columns", [](ProgramT& p) { pick_of(p).index = best_of(p).src; },
     sound()},
    {"an operand of the wrong format", "numbers that are int16",
     [](ProgramT& p) { pick_of(p).index = pick_of(p).src; }, sound()},
    {"an operand of the wrong format", "rows that are floats",
     [](ProgramT& p) { pick_of(p).src = pick_of(p).index; }, sound()},
}};

const OwnAliasing kArgMax{
    {"arg_max",
     {{"src", Format::F32}},
     {"dst", Format::F32, kAliasedRows, 1},
     [](HandMade&made, const std::vector<uint32_t>&sources, uint32_t destination) {
       schema::ArgMaxT args;
       args.src = sources[0], args.dst = destination, args.first = 3;
       made.op(args);
     }}},
    kPickRows{{"pick_rows",
               {{"src", Format::S16, kAliasedRows, kAliasedCols, true},
                {"index", Format::F32, kAliasedRows, 1, true}},
               {"dst", Format::S16, kAliasedRows, kAliasedCols},
               [](HandMade&made, const std::vector<uint32_t>&sources, uint32_t destination) {
                 schema::PickRowsT args;
                 args.src = sources[0], args.index = sources[1], args.dst = destination;
                 made.op(args);
               }}};

}  // namespace
}  // namespace vitro::pick_rows_test
