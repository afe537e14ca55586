// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/core/session.h"
#include "runtime/kernels/rollout.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"

namespace vitro::rollout_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kHeads = 3, kHeadDim = 8, kCols = kHeads * kHeadDim, kDepth = 16;

std::vector<int8_t> weights(uint32_t seed, size_t count) {
  std::vector<int8_t> out;
  for (const int16_t x : int16_numbers(seed, count)) out.push_back(static_cast<int8_t>(x % 128));
  return out;
}

struct Parts {
  HandMade made{4, 4};
  uint32_t q = 0, k = 0, v = 0, dst = 0;
};

uint32_t quantised(HandMade& made, uint32_t src, uint32_t cols, float unit = 1) {
  schema::QuantiseRowsT args;
  args.src = src, args.dst = made.scratch(Format::RowS8, cols), args.unit = unit;
  made.op(args);
  return args.dst;
}

/// Queries and keys of so many tokens; v, whose values are multiples of `step`; then rollout, in
/// the step that makes v where that lies in the scratch.
Parts rollout(uint32_t tokens, bool from_v, float step, float score_scale,
              bool in_scratch = false) {
  Parts p;
  HandMade& made = p.made;
  const uint32_t x = made.rows(int16_numbers(3, size_t{tokens} * kDepth), kDepth),
                 y = made.rows(int16_numbers(4, size_t{kHeads} * kDepth), kDepth);
  made.step(tokens, 5);
  const uint32_t rows = quantised(made, x, kDepth);
  p.q = made.tensor(Format::S8, tokens, kCols), p.k = made.tensor(Format::Keys, tokens, kCols);
  made.program.tensors[p.k]->heads = kHeads;
  made.linear(rows, p.q, weights(5, size_t{kCols} * kDepth), 1e-4f);
  made.linear(rows, p.k, weights(6, size_t{kCols} * kDepth), 2e-4f);
  made.step(kHeads, 2);
  p.v = in_scratch ? made.scratch(Format::F32, tokens) : made.tensor(Format::F32, kHeads, tokens);
  // The scale of rows and that of outputs are each in the law's range.
  made.linear(quantised(made, y, kDepth, 0x1p-30f), p.v, weights(7, size_t{tokens} * kDepth),
              step * 0x1p30f);
  if (!in_scratch) made.step(kHeads, 2);
  p.dst = made.tensor(Format::F32, kHeads, tokens);
  schema::RolloutT args;
  args.q = p.q, args.k = p.k, args.dst = p.dst;
  if (from_v) args.v = static_cast<int32_t>(p.v);
  args.score_scale.assign(kHeads, score_scale);
  args.score_scale[1] = score_scale / 64;
  args.workspace = made.workspace(rollout_workspace_bytes(tokens, kHeadDim));
  made.op(args);
  made.output("row", schema::OutputKind::Features, p.dst);
  return p;
}

schema::RolloutT& rollout_of(ProgramT& p) { return *p.steps.back()->ops.back()->args.AsRollout(); }

// The law a second time. What is computed in double is rounded once by single().
float single(double x) { return static_cast<float>(x); }

int weight_of(double distance, float c) {
  const double x = std::min(std::nearbyint(double{single(distance * double{c})}), 30719.0);
  const int t = static_cast<int>(x), w = t % 2048 * 16;
  const auto mulhrs = [](int a, int b) { return (a * b + 16384) >> 15; };
  return (mulhrs(mulhrs(2753, w) - 10872, w) + 16293) >> t / 2048;
}

void expect_law(uint32_t tokens, bool from_v, float step, float score_scale) {
  Parts p = rollout(tokens, from_v, step, score_scale);
  const AlignedBytes file = p.made.finish();
  const vitro_program program = open_program(file);
  for (size_t n = 0; const char* isa = vitro_isa_name(n); ++n) {
    vitro_config config{};
    config.isa = isa;
    config.threads = 1 + n % 3;
    config.parallel_for = config.threads > 1 ? backwards : nullptr;
    AlignedBytes arena(vitro_arena_bytes(&program, config.threads));
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
    vitro_run(session);
    const auto at = [&](uint32_t tensor) {
      return session->planned + p.made.program.tensors[tensor]->offset;
    };
    const auto* q = reinterpret_cast<const int8_t*>(at(p.q));
    const auto* k = reinterpret_cast<const int8_t*>(at(p.k));
    const auto* v = reinterpret_cast<const float*>(at(p.v));
    const auto* got = reinterpret_cast<const float*>(at(p.dst));
    const uint32_t blocks = (tokens + 15) / 16;
    for (uint32_t h = 0; h < kHeads; ++h) {
      std::vector<float> want(tokens);
      for (uint32_t i = 0; i < (from_v ? tokens : 1); ++i) {
        std::vector<int> score(tokens);
        for (uint32_t j = 0; j < tokens; ++j)
          for (uint32_t d = 0; d < kHeadDim; ++d)
            score[j] +=
                q[i * kCols + h * kHeadDim + d] *
                k[((h * blocks + j / 16) * (kHeadDim / 4) + d / 4) * 64 + j % 16 * 4 + d % 4];
        const int highest = *std::max_element(score.begin(), score.end());
        int64_t sum = 0;
        std::vector<int> weight;
        for (const int s : score)
          weight.push_back(weight_of(highest - s, score_scale / (h == 1 ? 64.0f : 1.0f))),
              sum += weight.back();
        const float raw = from_v ? v[h * tokens + i] : 1;
        if (raw < 0x1p-40f) continue;
        const float share = single(double{std::min(raw, 1.0f)} / double(single(double(sum))));
        for (uint32_t j = 0; j < tokens; ++j)
          want[j] = single(double{want[j]} + double{single(double{share} * weight[j])});
      }
      for (uint32_t j = 0; j < tokens; ++j)
        ASSERT_EQ(got[h * tokens + j], want[j])
            << isa << ", head " << h << ", token " << j << " of " << tokens;
    }
  }
}

