// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/kernels/cases.h"

#include <string.h>

namespace vitro {
namespace {

constexpr size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The offset of the weight for output n and input k in packed weights with `inputs` inputs. Keys
// and values are packed in the same way.
size_t packed(size_t inputs, size_t n, size_t k) {
  return n / 16 * inputs * 16 + k / 4 * 64 + n % 16 * 4 + k % 4;
}

struct LinearShape {
  size_t m, k, n, heads;
  size_t first_token = 2;  // of keys and values
};

constexpr LinearOutput kOutputs[] = {LinearOutput::f32,      LinearOutput::s16, LinearOutput::gelu,
                                     LinearOutput::residual, LinearOutput::s8,  LinearOutput::keys,
                                     LinearOutput::values};

size_t linear_bytes(const LinearShape& shape, LinearOutput output, size_t tokens) {
  const size_t head_dim = shape.n / shape.heads;
  switch (output) {
    case LinearOutput::f32: return shape.m * shape.n * 4;
    case LinearOutput::s8: return shape.m * shape.n;
    case LinearOutput::keys: return round_up(tokens, 16) * head_dim * shape.heads;
    case LinearOutput::values: return round_up(head_dim, 16) * round_up(tokens, 4) * shape.heads;
    default: return shape.m * shape.n * 2;
  }
}

Case linear(CaseMemory& memory, const LinearShape& shape, LinearOutput output, Values values,
            uint32_t seed) {
  Source source(seed, values);
  memory.begin();
  const size_t n16 = round_up(shape.n, 16);
  const bool narrow =
      output == LinearOutput::s8 || output == LinearOutput::keys || output == LinearOutput::values;
  Case c{};
  c.kernel = Case::Kernel::linear;
  c.values = values;
  c.seed = seed;
  LinearArgs& args = c.linear;
  args.src = memory.integers<int8_t>(source, shape.m * shape.k, -128, 127);
  int8_t* const weights = memory.integers<int8_t>(source, n16 * shape.k, -127, 127);
  int32_t* const sums = memory.get<int32_t>(n16);
  for (size_t n = 0; n < n16; ++n) {
    sums[n] = 0;
    for (size_t k = 0; k < shape.k; ++k) {
      int8_t& w = weights[packed(shape.k, n, k)];
      if (n >= shape.n) w = 0;
      sums[n] += w;
    }
  }
  args.scale = memory.reals(source, n16, narrow ? 1e-4f : 1e-2f, narrow ? 4e-4f : 4e-2f);
  args.bias = memory.reals(source, n16, -50.0f, 50.0f);
  RowParams* const rows = memory.get<RowParams>(shape.m);
  for (size_t m = 0; m < shape.m; ++m)
    rows[m] = {source.real(0.1f, values == Values::random ? 1.0f : 1000.0f),
               source.integer(-128, 127)};
  args.src_rows = rows;
  args.m = shape.m;
  args.k = shape.k;
  args.n = shape.n;
  args.weights = weights;
  args.weight_sum = sums;
  args.output = output;
  args.fraction_bits = static_cast<uint8_t>(6 + seed % 8);
  args.dst_stride = shape.n;
  if (output == LinearOutput::residual)
    args.addend = memory.integers<int16_t>(source, shape.m * shape.n, -32768, 32767);
  if (output == LinearOutput::f32 && seed % 2)
    args.addend = memory.reals(source, shape.m * shape.n, -10, 10);
  args.first_token = shape.first_token;
  args.tokens = shape.first_token + shape.m + 1;
  args.head_dim = shape.n / shape.heads;
  c.bytes = linear_bytes(shape, output, args.tokens);
  return c;
}

constexpr LinearShape kFrozenLinears[] = {
    {1, 4, 4, 1},     {1, 8, 12, 1},     {2, 4, 16, 2},    {3, 12, 20, 1},    {5, 60, 36, 3},
    {6, 64, 64, 1},   {7, 64, 68, 1},    {11, 100, 80, 2}, {4, 16, 32, 2},    {13, 48, 132, 1},
    {18, 192, 48, 3}, {33, 128, 64, 1},  {17, 36, 24, 2},  {1, 192, 1000, 1}, {5, 588, 208, 13},
    {4, 1280, 80, 1}, {3, 3072, 76, 19}, {3, 516, 21, 1},  {2, 20, 7, 1},     {25, 768, 32, 1}};
constexpr LinearShape kLargeLinears[] = {
    {11, 100, 160, 2, 0}, {12, 192, 192, 3, 4},  {24, 192, 768, 3, 12}, {25, 768, 192, 3, 7},
    {9, 3072, 76, 19, 0}, {14, 1036, 320, 5, 2}, {21, 64, 72, 6, 16},   {8, 32, 84, 3, 8},
    {4, 256, 16, 1, 0},   {4, 260, 16, 1, 0},    {4, 1032, 16, 1, 0},   {4, 1036, 16, 1, 0}};

template <size_t N>
void linears(const LinearShape (&shapes)[N], CaseMemory& memory, CaseVisitor visit) {
  uint32_t seed = 1;
  for (const LinearShape& shape : shapes)
    for (const LinearOutput output : kOutputs) {
      if ((output == LinearOutput::keys || output == LinearOutput::values) &&
          shape.n / shape.heads % 4 != 0)
        continue;
      for (const Values values : kAllValues) visit(linear(memory, shape, output, values, seed++));
    }
}

// Sums at both ends of what int8 allows, of which the zero point's part takes all but a few units:
// outputs show whether a sum lost one. Depths at kernels' limits for sums as floats.
void cancelled_sums(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kDepths[] = {256, 260, 1032, 1036};
  constexpr LinearOutput kNarrow[] = {LinearOutput::s16, LinearOutput::keys};
  for (const size_t k : kDepths)
    for (const LinearOutput output : kNarrow) {
      constexpr size_t kRows = 4, kColumns = 16;
      Case c = linear(memory, {kRows, k, kColumns, 1}, output, Values::alternating, 1);
      int8_t* const src = memory.get<int8_t>(kRows * k);
      int8_t* const weights = memory.get<int8_t>(kColumns * k);
      int32_t* const sums = memory.get<int32_t>(kColumns);
      float* const ones = memory.get<float>(kColumns);
      float* const bias = memory.get<float>(kColumns);
      RowParams* const rows = memory.get<RowParams>(kRows);
      memset(src, -128, kRows * k);
      for (size_t n = 0; n < kColumns; ++n) {
        for (size_t i = 0; i < k; ++i) weights[packed(k, n, i)] = n % 2 ? 127 : -127;
        weights[packed(k, n, k - 1)] = static_cast<int8_t>(n);  // what remains of a row's last
        sums[n] = static_cast<int32_t>(k - 1) * (n % 2 ? 127 : -127) + static_cast<int32_t>(n);
        ones[n] = 1.0f;
        bias[n] = 0.0f;
      }
      for (size_t m = 0; m < kRows; ++m) {
        src[m * k + k - 1] = static_cast<int8_t>(-128 + static_cast<int>(m) + 1);
        rows[m] = {1.0f, -128};
      }
      c.linear.src = src;
      c.linear.weights = weights;
      c.linear.weight_sum = sums;
      c.linear.scale = ones;
      c.linear.bias = bias;
      c.linear.src_rows = rows;
      visit(c);
    }
}

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

// The sizes of DeiT-Ti. A program gives a kernel a few dozen rows at once.
constexpr size_t kRows = 48, kTokens = 197, kHeads = 3, kHeadDim = 64, kDim = kHeads * kHeadDim;

constexpr struct {
  const char* name;
  size_t k, n;
  LinearOutput output;
} kLayers[] = {
    {"patch_embed", 768, kDim, LinearOutput::residual},
    {"q", kDim, kDim, LinearOutput::s8},
    {"k", kDim, kDim, LinearOutput::keys},
    {"v", kDim, kDim, LinearOutput::values},
    {"proj", kDim, kDim, LinearOutput::residual},
    {"fc1", kDim, 4 * kDim, LinearOutput::gelu},
    {"fc2", 4 * kDim, kDim, LinearOutput::residual},
    {"head", kDim, 1000, LinearOutput::f32},
};

void layers(CaseMemory& memory, CaseVisitor visit) {
  for (const auto& layer : kLayers) {
    const LinearShape shape = {kRows, layer.k, layer.n, layer.n == kDim ? kHeads : 1};
    Case c = linear(memory, shape, layer.output, Values::random, 5);  // 11 fraction bits
    c.name = layer.name;
    c.linear.first_token = kRows;
    c.linear.tokens = kTokens;
    c.bytes = linear_bytes(shape, layer.output, kTokens);
    visit(c);
  }
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
    case Group::linear:
      if (frozen) return linears(kFrozenLinears, memory, visit);
      if (models) return layers(memory, visit);
      linears(kLargeLinears, memory, visit);
      return cancelled_sums(memory, visit);
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
  }
}

}  // namespace vitro
