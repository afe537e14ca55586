// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"

namespace vitro::converter {

namespace layer_norm_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const auto& norm = node.as<LayerNorm>();
  const Shape shape = same_shape(graph, node);
  if (norm.gamma.size() != norm.beta.size() ||
      (!norm.gamma.empty() && norm.gamma.size() != shape.cols))
    misfit(node, "has constants for another width");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& norm = node.as<LayerNorm>();
    const bool affine = !norm.gamma.empty();
    float_ops::layer_norm(call.inputs[0], node.rows, node.cols,
                          affine ? norm.gamma.data() : nullptr, affine ? norm.beta.data() : nullptr,
                          norm.epsilon, call.value);
  };
}

std::optional<Affine> take_gamma_and_beta(const Graph&, Node& node) {
  auto& norm = node.as<LayerNorm>();
  if (norm.gamma.empty()) return std::nullopt;
  Affine affine{{norm.gamma.begin(), norm.gamma.end()}, {norm.beta.begin(), norm.beta.end()}};
  norm.gamma = {};
  norm.beta = {};
  return affine;
}

Basis basis(const Node& node) {
  return node.as<LayerNorm>().gamma.empty() ? Basis::KeepsOnes : Basis::ByColumn;
}

// Zero columns of rows without a mean change the variance by a known factor.
void widen(Node& node, size_t before, size_t wider) {
  auto& norm = node.as<LayerNorm>();
  const double ratio = static_cast<double>(before) / static_cast<double>(wider);
  norm.epsilon = static_cast<float>(norm.epsilon * ratio);
  for (float& gamma : norm.gamma)
    gamma = static_cast<float>(static_cast<double>(gamma) * std::sqrt(ratio));
  if (norm.gamma.empty()) return;
  norm.gamma.resize(wider);
  norm.beta.resize(wider);
}

// By a gamma, which only a norm of its own has.
void scale_value(Node& node, const std::vector<double>& factors) {
  const auto& norm = node.as<LayerNorm>();
  Norm scaled{norm.gamma, norm.beta, norm.epsilon};
  if (scaled.gamma.empty()) {
    scaled.gamma.assign(factors.size(), 1);
    scaled.beta.assign(factors.size(), 0);
  }
  scale_columns(scaled.gamma, factors);
  scale_columns(scaled.beta, factors);
  node.operation = std::move(scaled);
}

constexpr unsigned kNormBits = 9;  // fraction bits of normalised rows in int16

float epsilon_of(const Lowering& l, const FusedNode& f) {
  return norm_epsilon(l.node(f).as<LayerNorm>().epsilon, f.cols, l.only_unit(f));
}

// Int8 rows to int16 of one unit, so that rows can be averaged: a linear layer whose matrix is the
// identity.
Value widen_rows(Lowering& l, const FusedNode& f, const Value& rows) {
  const PackedLinear identity =
      pack_identity(f.cols, std::ldexp(1.0f, -static_cast<int>(kNormBits)));
  Value v;
  v.unit = {std::ldexp(1.0f, -static_cast<int>(kNormBits))};
  v.activations =
      Activations(schema::Format::S16, rows.activations.rows, f.cols, 1, l.pictures().size());
  run_linear(rows.activations, identity, LinearWrite(), v.activations, l.threads());
  schema::LinearT args;
  args.src = rows.tensor;
  args.dst = v.tensor = l.destination(f, f.name + ".fixed");
  l.linear_op(f.name + ".fixed", args, identity);
  return v;
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  schema::LayerNormT args;
  args.src = l.leading(x.tensor, f.rows);
  args.epsilon = epsilon_of(l, f);
  Value v;
  v.activations = run_layer_norm(x.activations, args.epsilon, l.threads());
  const bool is_widened = f.format == schema::Format::S16;
  args.dst = v.tensor = is_widened ? l.draft.add_tensor(f.name, schema::Format::RowS8,
                                                        schema::Storage::Scratch, f.rows, f.cols)
                                   : l.destination(f, f.name);
  l.row_op(f.name, args);
  return is_widened ? widen_rows(l, f, v) : v;
}

Value lower_static(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  schema::StaticNormT args;
  args.src = l.leading(x.tensor, f.rows);
  args.epsilon = epsilon_of(l, f);
  Value v;
  v.scale = StaticScale(
      l.range(f.node,
              [&] {
                return search_range(
                    l.pictures().size(),
                    [&](size_t p) { return normalised(x.activations, p, args.epsilon); }, false,
                    l.threads());
              }),
      kFinestNormStep);
  v.unit.assign(f.cols, v.scale.unit);
  args.scale = 1 / v.scale.unit;
  args.zero_point = static_cast<int8_t>(v.scale.zero_point);
  v.activations = run_static_norm(x.activations, args.epsilon, v.scale, l.threads());
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "layer_norm";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.take = take_gamma_and_beta;
  type.basis = basis;
  type.scale_value = scale_value;
  type.scaling_costs = true;
  type.widen = widen;
  type.sees_mean = true;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Rows) | bit(Form::Fixed);
  type.step = StepRule::Opens;
  type.lower = lower;
  type.lower_static = lower_static;
  return type;
}

}  // namespace
}  // namespace layer_norm_kind

const NodeType kLayerNormNode = layer_norm_kind::make();

}  // namespace vitro::converter
