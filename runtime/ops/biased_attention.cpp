// SPDX-License-Identifier: Apache-2.0
// Attention whose scores have a bias, or whose keys and queries are in regions.
#include "runtime/ops/attention.h"

namespace vitro {

namespace {

uint32_t shift_count(const schema::BiasedAttention& b) {
  return b.bias_shift() ? b.bias_shift()->size() : 0;
}

// Bytes of the bias of one query.
uint64_t bias_row_bytes(uint32_t heads, uint32_t tokens) {
  return heads * align_up(tokens, 16) * sizeof(int16_t);
}

OpOperands operands(const schema::BiasedAttention& b, const schema::Program& program) {
  return attention_operands(*b.attention(), program);
}

bool verify(Checker& checker, const schema::BiasedAttention& b) {
  const schema::Attention& a = *b.attention();
  const uint32_t shifts = shift_count(b);
  uint32_t reach = 0;
  if (!checker.check(shifts > 0 || b.has_regions(), "a bias is neither there nor are regions") ||
      !checker.scan(shifts))
    return false;
  for (uint32_t head = 0; head < shifts; ++head) {
    const unsigned shift = b.bias_shift()->Get(head);
    if (!checker.check(shift <= kLargestBiasShift, "a bias is shifted too far")) return false;
    if (bias_reach(shift) > reach) reach = bias_reach(shift);
  }
  if (!verify_attention(checker, a, b.has_regions() ? kRegionReach : reach)) return false;
  const schema::Tensor& k = *checker.program().tensors()->Get(a.k());
  const uint32_t heads = a.score_scale()->size(), tokens = group_rows(k),
                 queries = checker.step().rows() / k.groups();
  if (shifts > 0 &&
      (!checker.check(shifts == heads, "a bias does not have a shift for each head") ||
       !checker.constants(b.bias(), queries * bias_row_bytes(heads, tokens), sizeof(int16_t))))
    return false;
  if (!b.has_regions()) return true;
  if (!checker.check(queries == tokens, "regions of other queries than keys")) return false;
  for (const float scale : *a.score_scale())
    if (!checker.check(scale >= kRegionScale, "a score scale is too small for regions"))
      return false;
  return checker.constants(b.regions(), k.rows(), 1);
}

BoundAttention bind(const Binder& binder, const schema::BiasedAttention& b) {
  BoundAttention bound = bind_attention(binder, *b.attention());
  bound.biased = &b;
  bound.constants = binder.constant(0);
  return bound;
}

OpCost cost(const schema::BiasedAttention& b, const schema::Program& program,
            const StepShape& step) {
  const schema::Attention& a = *b.attention();
  const schema::Tensor& k = *program.tensors()->Get(a.k());
  OpCost cost = attention_cost(a, program, step);
  // Of each query its bias, of each tile the regions of a group.
  if (const uint32_t heads = shift_count(b); heads > 0)
    cost.tile_bytes += heads + rows_of_a_tile(step) * bias_row_bytes(heads, group_rows(k));
  if (b.has_regions()) cost.tile_bytes += group_rows(k);
  return cost;
}

}  // namespace

const OpType kBiasedAttention = TypedOp<schema::BiasedAttention, BoundAttention, operands, verify,
                                        bind, run_attention, cost>::type;

}  // namespace vitro
