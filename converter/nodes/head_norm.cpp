// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "converter/base/parallel.h"
#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/nodes/queries.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace head_norm_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Shape shape = same_shape(graph, node);
  const size_t heads = node.as<HeadNorm>().gain.size();
  if (heads == 0 || shape.cols % heads != 0) misfit(node, "does not divide its columns into heads");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& norm = node.as<HeadNorm>();
    const size_t heads = norm.gain.size(), head_dim = node.cols / heads;
    for (size_t at = 0; at < node.rows * heads; ++at) {
      const float* const x = call.inputs[0] + at * head_dim;
      float squares = 0;
      for (size_t c = 0; c < head_dim; ++c) squares += x[c] * x[c];
      const float factor = norm.gain[at % heads] / std::sqrt(squares + norm.epsilon);
      for (size_t c = 0; c < head_dim; ++c) call.value[at * head_dim + c] = x[c] * factor;
    }
  };
}

size_t heads_of(const Node& node) { return node.as<HeadNorm>().gain.size(); }

Activations run(const Activations& fixed, float epsilon, const std::vector<float>& gain,
                const Activations& shape, size_t threads) {
  Activations out = shape;
  const size_t head_dim = out.cols / out.heads, tokens = out.rows / out.groups;
  const size_t group_bytes = out.pictures.empty() ? 0 : out.pictures[0].size() / out.groups;
  const bool keys = out.format == schema::Format::Keys;
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    std::vector<int8_t> row(out.cols);
    for (size_t r = 0; r < out.rows; ++r) {
      for (size_t c = 0; c < out.cols; c += head_dim)
        law::head_norm(fixed.at<int16_t>(i) + r * out.cols + c, head_dim, epsilon, gain.data() + c,
                       row.data() + c);
      int8_t* const to = out.at<int8_t>(i) + (keys ? r / tokens * group_bytes : r * out.cols);
      for (size_t c = 0; c < out.cols; ++c)
        to[keys ? law::keys_offset(tokens, head_dim, r % tokens, c) : c] = row[c];
    }
  });
  return out;
}

Value lower(Lowering& l, const FusedNode& f) {
  const auto& norm = l.node(f).as<HeadNorm>();
  const Value& x = l.input(f);
  if (f.heads != norm.gain.size())
    throw NodeFault(f.name, "is compared by other heads than it has",
                    "vitro has no int8 form of such a model");
  Value v;
  v.unit = f.form == Form::Queries ? query_units(l, f) : head_units(l.statistics(f.node), f.heads);
  std::vector<float> gain;
  gain.reserve(f.cols);
  for (size_t c = 0; c < f.cols; ++c)
    gain.push_back(channel_value(f.name, static_cast<double>(norm.gain[c * f.heads / f.cols]) /
                                             static_cast<double>(v.unit[c])));
  schema::HeadNormT args;
  args.src = l.leading(x.tensor, f.rows);
  args.head_dim = static_cast<uint32_t>(f.cols / f.heads);
  args.epsilon = norm_epsilon(norm.epsilon, 1, l.only_unit(f));
  args.channels = l.draft.add_constant(gain);
  args.dst = v.tensor = l.destination(f, f.name);
  v.activations = run(x.activations, args.epsilon, gain,
                      Activations(f.format, f.rows, f.cols, f.heads, l.pictures().size(), f.groups),
                      l.threads());
  l.row_op(f.name, args);
  l.tap(f, f.name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "head_norm";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Fixed>;  // but within its heads
  type.turns_with_heads = heads_of;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Queries) | bit(Form::Keys);
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace head_norm_kind

const NodeType kHeadNormNode = head_norm_kind::make();

}  // namespace vitro::converter
