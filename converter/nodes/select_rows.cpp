// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace select_rows_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& select = node.as<SelectRows>();
  if (select.count == 0 || select.first_row + select.count > x.rows)
    misfit(node, "selects rows that its input has not");
  const std::optional<Grid>& grid = x.grid;
  const bool whole =
      grid && select.first_row == grid->first_row && select.count == grid->height * grid->width;
  return {select.count, x.cols,
          whole ? std::optional<Grid>({grid->height, grid->width, 0}) : std::nullopt};
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    std::copy_n(call.inputs[0] + node.as<SelectRows>().first_row * node.cols, node.rows * node.cols,
                call.value);
  };
}

size_t rows_read(const Graph&, const Node& node, size_t, size_t rows) {
  return node.as<SelectRows>().first_row + rows;
}

// No operation: rows of its input's tensor.
Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const auto& select = l.node(f).as<SelectRows>();
  Value v;
  v.unit = x.unit;
  v.activations = select_rows(x.activations, select.first_row, select.count);
  v.tensor = l.draft.add_view(f.name, x.tensor, select.first_row, select.count);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "select_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = rows_read;
  type.affine.input = AffineInput::Passes;
  type.basis = always<Basis::Same>;
  type.scale_value = scale_nothing;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::OfInput;
  type.is_view = true;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace select_rows_kind

const NodeType kSelectRowsNode = select_rows_kind::make();

}  // namespace vitro::converter
