// SPDX-License-Identifier: Apache-2.0
// A row of weights over tokens, one for each head, times that head's map of attention: rollout,
// from the last layer to the first.
#include "runtime/kernels/rollout.h"

#include "runtime/ops/ops.h"

namespace vitro {

namespace {

struct Bound {
  const schema::Rollout* rollout;
  LinearKernel linear;
  AddSoftmaxKernel add_softmax;
  const int8_t *q, *keys;
  Operand v, dst;
  uint32_t tokens, cols, head_dim;
};

OpOperands operands(const schema::Rollout& a, const schema::Program& program) {
  uint64_t bytes = 0;
  if (a.k() < program.tensors()->size()) {
    const schema::Tensor& k = *program.tensors()->Get(a.k());
    bytes = rollout_workspace_bytes(k.rows(), k.cols() / k.heads());
  }
  return {{{a.v()}, {a.q(), InPlace::no, Reads::parts}, {a.k(), InPlace::no, Reads::parts}},
          a.dst(),
          a.workspace(),
          bytes};
}

bool verify(Checker& checker, const schema::Rollout& a) {
  const schema::Tensor* q = checker.whole_source(a.q(), schema::Format::S8);
  const schema::Tensor* k = q ? checker.whole_source(a.k(), schema::Format::Keys) : nullptr;
  const schema::Tensor* dst = k ? checker.row_destination(a.dst()) : nullptr;
  if (!dst) return false;
  const schema::Tensor* v = dst;
  if (a.v() >= 0) {
    v = checker.row_source(static_cast<uint32_t>(a.v()), schema::Format::F32);
    if (!v || !checker.shapes_fit(v->cols() == k->rows())) return false;
  }
  const uint32_t heads = k->heads(), head_dim = k->cols() / heads;
  if (!checker.shapes_fit(q->rows() == k->rows() && q->cols() == k->cols() && k->groups() == 1) ||
      !checker.shaped(*dst, schema::Format::F32, k->rows()) ||
      !checker.check(checker.step().rows() == heads, "rollout over other rows than heads") ||
      // A multiple of 4 columns: no linear would have written other keys.
      !checker.check(head_dim <= kLargestHead, "rollout of heads of an impossible size") ||
      !checker.check(k->rows() <= kMaxTokens, "rollout over too many tokens") ||
      !checker.check(a.score_scale() && a.score_scale()->size() == heads,
                     "rollout does not have a score scale for each head") ||
      !checker.scan(uint64_t{heads} * sizeof(float)))
    return false;
  for (const float scale : *a.score_scale())
    if (!checker.float_in_range(scale, kScaleRange) ||
        !checker.check(scale * static_cast<float>(head_dim) <= kScoreScaleLimit,
                       "a score scale is too large"))
      return false;
  // q and k are whole: they lie in the arena.
  return checker.workspace(a.workspace(), rollout_workspace_bytes(k->rows(), head_dim), *v, *dst);
}

// Without v the first query's row of scores is all that is computed, and the other queries, which
// are fewer bytes than the keys, are not read. Each head's keys and scale are read once.
OpCost cost(const schema::Rollout& a, const schema::Program& program, const StepShape&) {
  const schema::Tensor& k = *program.tensors()->Get(a.k());
  const uint64_t tokens = k.rows(), rows = a.v() >= 0 ? tokens : 1;
  return {rows * tokens * (k.cols() / k.heads() + 1), 0,
          tensor_bytes(k) - (tokens - rows) * k.cols() + sizeof(float) * uint64_t{k.heads()}};
}

void run(const Bound& a, const RowTile& tile) {
  RolloutArgs args;
  args.linear = a.linear;
  args.add_softmax = a.add_softmax;
  args.q_stride = a.cols;
  args.tokens = a.tokens;
  args.head_dim = a.head_dim;
  args.workspace = tile.scratch + a.rollout->workspace();
  const float* v = a.rollout->v() >= 0 ? reinterpret_cast<const float*>(a.v.at(tile)) : nullptr;
  float* dst = reinterpret_cast<float*>(a.dst.at(tile));
  for (size_t r = 0; r < tile.rows; ++r) {
    const size_t head = tile.first + r;
    args.q = a.q + head * a.head_dim;
    args.keys = a.keys + head * align_up(a.tokens, 16) * a.head_dim;
    args.score_scale = a.rollout->score_scale()->Get(static_cast<unsigned>(head));
    args.v = v ? v + r * a.tokens : nullptr;
    args.dst = dst + r * a.tokens;
    rollout_head(args);
  }
}

Bound bind(const Binder& binder, const schema::Rollout& a) {
  const schema::Tensor& k = binder.tensor(a.k());
  return {&a,
          binder.kernels.linear,
          binder.kernels.add_softmax,
          reinterpret_cast<const int8_t*>(binder.arena(binder.tensor(a.q()))),
          reinterpret_cast<const int8_t*>(binder.arena(k)),
          a.v() >= 0 ? binder.operand(static_cast<uint32_t>(a.v())) : Operand{},
          binder.operand(a.dst()),
          k.rows(),
          k.cols(),
          k.cols() / k.heads()};
}

}  // namespace

const OpType kRollout = TypedOp<schema::Rollout, Bound, operands, verify, bind, run, cost>::type;

}  // namespace vitro
