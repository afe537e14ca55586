// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/attention.h"

namespace vitro {

OpOperands attention_operands(const schema::Attention& a, const schema::Program& program) {
  const uint64_t tokens =
      a.k() < program.tensors()->size() ? group_rows(*program.tensors()->Get(a.k())) : 0;
  return {{{a.q()}, {a.k(), InPlace::no, Reads::parts}, {a.v(), InPlace::no, Reads::parts}},
          a.dst(),
          a.workspace(),
          attention_workspace_bytes(tokens)};
}

bool verify_attention(Checker& checker, const schema::Attention& a, uint32_t reach) {
  const schema::Tensor* q = checker.row_source(a.q(), schema::Format::S8);
  const schema::Tensor* k = q ? checker.whole_source(a.k(), schema::Format::Keys) : nullptr;
  const schema::Tensor* v = k ? checker.whole_source(a.v(), schema::Format::Values) : nullptr;
  const schema::Tensor* dst = v ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const uint32_t head_dim = k->cols() / k->heads(), value_dim = v->cols() / v->heads(),
                 heads = q->cols() / head_dim, tokens = group_rows(*k);
  if (!checker.shapes_fit(q->cols() % head_dim == 0 && (k->heads() == heads || k->heads() == 1) &&
                          (v->heads() == heads || v->heads() == 1) && v->rows() == k->rows() &&
                          v->groups() == k->groups()) ||
      !checker.check(checker.step().rows() % k->groups() == 0,
                     "groups does not divide the queries of attention") ||
      !checker.shaped(*dst, schema::Format::S16, uint64_t{heads} * value_dim) ||
      // A multiple of 4 columns: no linear would have written other keys.
      !checker.check(head_dim <= kLargestHead && value_dim <= kLargestHead,
                     "attention heads of an impossible size") ||
      !checker.check(tokens <= kMaxTokens, "attention over too many tokens") ||
      !checker.check(a.score_scale() && a.score_scale()->size() == heads,
                     "attention does not have a score scale for each head") ||
      !checker.scan(uint64_t{heads} * sizeof(float)))
    return false;
  for (const float scale : *a.score_scale())
    if (!checker.float_in_range(scale, kScaleRange) ||
        !checker.check(scale * static_cast<float>(head_dim + reach) <= kScoreScaleLimit,
                       "a score scale is too large"))
      return false;
  return checker.workspace(a.workspace(), attention_workspace_bytes(tokens), *q, *dst);
}

void run_attention(const BoundAttention& a, const RowTile& tile) {
  AttentionArgs args;
  args.q = reinterpret_cast<const int8_t*>(a.q.at(tile));
  args.tokens = a.tokens;
  args.heads = a.heads;
  args.head_dim = a.head_dim;
  args.value_dim = a.value_dim;
  args.shared_keys = a.shared_keys;
  args.shared_values = a.shared_values;
  args.score_scale = a.attention->score_scale()->data();
  args.terms = nullptr;
  args.dst = reinterpret_cast<int16_t*>(a.dst.at(tile));
  args.workspace = tile.scratch + a.attention->workspace();
  ScoreTerms terms{};
  if (a.biased) {
    args.terms = &terms;
    terms.queries = a.queries;
    const auto* shift = a.biased->bias_shift();
    if (shift && shift->size() > 0) {
      terms.bias = reinterpret_cast<const int16_t*>(a.constants + a.biased->bias());
      terms.bias_shift = shift->data();
    }
  }
  const size_t keys_bytes =
      align_up(a.tokens, 16) * a.head_dim * (a.shared_keys ? 1 : size_t{a.heads});
  const size_t values_bytes =
      align_up(a.tokens, 4) * align_up(a.value_dim, 16) * (a.shared_values ? 1 : size_t{a.heads});
  for (size_t row = 0; row < tile.rows; row += args.m) {
    const uint32_t query = static_cast<uint32_t>(tile.first + row), group = query / a.queries;
    args.m = (group + 1) * size_t{a.queries} - query;
    if (args.m > tile.rows - row) args.m = tile.rows - row;
    args.keys = a.keys + group * keys_bytes;
    args.values = a.values + group * values_bytes;
    terms.first_query = query - group * size_t{a.queries};
    if (a.biased && a.biased->has_regions())
      terms.regions = a.constants + a.biased->regions() + group * size_t{a.tokens};
    a.kernel(args);
    args.q += args.m * a.heads * a.head_dim;
    args.dst += args.m * a.heads * a.value_dim;
  }
}

BoundAttention bind_attention(const Binder& binder, const schema::Attention& a) {
  const schema::Tensor &k = binder.tensor(a.k()), &v = binder.tensor(a.v());
  BoundAttention b;
  b.kernel = binder.kernels.attention;
  b.keys = reinterpret_cast<const int8_t*>(binder.arena(k));
  b.values = reinterpret_cast<const int8_t*>(binder.arena(v));
  b.q = binder.operand(a.q());
  b.dst = binder.operand(a.dst());
  b.attention = &a;
  b.biased = nullptr;
  b.constants = nullptr;
  b.queries = binder.step.rows() / k.groups();
  b.tokens = group_rows(k);
  b.heads = a.score_scale()->size();
  b.head_dim = k.cols() / k.heads() & 0x7fff;
  b.shared_keys = k.heads() < b.heads;
  b.value_dim = v.cols() / v.heads() & 0x7fff;
  b.shared_values = v.heads() < b.heads;
  return b;
}

namespace {

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

bool verify(Checker& checker, const schema::Attention& a) {
  return verify_attention(checker, a, 0);
}

}  // namespace

OpCost attention_cost(const schema::Attention& a, const schema::Program& program,
                      const StepShape& step) {
  const schema::Tensor &k = *program.tensors()->Get(a.k()), &v = *program.tensors()->Get(a.v());
  const uint64_t cols =
      uint64_t{program.tensors()->Get(a.q())->cols()} + program.tensors()->Get(a.dst())->cols();
  return {group_rows(k) * cols, uint64_t{a.score_scale()->size()} * sizeof(float),
          meetings(step, k.groups()) * (group_bytes(k) + group_bytes(v))};
}

const OpType kAttention = TypedOp<schema::Attention, BoundAttention, attention_operands, verify,
                                  bind_attention, run_attention, attention_cost>::type;

}  // namespace vitro
