// SPDX-License-Identifier: Apache-2.0
// How much the verifier reads and examines before it gives up: to the byte, and at each place where
// it can reach the limit.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "runtime/kernels/rollout.h"
#include "tests/runtime/hand_made.h"

namespace vitro {
namespace {

using schema::Format;

const char* const kEnough = "more to verify than this runtime takes";

// Adds an op that makes floats from `rows`, a tensor of the current step, and an output of them.
void put_out(HandMade& made, uint32_t rows) {
  const uint32_t cols = made.program.tensors[rows]->cols;
  schema::QuantiseRowsT quantise;
  quantise.src = rows, quantise.dst = made.scratch(Format::RowS8, cols), quantise.unit = 1;
  made.op(quantise);
  const uint32_t out = made.tensor(Format::F32, made.program.steps.back()->rows, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(cols), 1);
  made.output("out", schema::OutputKind::Features, out);
}

// The bytes of constants that a linear reads: scales and biases, weights.
constexpr uint64_t scan_of_linear(uint64_t n, uint64_t k) { return (n + 15) / 16 * 16 * (8 + k); }

// A program of whose constants `excess` bytes more than the limit are read: by tensors that share
// floats, then by three linears, attention with or without a bias, rollout, a table of rows, a
// rotation and a linear, in this order.
constexpr uint32_t kScanCols = 64, kScanHeads = 16, kScanTokens = 4;
constexpr int64_t kBefore = 3 * scan_of_linear(kScanCols, kScanCols), kShifts = kScanHeads,
                  kScales = kScanHeads * sizeof(float), kRolledScales = kScanHeads * sizeof(float),
                  kTable = kScanTokens * sizeof(uint32_t),
                  kRotatedScales = kScanHeads * sizeof(float),
                  kTurns = kScanTokens * kScanCols / kScanHeads * sizeof(int16_t),
                  kAfter = scan_of_linear(1, kScanCols);

HandMade reads_more_by(int64_t excess, bool biased) {
  HandMade made(4, 4);
  constexpr size_t kFloats = 1 << 14, kSharing = 8;
  const std::vector<float> zeros(kFloats);
  const uint64_t shared = made.constant(zeros.data(), kFloats * sizeof(float));
  const uint32_t first = static_cast<uint32_t>(made.program.tensors.size());
  for (size_t i = 0; i < kSharing; ++i) {
    made.program.tensors.push_back(std::make_unique<schema::TensorT>());
    schema::TensorT& t = *made.program.tensors.back();
    t.format = Format::F32, t.storage = schema::Storage::Constant, t.rows = t.cols = 1;
    t.offset = shared;
  }
  const uint32_t x =
      made.rows(std::vector<int16_t>(size_t{kScanTokens} * kScanCols, 100), kScanCols);
  made.step(kScanTokens, kScanTokens);
  schema::QuantiseRowsT quantise;
  quantise.src = x, quantise.dst = made.scratch(Format::RowS8, kScanCols), quantise.unit = 1;
  made.op(quantise);
  schema::AttentionT attention;
  attention.q = made.tensor(Format::S8, kScanTokens, kScanCols);
  attention.k = made.tensor(Format::Keys, kScanTokens, kScanCols);
  attention.v = made.tensor(Format::Values, kScanTokens, kScanCols);
  made.tensor(Format::S8, 1,
              4096);  // the values of sixteen heads take more memory than those of one
  for (const uint32_t t : {attention.k, attention.v}) made.program.tensors[t]->heads = kScanHeads;
  for (const uint32_t t : {attention.q, attention.k, attention.v})
    made.linear(quantise.dst, t, std::vector<int8_t>(size_t{kScanCols} * kScanCols, 1), 0x1p-6f);
  made.step(kScanTokens, kScanTokens);
  attention.dst = made.tensor(Format::S16, kScanTokens, kScanCols);
  attention.score_scale.assign(kScanHeads, 1.0f);
  attention.workspace = made.workspace(attention_workspace_bytes(kScanTokens));
  schema::GatherRowsT gather;
  gather.src = attention.dst;
  if (biased) {
    schema::BiasedAttentionT with_bias;
    const std::vector<int16_t> bias(size_t{kScanTokens} * kScanHeads * 16);
    with_bias.bias = made.constant(bias.data(), bias.size() * sizeof(int16_t));
    with_bias.bias_shift.assign(kScanHeads, 0);
    with_bias.attention = std::make_unique<schema::AttentionT>(attention);
    made.op(std::move(with_bias));
  } else {
    made.op(attention);
  }
  made.step(kScanHeads, kScanHeads);
  schema::RolloutT rollout;
  rollout.q = attention.q, rollout.k = attention.k;
  rollout.dst = made.tensor(Format::F32, kScanHeads, kScanTokens);
  rollout.score_scale.assign(kScanHeads, 1.0f);
  rollout.workspace = made.workspace(rollout_workspace_bytes(kScanTokens, kScanCols / kScanHeads));
  made.op(rollout);
  made.step(kScanTokens, kScanTokens);
  const std::vector<uint32_t> table(kScanTokens);
  gather.index = made.constant(table.data(), kTable);
  gather.dst = made.scratch(Format::S16, kScanCols);
  made.op(gather);
  schema::RotatePairsT rotation;
  const std::vector<int16_t> turns(kTurns / sizeof(int16_t));
  rotation.src = gather.dst, rotation.dst = made.scratch(Format::S16, kScanCols);
  rotation.scale.assign(kScanHeads, 1.0f);
  rotation.turns = made.constant(turns.data(), kTurns);
  made.op(rotation);
  put_out(made, rotation.dst);
  // The file has the same size for all shapes.
  const int64_t file = static_cast<int64_t>(made.finish().size());
  int64_t floats = (file * 4 + excess - kBefore - (biased ? kShifts : 0) - kScales - kRolledScales -
                    kTable - kRotatedScales - kTurns - kAfter) /
                   4;
  for (size_t i = 0; i < kSharing; ++i) {
    const int64_t left = static_cast<int64_t>(kSharing - 1 - i),
                  cols = std::min<int64_t>(kFloats, floats - left);
    made.program.tensors[first + i]->cols = static_cast<uint32_t>(cols);
    floats -= cols;
  }
  EXPECT_EQ(floats, 0);
  return made;
}

TEST(ScanLimits, AreExactWhereverTheyEnd) {
  for (const bool biased : {false, true}) {
    const auto fault_at = [&](int64_t excess) {
      HandMade made = reads_more_by(excess, biased);
      return fault_of(made);
    };
    EXPECT_EQ(fault_at(0), "");
    // From the end: of each reader the last bytes, and one float more, which another reads.
    int64_t excess = 0;
    for (const int64_t bytes : {kAfter, kTurns, kRotatedScales, kTable, kRolledScales, kScales,
                                biased ? kShifts : 0, kBefore}) {
      EXPECT_EQ(fault_at(excess + 4), kEnough) << biased << " " << excess;
      excess += bytes;
      EXPECT_EQ(fault_at(excess), kEnough) << biased << " " << excess;
    }
    EXPECT_EQ(fault_at(excess + 4), kEnough) << biased;  // floats
  }
}

// A program of means of one tensor, 64 in a step; after every 320 the tensor is written again. To
// check one of them, the verifier examines the 64 of its step for the source, those since the
// source was written, and the 64 for the destination. The first step has `fewer`, so that the limit
// is reached elsewhere.
std::string many_means(uint32_t blocks, uint32_t fewer) {
  HandMade made(4, 4);
  constexpr uint32_t kWidth = 4;
  const uint32_t src = made.tensor(Format::S16, 2, kWidth),
                 constant = made.constant_rows(std::vector<int16_t>(2 * kWidth), kWidth);
  uint32_t last = 0;
  for (uint32_t block = 0; block < blocks; ++block) {
    made.step(2, 2);
    schema::CopyT copy;
    copy.src = constant, copy.dst = src;
    made.op(copy);
    for (uint32_t s = 0; s < 5; ++s) {
      made.step(1, 1);
      for (uint32_t i = block + s == 0 ? fewer : 0; i < 64; ++i) {
        schema::MeanRowsT mean;
        mean.src = src, mean.dst = last = made.tensor(Format::S16, 1, kWidth);
        mean.reciprocal = 0.5f;
        made.op(mean);
      }
    }
  }
  made.step(1, 1);
  put_out(made, last);
  return fault_of(made);
}

TEST(ScanLimits, LooksEndAnywhere) {
  EXPECT_EQ(many_means(6, 0), "");
  for (uint32_t fewer = 0; fewer < 16; ++fewer) EXPECT_EQ(many_means(12, fewer), kEnough) << fewer;
}

}  // namespace
}  // namespace vitro
