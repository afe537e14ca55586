// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/kernels/cases.h"

namespace vitro {
namespace {

using namespace deit_tiny;

constexpr size_t kLargestLayerNorm = 4096;  // columns that the verifier allows

struct Range {
  int32_t lo, hi;
};

// Rows of int16 through layer_norm and quantise_rows.
void rows(size_t m, size_t dim, const Range& range, Values values, uint32_t seed,
          CaseMemory& memory, CaseVisitor visit) {
  Source source(seed, values);
  memory.begin();
  const int16_t* const src = memory.integers<int16_t>(source, m * dim, range.lo, range.hi);
  Case c{};
  c.values = values;
  c.seed = seed;
  c.params_at = round_up(m * dim, 8);
  c.bytes = c.params_at + m * sizeof(RowParams);
  if (dim <= kLargestLayerNorm) {
    c.kernel = Case::Kernel::layer_norm;
    c.layer_norm = {src, m, dim, 1234.5f, nullptr, nullptr};
    visit(c);
  }
  c.kernel = Case::Kernel::quantise_rows;
  c.quantise_rows = {src, m, dim, 0.037f, nullptr, nullptr};
  visit(c);
}

constexpr size_t kFrozenDims[] = {1, 4, 7, 8, 12, 16, 20, 29, 36, 64, 100, 192, 768, 4096};
constexpr Range kFrozenRanges[] = {{0, 0}, {0, 1},   {-1, 0},        {-300, 5000},
                                   {5, 9}, {-9, -5}, {-32768, 32767}};
constexpr size_t kLargeDims[] = {1,  4,   7,   12,  16,  20,   29,   36,
                                 64, 100, 192, 384, 768, 1280, 4096, 5120};
constexpr Range kLargeRanges[] = {{0, 0}, {0, 1},   {-1, 0},      {-1, 1},        {-300, 300},
                                  {5, 9}, {-9, -5}, {-300, 5000}, {-32768, 32767}};

void frozen_rows(CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const size_t dim : kFrozenDims)
    for (size_t m = 1; m <= 3; m += 2)
      for (const Values values : kAllValues)
        for (const Range& range : kFrozenRanges) rows(m, dim, range, values, seed++, memory, visit);
}

void large_rows(CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const size_t dim : kLargeDims)
    for (size_t m = 2; m <= 7; m += 5)
      for (const Values values : kAllValues)
        for (const Range& range : kLargeRanges) rows(m, dim, range, values, seed++, memory, visit);
}

struct AttentionShape {
  size_t m, tokens, heads, head_dim;
};

Case attention_case(const AttentionShape& shape, CaseMemory& memory) {
  Case c{};
  c.kernel = Case::Kernel::attention;
  c.attention.m = shape.m;
  c.attention.tokens = shape.tokens;
  c.attention.heads = shape.heads;
  c.attention.head_dim = c.attention.value_dim = shape.head_dim;
  c.bytes = shape.m * shape.heads * shape.head_dim * 2;
  memory.begin();
  c.workspace_bytes = attention_workspace_bytes(shape.tokens);
  c.attention.workspace = memory.aligned(c.workspace_bytes + kGuard);
  return c;
}

Case attention(const AttentionShape& shape, float score_scale, Values values, uint32_t seed,
               CaseMemory& memory) {
  Source source(seed, values);
  Case c = attention_case(shape, memory);
  c.values = values;
  c.seed = seed;
  const size_t dim = shape.heads * shape.head_dim,
               value_bytes = round_up(shape.tokens, 4) * round_up(shape.head_dim, 16) * shape.heads;
  c.attention.q = memory.integers<int8_t>(source, shape.m * dim, -127, 127);
  c.attention.keys = memory.integers<int8_t>(source, round_up(shape.tokens, 16) * dim, -127, 127);
  c.attention.values = memory.integers<int8_t>(source, value_bytes, -127, 127);
  float* const scales = memory.get<float>(shape.heads);
  for (size_t head = 0; head < shape.heads; ++head)
    scales[head] = score_scale * (head == 0 ? 1.0f : head == 1 ? 0.5f : 2.0f);
  c.attention.score_scale = scales;
  return c;
}

constexpr AttentionShape kFrozenAttentions[] = {
    {1, 1, 1, 4},   {2, 2, 1, 16},  {3, 5, 2, 12},    {7, 16, 1, 64},  {5, 17, 3, 20},
    {6, 65, 2, 64}, {8, 33, 1, 80}, {13, 197, 1, 64}, {9, 198, 1, 32}, {2, 1370, 1, 64}};
constexpr AttentionShape kLargeAttentions[] = {{6, 65, 3, 64},   {13, 197, 3, 64}, {9, 198, 1, 64},
                                               {12, 208, 2, 48}, {4, 577, 1, 64},  {6, 31, 1, 64},
                                               {6, 32, 1, 64},   {6, 64, 1, 128},  {6, 96, 1, 68}};

