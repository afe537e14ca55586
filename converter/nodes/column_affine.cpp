// SPDX-License-Identifier: Apache-2.0
#include "converter/base/parallel.h"
#include "converter/nodes/node_type.h"
#include "converter/nodes/queries.h"
#include "converter/quantise/columns.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace column_affine_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const auto& affine = node.as<ColumnAffine>();
  const Shape shape = same_shape(graph, node);
  if (affine.scale.size() != shape.cols || affine.shift.size() != shape.cols)
    misfit(node, "has constants for another width");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& affine = node.as<ColumnAffine>();
    for (size_t i = 0; i < node.rows * node.cols; ++i)
      call.value[i] = call.inputs[0][i] * affine.scale[i % node.cols] + affine.shift[i % node.cols];
  };
}

// It reads x * scale + shift, and then x.
void absorb(Node& node, const Affine& affine) {
  auto& own = node.as<ColumnAffine>();
  for (size_t c = 0; c < own.scale.size(); ++c) {
    const double scale = own.scale[c];
    own.shift[c] = static_cast<float>(static_cast<double>(own.shift[c]) + scale * affine.shift[c]);
    own.scale[c] = static_cast<float>(scale * affine.scale[c]);
  }
}

void scale_value(Node& node, const std::vector<double>& factors) {
  auto& affine = node.as<ColumnAffine>();
  scale_columns(affine.scale, factors);
  scale_columns(affine.shift, factors);
}

// Of int16 values for one step of int8 queries: no int16 is then more than 127 steps.
constexpr float kPartsOfAStep = 258;

Activations to_queries(const Activations& fixed, size_t heads, float scale, size_t threads) {
  Activations out(schema::Format::S8, fixed.rows, fixed.cols, heads, fixed.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    for (size_t j = 0; j < out.rows * out.cols; ++j)
      out.at<int8_t>(i)[j] = law::static_int8(fixed.at<int16_t>(i)[j], scale, 0);
  });
  return out;
}

// Int16 of which each column is in parts of its head's step, then int8 of them.
Value lower_queries(Lowering& l, const FusedNode& f) {
  const auto& affine = l.node(f).as<ColumnAffine>();
  const Value& x = l.input(f);
  Value v;
  v.unit = query_units(l, f);
  std::vector<double> parts;
  parts.reserve(f.cols);
  for (const float unit : v.unit)
    parts.push_back(static_cast<double>(unit) / static_cast<double>(kPartsOfAStep));
  const Columns columns = in_units(f.name, {affine.scale, affine.shift}, x.unit, parts);
  schema::AffineT scaled;
  scaled.src = l.leading(x.tensor, f.rows);
  scaled.channels = add_columns(l.draft, columns);
  scaled.dst = l.draft.add_tensor(f.name + ".fixed", schema::Format::S16, schema::Storage::Scratch,
                                  f.rows, f.cols);
  schema::StaticQuantiseT rounded;
  rounded.src = scaled.dst;
  rounded.scale = 1 / kPartsOfAStep;
  rounded.dst = v.tensor = l.destination(f, f.name);
  v.activations = to_queries(run_affine(x.activations, columns, nullptr, l.threads()), f.heads,
                             rounded.scale, l.threads());
  l.row_op(f.name + ".fixed", scaled);
  l.row_op(f.name, rounded);
  l.tap(f, f.name, v);
  return v;
}

Value lower(Lowering& l, const FusedNode& f) {
  if (f.form == Form::Queries) return lower_queries(l, f);
  const auto& affine = l.node(f).as<ColumnAffine>();
  return lower_affine(l, f, 0, std::nullopt, {affine.scale, affine.shift});
}

constexpr NodeType make() {
  NodeType type;
  type.name = "column_affine";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.input = AffineInput::Absorbs;
  type.affine.absorb = absorb;
  type.basis = always<Basis::Fixed>;
  type.scale_value = scale_value;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed) | bit(Form::Queries);
  type.unit = UnitRule::Stream;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace column_affine_kind

const NodeType kColumnAffineNode = column_affine_kind::make();

}  // namespace vitro::converter
