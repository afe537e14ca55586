// SPDX-License-Identifier: Apache-2.0
// add_softmax: rows of scores of many lengths.
#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

struct Row {
  int32_t largest;  // score
  float score_scale, share;
};

Case row_case(size_t tokens, const Row& row, Values values, CaseMemory& memory) {
  Case c{};
  c.kernel = Case::Kernel::add_softmax;
  c.values = values;
  c.seed = static_cast<uint32_t>(tokens);
  c.bytes = tokens * sizeof(float);
  Source source(c.seed, values);
  memory.begin();
  const int32_t* const whole = memory.integers<int32_t>(source, tokens, -row.largest, row.largest);
  float* const scores = memory.get<float>(tokens);
  for (size_t j = 0; j < tokens; ++j) scores[j] = static_cast<float>(whole[j]);
  c.scores = scores;
  c.workspace_bytes = (tokens + 15) / 16 * 16 * sizeof(float);
  auto* const workspace = reinterpret_cast<float*>(memory.aligned(c.workspace_bytes + kGuard));
  c.add_softmax = {workspace, tokens, row.score_scale, row.share, nullptr};
  return c;
}

// Weights of all sizes, halves, none but the highest's, all the same; and the bounds of share.
constexpr int32_t kLargest = (1 << 23) - 1;
constexpr Row kRows[] = {{300, 50.0f, 0.3f},
                         {60, 0.5f, 1.0f},
                         {kLargest, 127.99f, 0x1p-40f},
                         {kLargest, 0x1p-40f, 0x1p-40f},
                         {kLargest, 0.002f, 0.7f}};

constexpr size_t kTokens[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 197, 1370};

}  // namespace

void visit_rollout(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) {
    Case c = row_case(1370, {kLargest, 0.002f, 0.7f}, Values::random, memory);
    c.name = "1370";
    return visit(c);
  }
  if (list != List::large) return;
  for (const size_t tokens : kTokens)
    for (const Row& row : kRows)
      for (const Values values : kAllValues) visit(row_case(tokens, row, values, memory));
}

}  // namespace vitro