constexpr float kScoreScales[] = {0.01f, 0.3f, 500.0f};

template <size_t N>
void attentions(const AttentionShape (&shapes)[N], CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const AttentionShape& shape : shapes)
    for (const Values values : kAllValues)
      for (const float score_scale : kScoreScales)
        visit(attention(shape, score_scale, values, seed++, memory));
}

// Cases in which some tokens have much larger scores than the rest: one token, two, or all, at the
// edges of the blocks that kernels process at once. The keys in the padding after the last token
// would have large scores too.
enum class Leaders { one, two, all };

Case attention_with_leaders(size_t tokens, size_t leader, Leaders leaders, float score_scale,
                            uint32_t seed, CaseMemory& memory) {
  constexpr AttentionShape kShape = {7, 0, 1, 20};
  constexpr size_t kHeadDim = kShape.head_dim;
  Source source(seed, Values::random);
  Case c = attention_case({kShape.m, tokens, kShape.heads, kHeadDim}, memory);
  c.seed = seed;
  const size_t padded = round_up(tokens, 16), twin = (leader + tokens / 3) % tokens;
  c.attention.q = memory.integers<int8_t>(source, kShape.m * kHeadDim, 1, 127);
  int8_t* const keys = memory.integers<int8_t>(source, padded * kHeadDim, -3, 3);
  for (size_t j = 0; j < padded; ++j)
    if (j >= tokens || j == leader || leaders == Leaders::all ||
        (leaders == Leaders::two && j == twin))
      for (size_t i = 0; i < kHeadDim; ++i) keys[packed(kHeadDim, j, i)] = 127;
  const size_t depth = round_up(tokens, 4);
  int8_t* const values = memory.integers<int8_t>(source, depth * 32, -127, 127);
  for (size_t j = tokens; j < depth; ++j)  // padding, which no linear writes
    for (size_t n = 0; n < 32; ++n) values[packed(depth, n, j)] = -128;
  float* const scale = memory.get<float>(1);
  *scale = score_scale;
  c.attention.keys = keys;
  c.attention.values = values;
  c.attention.score_scale = scale;
  return c;
}

constexpr size_t kLeaderTokens[] = {1, 2, 3, 4, 8, 9, 15, 31, 32, 33, 47, 48, 63, 64, 65, 96, 97};
constexpr Leaders kLeaders[] = {Leaders::one, Leaders::two, Leaders::all};
constexpr float kLeaderScales[] = {1e-9f, 1e-5f, 0.001f, 0.01f, 0.1f, 3000.0f};

void leaders(CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const size_t tokens : kLeaderTokens)
    for (size_t third = 0; third < 3; ++third)
      for (const Leaders number : kLeaders)
        for (const float score_scale : kLeaderScales)
          visit(attention_with_leaders(tokens, third * (tokens - 1) / 2, number, score_scale,
                                       seed++, memory));
}

void layer_rows(CaseMemory& memory, CaseVisitor visit) {
  const size_t dims[] = {kDim, 4 * kDim};
  for (const size_t dim : dims) {
    const auto named = [visit, dim](const Case& c) {
      Case row = c;
      row.name = dim == kDim ? "192" : "768";
      visit(row);
    };
    rows(kRows, dim, {-9000, 9000}, Values::random, 1, memory, named);
  }
}

void layer_attention(CaseMemory& memory, CaseVisitor visit) {
  Case c = attention({kRows, kTokens, kHeads, kHeadDim}, 0.05f, Values::random, 1, memory);
  c.name = "block";
  visit(c);
}

}  // namespace

void visit_cases(List list, Group group, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::terms) {
    if (group == Group::attention) visit_terms(memory, visit);
    return;
  }
  const bool frozen = list == List::frozen, models = list == List::models;
  switch (group) {
    case Group::linear: visit_linears(list, memory, visit); return;
    case Group::gelu: visit_gelu(list, memory, visit); return;
    case Group::rows:
      if (frozen) return frozen_rows(memory, visit);
      return models ? layer_rows(memory, visit) : large_rows(memory, visit);
    case Group::attention:
      if (frozen) return attentions(kFrozenAttentions, memory, visit);
      return models ? layer_attention(memory, visit) : attentions(kLargeAttentions, memory, visit);
    case Group::leaders:
      if (frozen) leaders(memory, visit);
      return;
    case Group::silu:
      if (list == List::large) visit_silu(memory, visit);
      return;
    case Group::elementwise: visit_elementwise(list, memory, visit); return;
    case Group::rotation: visit_rotation(list, memory, visit); return;
    case Group::norms: visit_norms(list, memory, visit); return;
    case Group::statics: visit_statics(list, memory, visit); return;
    case Group::rollout: visit_rollout(list, memory, visit); return;
  }
}

}  // namespace vitro
