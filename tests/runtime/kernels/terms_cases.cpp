// SPDX-License-Identifier: Apache-2.0
// Attention whose scores have more than q k^T, or whose heads share keys and values.
#include "tests/runtime/kernels/cases.h"

namespace vitro {
namespace {

struct TermsShape {
  size_t m, tokens, heads, head_dim, value_dim;
  bool shared_keys, shared_values;
};

enum class Terms : uint8_t { none, bias, regions, both };

// Regions: of neighbours; one key of its own; one region for all; every key alone.
constexpr size_t kRegionKinds = 4;
uint8_t region_of(size_t kind, size_t token, size_t tokens) {
  switch (kind) {
    case 0: return static_cast<uint8_t>(token * 3 / tokens);
    case 1: return token == tokens / 2;
    case 2: return 7;
    default: return static_cast<uint8_t>(token);
  }
}

struct Request {
  Terms terms;
  Values values;
  float score_scale;
  unsigned bias_shift;
  size_t regions;
  uint32_t seed;
};

Case terms_case(const TermsShape& s, const Request& r, CaseMemory& memory) {
  Source source(r.seed, r.values);
  memory.begin();
  Case c{};
  c.kernel = Case::Kernel::attention;
  c.values = r.values;
  c.seed = r.seed;
  c.bytes = s.m * s.heads * s.value_dim * 2;
  c.workspace_bytes = attention_workspace_bytes(s.tokens);
  AttentionArgs& a = c.attention;
  a.workspace = memory.aligned(c.workspace_bytes + kGuard);
  a.m = s.m;
  a.tokens = s.tokens;
  a.heads = s.heads;
  a.head_dim = s.head_dim;
  a.value_dim = s.value_dim;
  a.shared_keys = s.shared_keys;
  a.shared_values = s.shared_values;
  const size_t key_heads = s.shared_keys ? 1 : s.heads, value_heads = s.shared_values ? 1 : s.heads;
  a.q = memory.integers<int8_t>(source, s.m * s.heads * s.head_dim, -127, 127);
  a.keys =
      memory.integers<int8_t>(source, round_up(s.tokens, 16) * key_heads * s.head_dim, -127, 127);
  a.values = memory.integers<int8_t>(
      source, round_up(s.tokens, 4) * value_heads * round_up(s.value_dim, 16), -127, 127);
  float* const scales = memory.get<float>(s.heads);
  for (size_t head = 0; head < s.heads; ++head)
    scales[head] = r.score_scale * (head == 0 ? 1.0f : head == 1 ? 0.5f : 2.0f);
  a.score_scale = scales;
  if (r.terms == Terms::none) return c;

  ScoreTerms* const terms = memory.get<ScoreTerms>(1);
  *terms = {};
  const bool regions = r.terms == Terms::regions || r.terms == Terms::both;
  // A call in the middle of a group's queries.
  terms->queries = regions ? s.tokens : s.m + 3;
  terms->first_query = (terms->queries - s.m) / 2;
  if (r.terms != Terms::regions) {
    terms->bias = memory.integers<int16_t>(
        source, s.heads * terms->queries * round_up(s.tokens, 16), -32768, 32767);
    uint8_t* const shift = memory.get<uint8_t>(s.heads);
    for (size_t head = 0; head < s.heads; ++head)
      shift[head] = static_cast<uint8_t>((r.bias_shift + head) % (kLargestBiasShift + 1));
    terms->bias_shift = shift;
  }
  if (regions) {
    uint8_t* const region = memory.get<uint8_t>(s.tokens);
    for (size_t j = 0; j < s.tokens; ++j) region[j] = region_of(r.regions, j, s.tokens);
    terms->regions = region;
  }
  a.terms = terms;
  return c;
}

// The windows of Swin, BEiT's tokens, a few around the widths of vectors, and mixed heads.
constexpr TermsShape kShapes[] = {
    {49, 49, 3, 32, 32, false, false}, {13, 64, 1, 32, 32, false, false},
    {1, 1, 1, 4, 4, false, false},     {3, 5, 2, 12, 28, false, false},
    {7, 16, 2, 20, 16, true, false},   {6, 17, 3, 16, 20, false, true},
    {9, 33, 4, 8, 100, true, true},    {12, 31, 1, 64, 132, false, false},
    {5, 47, 2, 48, 8, false, false},   {4, 197, 2, 64, 64, false, false},
    {6, 48, 3, 96, 96, true, true},
};

}  // namespace

void visit_terms(CaseMemory& memory, CaseVisitor visit) {
  constexpr Terms kTerms[] = {Terms::none, Terms::bias, Terms::regions, Terms::both};
  // The least and about the largest with regions; one between.
  constexpr float kScales[] = {2 * kRegionScale, 0.05f, 7.5f};
  uint32_t seed = 1;
  for (const TermsShape& shape : kShapes)
    for (const Terms terms : kTerms)
      for (const Values values : kAllValues)
        for (const float scale : kScales) {
          const Request request = {terms, values, scale, seed % 10, seed % kRegionKinds, seed};
          visit(terms_case(shape, request, memory));
          ++seed;
        }
}

}  // namespace vitro
