// SPDX-License-Identifier: Apache-2.0
// What attention with and without bias and regions share.
#pragma once

#include "runtime/ops/ops.h"

namespace vitro {

struct BoundAttention {
  AttentionKernel kernel;
  const int8_t* keys;
  const int8_t* values;
  Operand q, dst;
  const schema::Attention* attention;
  const schema::BiasedAttention* biased;  // or null
  const uint8_t* constants;               // that biased names
  uint32_t queries, tokens;               // of a group
  uint32_t heads;
  uint32_t head_dim : 15, shared_keys : 1, value_dim : 15, shared_values : 1;
};

OpOperands attention_operands(const schema::Attention& a, const schema::Program& program);

// `reach`: by how many columns of a head the largest difference of two scores is larger than that
// of q k^T alone.
bool verify_attention(Checker& checker, const schema::Attention& a, uint32_t reach);

BoundAttention bind_attention(const Binder& binder, const schema::Attention& a);

void run_attention(const BoundAttention& a, const RowTile& tile);

OpCost attention_cost(const schema::Attention& a, const schema::Program& program,
                      const StepShape& step);

}  // namespace vitro
