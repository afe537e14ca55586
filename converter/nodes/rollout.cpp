// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/matrix/float_ops.h"
#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"
#include "converter/nodes/scores.h"
#include "converter/quantise/lowering.h"
#include "runtime/kernels/rollout.h"

namespace vitro::converter {

namespace rollout_kind {
namespace {

constexpr size_t kQueries = 128;  // scores of this many at a time stay in the cache

Shape shape(const Graph& graph, const Node& node) {
  const size_t heads = node.as<Rollout>().heads;
  const Node &q = input_of(graph, node, 0), &k = input_of(graph, node, 1);
  if (q.rows != k.rows || q.cols != k.cols || heads == 0 || q.cols % heads != 0)
    misfit(node, "reads queries and keys of different shapes, or does not divide them into heads");
  if (node.inputs.size() > 2) {
    const Node& v = input_of(graph, node, 2);
    if (v.rows != heads || v.cols != k.rows) misfit(node, "has no value for each head and token");
  }
  return {heads, k.rows, std::nullopt};
}

Execute execute(const Graph& graph, const Node& node) {
  const Node& k = input_of(graph, node, 1);
  const auto& rollout = node.as<Rollout>();
  const bool from_first = node.inputs.size() == 2;
  return [&rollout, from_first, tokens = k.rows, cols = k.cols](const FloatCall& call) {
    const size_t head = cols / rollout.heads, rows = from_first ? 1 : tokens,
                 chunk = std::min(rows, kQueries);
    call.scratch.resize(chunk * tokens + tokens * head + 2 * Product::kPadding);
    float* const scores = call.scratch.data();
    float* const key = scores + chunk * tokens + Product::kPadding;
    for (size_t h = 0; h < rollout.heads; ++h) {
      for (size_t r = 0; r < tokens; ++r)
        std::copy_n(call.inputs[1] + r * cols + h * head, head, key + r * head);
      const Product compare(head, tokens, cols, tokens, key, nullptr);
      float* const y = call.value + h * tokens;
      std::fill_n(y, tokens, 0.0f);
      for (size_t first = 0; first < rows; first += chunk) {
        const size_t m = std::min(chunk, rows - first);
        compare.run(m, call.inputs[0] + first * cols + h * head, scores);
        float_ops::softmax(scores, m, tokens, rollout.scale);
        for (size_t r = 0; r < m; ++r) {
          const float share = from_first ? 1 : call.inputs[2][h * tokens + first + r];
          for (size_t j = 0; j < tokens; ++j) y[j] += share * scores[r * tokens + j];
        }
      }
    }
  };
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value &q = l.input(f, 0), &k = l.input(f, 1);
  const Value* const v = f.inputs.size() > 2 ? &l.input(f, 2) : nullptr;
  const auto& rollout = l.node(f).as<Rollout>();
  schema::RolloutT args;
  args.q = q.tensor, args.k = k.tensor;
  std::vector<uint32_t> reads = {q.tensor, k.tensor};
  if (v) {
    args.v = static_cast<int32_t>(v->tensor);
    reads.push_back(v->tensor);
  }
  args.score_scale = score_scales(l, f, {rollout.heads, rollout.scale, 0});
  Value out;
  out.activations = run_rollout(q.activations, k.activations, v ? &v->activations : nullptr,
                                args.score_scale, l.threads());
  args.dst = out.tensor = l.destination(f, f.name);
  l.draft.add_op(f.name, args, std::move(reads), {args.dst},
                 rollout_workspace_bytes(f.cols, k.activations.cols / rollout.heads));
  l.tap(f, f.name, out);
  return out;
}

Heads heads(const Node& node) { return {node.as<Rollout>().heads, 1, {0, 1}, kNone}; }

Form reads(const Node&, size_t input) {
  return input == 0 ? Form::Queries : input == 1 ? Form::Keys : Form::Floats;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "rollout";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Fixed>;
  type.heads = heads;
  type.is_read_out = true;
  type.reads = reads;
  type.writes = bit(Form::Floats);
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace rollout_kind

const NodeType kRolloutNode = rollout_kind::make();

}  // namespace vitro::converter
