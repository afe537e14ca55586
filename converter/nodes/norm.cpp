// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"

namespace vitro::converter {

namespace norm_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const auto& norm = node.as<Norm>();
  const Shape shape = same_shape(graph, node);
  if (norm.gamma.size() != shape.cols || norm.beta.size() != shape.cols)
    misfit(node, "has constants for another width");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& norm = node.as<Norm>();
    float_ops::layer_norm(call.inputs[0], node.rows, node.cols, norm.gamma.data(), norm.beta.data(),
                          norm.epsilon, call.value);
  };
}

void scale_value(Node& node, const std::vector<double>& factors) {
  auto& norm = node.as<Norm>();
  scale_columns(norm.gamma, factors);
  scale_columns(norm.beta, factors);
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const auto& norm = l.node(f).as<Norm>();
  const double unit = static_cast<double>(l.unit(f));
  std::vector<double> gamma, beta;
  for (size_t c = 0; c < f.cols; ++c) {
    gamma.push_back(static_cast<double>(norm.gamma[c]) / unit);
    beta.push_back(static_cast<double>(norm.beta[c]) / unit);
  }
  const Columns columns = law_columns(f.name, gamma, beta);
  schema::NormT args;
  args.src = l.leading(x.tensor, f.rows);
  args.epsilon = norm_epsilon(norm.epsilon, f.cols, l.only_unit(f));
  args.channels = add_columns(l.draft, columns);
  Value v;
  v.unit = {l.unit(f)};
  v.activations = run_norm(x.activations, args.epsilon, columns, l.threads());
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  l.tap(f, f.name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "norm";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Fixed>;
  type.scale_value = scale_value;
  type.sees_mean = true;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace norm_kind

const NodeType kNormNode = norm_kind::make();

}  // namespace vitro::converter