TEST(Rollout, IsTheLaw) {
  for (const uint32_t tokens : {1u, 12u, 13u, 33u}) {
    expect_law(tokens, false, 1, 1);
    expect_law(tokens, true, 1e-8f, 0.5f);
    expect_law(tokens, true, 0x1p-62f, 300);  // about where a value counts as 0
    expect_law(tokens, true, 1, 65535.0f / kHeadDim);
  }
}

Base sound(bool from_v = true, bool in_scratch = false) {
  return Base([from_v, in_scratch] {
    return unpack(rollout(20, from_v, 1e-8f, 1, in_scratch).made.finish());
  });
}

TEST(Rollout, Bounds) {
  expect_floats(
      "score scale", {0x1p-40f, 65535.0f / kHeadDim},
      [](ProgramT& p, float x) { rollout_of(p).score_scale[2] = x; }, sound());
  expect_bound<uint64_t>(
      "bytes of the workspace",
      [](ProgramT& p, uint64_t bytes) { p.steps.back()->scratch_bytes = bytes; },
      align_up(rollout_workspace_bytes(20, kHeadDim), 64),
      align_up(rollout_workspace_bytes(20, kHeadDim), 64) - 64, sound());
  expect_bound<size_t>(
      "number of score scales",
      [](ProgramT& p, size_t count) { rollout_of(p).score_scale.resize(count, 1); }, kHeads,
      kHeads + 1, sound());
}

constexpr char kShape[] = "an operand of another shape or format than the op takes";

// A tensor of zeros, written by a linear in a step of its own.
uint32_t projected(HandMade& made, Format format, uint32_t rows, uint32_t cols) {
  const uint32_t x = made.rows(std::vector<int16_t>(size_t{rows} * 4), 4);
  const uint32_t dst = made.tensor(format, rows, cols);
  made.step(rows, 12);
  made.linear(quantised(made, x, 4), dst, std::vector<int8_t>(size_t{cols} * 4), 1);
  return dst;
}

// Tensors of other queries, tokens or heads throughout.
HandMade of_shape(uint32_t queries, uint32_t tokens, uint32_t heads, uint32_t head_dim) {
  HandMade made(4, 4);
  const uint32_t cols = heads * head_dim;
  schema::RolloutT args;
  args.q = projected(made, Format::S8, queries, cols);
  args.k = projected(made, Format::Keys, tokens, cols);
  made.program.tensors[args.k]->heads = heads;
  made.step(heads, 12);
  args.dst = made.tensor(Format::F32, heads, tokens);
  args.score_scale.assign(heads, 1);
  args.workspace = made.workspace(rollout_workspace_bytes(tokens, head_dim));
  made.op(args);
  made.output("row", schema::OutputKind::Features, args.dst);
  return made;
}

TEST(Rollout, LargestShapes) {
  const auto fault = [](uint32_t tokens, uint32_t heads, uint32_t head_dim) {
    HandMade made = of_shape(tokens, tokens, heads, head_dim);
    return fault_of(made);
  };
  EXPECT_EQ(fault(3, 2, 512), "");
  EXPECT_EQ(fault(3, 2, 516), "rollout of heads of an impossible size");
  EXPECT_EQ(fault(65536, 1, 4), "");
  EXPECT_EQ(fault(65537, 1, 4), "rollout over too many tokens");
}

TEST(Rollout, AQueryForEachToken) {
  const auto fault = [](uint32_t queries) {
    HandMade made = of_shape(queries, 13, 2, 4);
    return fault_of(made);
  };
  EXPECT_EQ(fault(13), "");
  for (const uint32_t queries : {1u, 12u, 14u}) EXPECT_EQ(fault(queries), kShape) << queries;
}

