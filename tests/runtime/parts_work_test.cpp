// SPDX-License-Identifier: Apache-2.0
// What rollout and its neighbours cost, compared with numbers worked out by hand.
#include <gtest/gtest.h>

#include "runtime/kernels/rollout.h"
#include "tests/runtime/hand_made.h"

namespace vitro::parts_work_test {
namespace {

using schema::Format;

template <class Args>
Args from_to(uint32_t src, uint32_t dst) {
  Args args;
  args.src = src, args.dst = dst;
  return args;
}

void quantise(HandMade& made, uint32_t src, uint32_t dst) {
  auto args = from_to<schema::QuantiseRowsT>(src, dst);
  args.unit = 1;
  made.op(args);
}

struct OpCase {
  size_t step, op;
  const char* what;
  vitro_work_info expected;
};

void expect_work(const vitro_program& program, const std::vector<OpCase>& cases) {
  for (const OpCase& c : cases) {
    vitro_work_info work;
    ASSERT_EQ(vitro_op_work(&program, c.step, c.op, &work), VITRO_OK) << c.what;
    EXPECT_EQ(work.macs, c.expected.macs) << c.what;
    EXPECT_EQ(work.bytes, c.expected.bytes) << c.what;
    EXPECT_EQ(work.calls, c.expected.calls) << c.what;
  }
}

// Rollout from v, for which it multiplies each query's row of weights, and without, when one query
// is all that it reads; what is found in the result, and rows by that. Patches that overlap.
TEST(PartsWork, OfEachOp) {
  constexpr uint32_t kTokens = 5, kHeads = 3, kHeadDim = 8, kCols = kHeads * kHeadDim;
  HandMade made(8, 20);
  const uint32_t x = made.rows(std::vector<int16_t>(kTokens * kCols), kCols);
  schema::RolloutT rollout;
  rollout.q = made.tensor(Format::S8, kTokens, kCols);
  rollout.k = made.tensor(Format::Keys, kTokens, kCols);
  made.program.tensors[rollout.k]->heads = kHeads;
  rollout.score_scale.assign(kHeads, 1);
  const std::vector<int8_t> zeros(kCols * kCols);
  made.step(kTokens, 7);
  const uint32_t bytes = made.scratch(Format::RowS8, kCols);
  quantise(made, x, bytes);
  made.linear(bytes, rollout.q, zeros, 1);
  made.linear(bytes, rollout.k, zeros, 1);
  for (const bool from_v : {false, true}) {
    if (from_v) rollout.v = static_cast<int32_t>(rollout.dst);
    rollout.dst = made.tensor(Format::F32, kHeads, kTokens);
    made.step(kHeads, 2);
    rollout.workspace = made.workspace(rollout_workspace_bytes(kTokens, kHeadDim));
    made.op(rollout);
  }
  auto best = from_to<schema::ArgMaxT>(rollout.dst, made.tensor(Format::F32, kHeads, 1));
  made.op(best);
  made.step(1 + kHeads, 3);
  auto pick = from_to<schema::PickRowsT>(x, made.tensor(Format::S16, 1 + kHeads, kCols));
  pick.index = best.dst, pick.leading = 1;
  made.op(pick);
  const uint32_t row = made.scratch(Format::RowS8, kCols);
  quantise(made, pick.dst, row);
  const uint32_t out = made.tensor(Format::F32, 1 + kHeads, 1);
  made.linear(row, out, std::vector<int8_t>(kCols), 1);
  made.output("out", schema::OutputKind::Features, out);
  made.step(3 * 9, 12);
  schema::StridedPatchesT patches;
  patches.src = made.program.input, patches.patch = 4, patches.stride = 2;
  patches.dst = made.tensor(Format::RowS8, 3 * 9, 48);
  made.op(patches);
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);
  const uint64_t keys = kHeads * 16 * kHeadDim, scales = kHeads * 4, values = kHeads * kTokens * 4;
  expect_work(
      program,
      {
          {2, 0, "without v", {kHeads * kTokens * 9, kCols + keys + scales + values, 2}},
          {3,
           0,
           "from v",
           {kHeads * kTokens * kTokens * 9, kTokens * kCols + keys + scales + 2 * values, 2}},
          {3, 1, "arg_max", {0, values + kHeads * 4, 2}},
          {4, 0, "pick_rows", {0, kTokens * kCols * 2 + kHeads * 4 + (1 + kHeads) * kCols * 2, 2}},
          {5, 0, "strided_patches", {0, 8 * 60 + 27 * (48 + 8), 3}},
      });
}

}  // namespace
}  // namespace vitro::parts_work_test
