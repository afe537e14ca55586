// SPDX-License-Identifier: Apache-2.0
// Programs of one attention, plain or with a bias and regions, for its tests.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/op_values.h"

namespace vitro::biased_attention_test {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kTokens = 9, kHeads = 2, kHeadDim = 12, kPadded = 16;

struct Shape {
  uint32_t groups = 1, value_dim = kHeadDim;
  uint32_t query_heads = kHeads, key_heads = kHeads, value_heads = kHeads;
  bool constant_queries = false;
};

struct Terms {
  std::vector<int16_t> bias;  // [heads][tokens][padded]
  std::vector<uint8_t> shift, regions;
  bool any() const { return !shift.empty() || !regions.empty(); }
};

inline std::vector<int8_t> bytes_of(uint32_t seed, size_t count) {
  const Ints wide = int16_numbers(seed, count);
  std::vector<int8_t> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<int8_t>(wide[i] % 128);
  return bytes;
}

constexpr float kScoreScale = 0.125f;

/// Constant int8 queries, or int8 rows that a static quantisation makes of the same numbers; keys
/// and values that linears make of random rows. Ends with the attention.
inline HandMade attention(const Shape& shape, const Terms& terms,
                          std::vector<float> score_scale = {kScoreScale, 2 * kScoreScale}) {
  HandMade made(4, 4);
  const uint32_t rows = shape.groups * kTokens, depth = 24,
                 query_cols = shape.query_heads * kHeadDim;
  const std::vector<int8_t> queries = bytes_of(9, size_t{rows} * query_cols);
  schema::AttentionT a;
  const uint32_t x = made.rows(int16_numbers(1, size_t{rows} * depth), depth);
  const auto packed = [&](Format format, uint32_t heads, uint32_t dim) {
    const uint32_t t = made.tensor(format, rows, heads * dim, shape.groups);
    made.program.tensors[t]->heads = heads;
    return t;
  };
  a.k = packed(Format::Keys, shape.key_heads, kHeadDim);
  a.v = packed(Format::Values, shape.value_heads, shape.value_dim);
  made.tensor(Format::S8, rows + 3, 64);  // room for what pads each head of the values
  made.step(rows, 5);
  schema::LayerNormT norm;
  norm.src = x, norm.dst = made.scratch(Format::RowS8, depth), norm.epsilon = 1;
  made.op(norm);
  made.linear(norm.dst, a.k, bytes_of(2, size_t{shape.key_heads} * kHeadDim * depth), 0x1p-5f);
  made.linear(norm.dst, a.v, bytes_of(3, size_t{shape.value_heads} * shape.value_dim * depth),
              0x1p-5f);
  a.q = made.tensor(Format::S8, rows, query_cols);
  if (shape.constant_queries) {
    made.program.tensors[a.q]->storage = schema::Storage::Constant;
    made.program.tensors[a.q]->offset = made.constant(queries.data(), queries.size());
  } else {
    schema::StaticQuantiseT quantise;
    quantise.src = made.rows(Ints(queries.begin(), queries.end()), query_cols);
    quantise.dst = a.q, quantise.scale = 1;
    made.step(rows, rows);
    made.op(quantise);
  }
  made.step(rows, 4);
  a.score_scale = std::move(score_scale);
  a.workspace = made.workspace(attention_workspace_bytes(kTokens));
  a.dst = made.tensor(Format::S16, rows, shape.query_heads * shape.value_dim);
  if (!terms.any()) {
    made.op(a);
    return made;
  }
  schema::BiasedAttentionT b;
  b.attention = std::make_unique<schema::AttentionT>(a);
  b.bias_shift = terms.shift;
  b.bias = made.constant(terms.bias.data(), terms.bias.size() * sizeof(int16_t));
  b.has_regions = !terms.regions.empty();
  b.regions = made.constant(terms.regions.data(), terms.regions.size());
  made.op(std::move(b));
  return made;
}

inline schema::AttentionT& attention_of(ProgramT& p) {
  schema::OpArgsUnion& args = p.steps.back()->ops.back()->args;
  return args.AsBiasedAttention() ? *args.AsBiasedAttention()->attention : *args.AsAttention();
}

inline Ints result_of(HandMade made) {
  const uint32_t dst = attention_of(made.program).dst;
  return run_op(made, dst);
}

inline Terms biased(int16_t value, uint8_t shift) {
  Terms terms;
  terms.bias.assign(kHeads * kTokens * kPadded, value);
  terms.shift.assign(kHeads, shift);
  return terms;
}

}  // namespace vitro::biased_attention_test