// Wider keys, and what makes them.
void widen(ProgramT& p, uint32_t cols) {
  const uint64_t weights = add_zeros(p, size_t{528} * 4), channels = add_zeros(p, size_t{528} * 12);
  uint64_t offset = 1 << 16;
  for (const uint32_t i : {rollout_of(p).q, rollout_of(p).k})
    p.tensors[i]->cols = cols, p.tensors[i]->offset = offset += 1 << 16;
  for (auto& step : p.steps) {
    step->scratch_offset = 1 << 18;
    for (auto& op : step->ops)
      if (auto* a = op->args.AsLinear()) a->weights = weights, a->channels = channels;
  }
}

Base wide() {
  return Base([] { return unpack(of_shape(3, 3, 1, 512).finish()); });
}

uint32_t floats_of(ProgramT& p, uint32_t cols) {
  return add_tensor(p, Format::F32, schema::Storage::Constant, kHeads, cols,
                    add_zeros(p, size_t{kHeads} * cols * 4));
}

const OwnHostileCases kHostile{{
    {"rollout of heads of an impossible size", "516 columns", [](ProgramT& p) { widen(p, 516); },
     wide()},
    {kShape, "queries of fewer columns",
     [](ProgramT& p) {
       const uint64_t weights = add_zeros(p, size_t{32} * kDepth),
                      channels = add_zeros(p, size_t{32} * 12);
       for (auto& op : p.steps[2]->ops)
         if (auto* a = op->args.AsLinear()) a->weights = weights, a->channels = channels;
       p.tensors[rollout_of(p).q]->cols = kCols - kHeadDim;
     },
     sound()},
    {kShape, "keys in groups", [](ProgramT& p) { p.tensors[rollout_of(p).k]->groups = 2; },
     sound()},
    {kShape, "v of fewer tokens",
     [](ProgramT& p) { rollout_of(p).v = static_cast<int32_t>(floats_of(p, 19)); }, sound()},
    {kShape, "a row of fewer tokens", [](ProgramT& p) { p.tensors[rollout_of(p).dst]->cols = 19; },
     sound(false)},
    {"rollout over other rows than heads", "one head of all columns",
     [](ProgramT& p) { p.tensors[rollout_of(p).k]->heads = 1; }, sound()},
    {"rollout does not have a score scale for each head", "none",
     [](ProgramT& p) { rollout_of(p).score_scale.clear(); }, sound()},
    {"a score scale is too large", "twice",
     [](ProgramT& p) { rollout_of(p).score_scale[0] = 2 * 65535.0f / kHeadDim; }, sound()},
    {kNumber, "score scale", [](ProgramT& p) { rollout_of(p).score_scale[0] = NAN; }, sound()},
    {"a workspace outside the scratch", "workspace",
     [](ProgramT& p) { rollout_of(p).workspace = 1 << 20; }, sound()},
    {"a workspace that overlaps an operand", "v", [](ProgramT& p) { rollout_of(p).workspace = 0; },
     sound(true, true)},
    {"a workspace that overlaps an operand", "the row",
     [](ProgramT& p) {
       schema::TensorT& row = *p.tensors[rollout_of(p).dst];
       row.storage = schema::Storage::Scratch, row.rows = p.steps.back()->tile_rows;
       row.offset = rollout_of(p).workspace;
       p.output = p.outputs[0]->tensor = static_cast<uint32_t>(rollout_of(p).v);
     },
     sound()},
    {"an operand of the wrong format", "v", [](ProgramT& p) { rollout_of(p).v = 0; }, sound()},
    {"an operand of the wrong format", "keys as queries",
     [](ProgramT& p) { rollout_of(p).q = rollout_of(p).k; }, sound()},
    {"an operand of the wrong format", "queries as keys",
     [](ProgramT& p) { rollout_of(p).k = rollout_of(p).q; }, sound()},
    {"an operand is not a tensor", "keys", [](ProgramT& p) { rollout_of(p).k = 1 << 20; }, sound()},
}};

// One head, of which v, in one place with q and k, has a row.
AliasedOp aliased(bool from_v) {
  std::vector<AliasedOperand> sources = {{"q", Format::S8, kAliasedRows, kAliasedCols, true},
                                         {"k", Format::Keys, kAliasedRows, kAliasedCols, true}};
  if (from_v) sources.push_back({"v", Format::F32, 1, kAliasedRows});
  return {from_v ? "rollout from v" : "rollout",
          sources,
          {"dst", Format::F32, 1, kAliasedRows},
          [from_v](HandMade& made, const std::vector<uint32_t>& operands, uint32_t destination) {
            schema::RolloutT args;
            args.q = operands[0], args.k = operands[1], args.dst = destination;
            if (from_v) args.v = static_cast<int32_t>(operands[2]);
            args.score_scale = {0.25f};
            args.workspace = made.workspace(rollout_workspace_bytes(kAliasedRows, kAliasedCols));
            made.op(args);
          }};
}

const OwnAliasing kAliasing{aliased(false)}, kFromValues{aliased(true)};

}  // namespace
}  // namespace vitro::rollout_test
