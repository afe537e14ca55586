// SPDX-License-Identifier: Apache-2.0
// Rollout, whose scores are made by linear's kernel.
#include "runtime/kernels/rollout.h"

#include <cstring>

#include "runtime/core/bounds.h"
#include "tests/fuzz/kernels/checks.h"
#include "tests/fuzz/kernels/compare.h"

namespace vitro::fuzz {

namespace {

// Weights, nothing, and numbers about where a value counts as nothing or as one.
void fill_values(float* v, size_t count, Choices& c) {
  for (size_t i = 0; i < count; ++i)
    v[i] = c.one_in(4)   ? 0
           : c.one_in(8) ? c.signed_magnitude(0x1p-42f, 4)
           : c.one_in(8) ? 0x1p-40f
                         : c.magnitude(0x1p-12f, 1);
}

}  // namespace

void check_rollout(Input& in) {
  RolloutArgs a{};
  a.head_dim = 4 * in.from(1, in.below(16) == 0 ? kLargestHead / 4 : 18);
  a.tokens = in.from(1, in.below(16) == 0 ? 300 : 40);
  a.q_stride = a.head_dim * in.from(1, 3);
  const bool from_v = in.flag(), largest = in.below(4) == 0;
  const size_t query_kind = in.below(6), key_kind = in.below(6);
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand queries, keys, values;
  // The last query ends where the memory does.
  const size_t rows = from_v ? a.tokens : 1;
  a.q = reinterpret_cast<int8_t*>(queries.place((rows - 1) * a.q_stride + a.head_dim, edge));
  fill_bytes(queries.data(), queries.size(), -128, query_kind, c);
  a.keys = reinterpret_cast<int8_t*>(keys.place(round_up(a.tokens, 16) * a.head_dim, edge));
  fill_bytes(keys.data(), keys.size(), -127, key_kind, c);
  float* const v = values.place_of<float>(a.tokens, edge);
  fill_values(v, a.tokens, c);
  if (from_v) a.v = v;
  const float columns = static_cast<float>(a.head_dim);
  a.score_scale = largest ? kScoreScaleLimit / columns
                          : c.magnitude(kScaleRange.smallest, kScoreScaleLimit / columns);
  if (a.score_scale * columns > kScoreScaleLimit) a.score_scale /= 2;
  Written& w = written();
  w.params.place(0, edge);
  compare("rollout", [&](const KernelTable& table) {
    a.linear = table.linear;
    a.add_softmax = table.add_softmax;
    a.dst = w.bytes.place_of<float>(a.tokens, edge);
    std::memset(a.dst, 0xee, w.bytes.size());
    a.workspace = w.workspace.place(rollout_workspace_bytes(a.tokens, a.head_dim), edge);
    std::memset(a.workspace, static_cast<int>(c.next() & 255), w.workspace.size());
    rollout_head(a);
  });
}

}  // namespace vitro::fuzz
