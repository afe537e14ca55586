// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  AttentionKernel kernel;
  const float* score_scale;
  const int8_t* keys;
  const int8_t* values;
  Operand q, dst;
  uint32_t workspace, heads, head_dim;
  uint32_t queries, tokens, keys_bytes, values_bytes;  // of a group
};

OpOperands operands(const schema::Attention& a, const schema::Program& program) {
  const uint64_t tokens =
      a.k() < program.tensors()->size() ? group_rows(*program.tensors()->Get(a.k())) : 0;
  return {{{a.q()}, {a.k(), InPlace::no, Reads::parts}, {a.v(), InPlace::no, Reads::parts}},
          a.dst(),
          a.workspace(),
          attention_workspace_bytes(tokens)};
}

bool verify(Checker& checker, const schema::Attention& a) {
  const schema::Tensor* q = checker.row_source(a.q(), schema::Format::S8);
  const schema::Tensor* k = q ? checker.whole_source(a.k(), schema::Format::Keys) : nullptr;
  const schema::Tensor* v = k ? checker.whole_source(a.v(), schema::Format::Values) : nullptr;
  const schema::Tensor* dst = v ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const uint32_t heads = k->heads(), head_dim = k->cols() / heads, tokens = group_rows(*k);
  if (!checker.shapes_fit(v->heads() == heads && v->rows() == k->rows() && v->cols() == k->cols() &&
                          v->groups() == k->groups() && q->cols() == k->cols()) ||
      !checker.check(checker.step().rows() % k->groups() == 0,
                     "groups does not divide the queries of attention") ||
      !checker.shaped(*dst, schema::Format::S16, q->cols()) ||
      // A multiple of 4 columns: no linear would have written other keys.
      !checker.check(head_dim <= kLargestHead, "attention heads of an impossible size") ||
      !checker.check(tokens <= kMaxTokens, "attention over too many tokens") ||
      !checker.check(a.score_scale() && a.score_scale()->size() == heads,
                     "attention does not have a score scale for each head") ||
      !checker.scan(uint64_t{heads} * sizeof(float)))
    return false;
  for (const float scale : *a.score_scale())
    if (!checker.float_in_range(scale, kScaleRange) ||
        !checker.check(scale * static_cast<float>(head_dim) <= kScoreScaleLimit,
                       "a score scale is too large"))
      return false;
  return checker.workspace(a.workspace(), attention_workspace_bytes(tokens), *q, *dst);
}

void run(const Bound& a, const RowTile& tile) {
  AttentionArgs args;
  args.q = reinterpret_cast<const int8_t*>(a.q.at(tile));
  args.tokens = a.tokens;
  args.heads = a.heads;
  args.head_dim = a.head_dim;
  args.score_scale = a.score_scale;
  args.dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  args.workspace = tile.scratch + a.workspace;
  const size_t cols = size_t{a.heads} * a.head_dim;
  for (size_t row = 0; row < tile.rows; row += args.m) {
    const uint32_t query = static_cast<uint32_t>(tile.first + row), group = query / a.queries;
    args.m = (group + 1) * size_t{a.queries} - query;
    if (args.m > tile.rows - row) args.m = tile.rows - row;
    args.keys = a.keys + group * size_t{a.keys_bytes};
    args.values = a.values + group * size_t{a.values_bytes};
    a.kernel(args);
    args.q += args.m * cols;
    args.dst += args.m * cols;
  }
}

Bound bind(const Binder& binder, const schema::Attention& a) {
  const schema::Tensor &k = binder.tensor(a.k()), &v = binder.tensor(a.v());
  Bound b;
  b.kernel = binder.kernels.attention;
  b.score_scale = a.score_scale()->data();
  b.keys = reinterpret_cast<const int8_t*>(binder.arena(k));
  b.values = reinterpret_cast<const int8_t*>(binder.arena(v));
  b.q = binder.operand(a.q());
  b.dst = binder.operand(a.dst());
  b.workspace = static_cast<uint32_t>(a.workspace());
  b.queries = binder.step.rows() / k.groups();
  b.tokens = group_rows(k);
  b.keys_bytes = static_cast<uint32_t>(group_bytes(k));
  b.values_bytes = static_cast<uint32_t>(group_bytes(v));
  b.heads = k.heads();
  b.head_dim = k.cols() / k.heads();
  return b;
}

// Tiles and groups that meet: a group's keys and values are read by each tile that has rows of it.
uint64_t meetings(const StepShape& step, uint32_t groups) {
  const uint32_t queries = step.rows / groups;
  uint32_t a = queries, b = step.tile_rows;
  while (b > 0) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  // Each group after the first splits a tile, but where it begins with one: at a multiple of both.
  const uint64_t both = uint64_t{queries / a} * step.tile_rows;
  const uint32_t aligned = both < step.rows ? (step.rows - 1) / static_cast<uint32_t>(both) : 0;
  return uint64_t{step.tiles} + groups - 1 - aligned;
}

OpCost cost(const schema::Attention& a, const schema::Program& program, const StepShape& step) {
  const schema::Tensor &k = *program.tensors()->Get(a.k()), &v = *program.tensors()->Get(a.v());
  return {2 * uint64_t{group_rows(k)} * k.cols(), uint64_t{k.heads()} * sizeof(float),
          meetings(step, k.groups()) * (group_bytes(k) + group_bytes(v))};
}

}  // namespace

const OpType kAttention =
    TypedOp<schema::Attention, Bound, operands, verify, bind, run, cost>::type;

}  // namespace vitro
