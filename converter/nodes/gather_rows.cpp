// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace gather_rows_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& gather = node.as<GatherRows>();
  if (gather.taps == 0 || gather.index.empty() || gather.index.size() % gather.taps != 0)
    misfit(node, "gathers no whole rows");
  for (const uint32_t row : gather.index)
    if (row != GatherRows::kNoRow && row >= x.rows) misfit(node, "gathers rows its input has not");
  const size_t rows = gather.index.size() / gather.taps;
  std::optional<Grid> grid;
  if (gather.height > 0) grid = {gather.height, gather.width, 0};
  if (grid && grid->height * grid->width != rows) misfit(node, "gathers another map than it says");
  return {rows, x.cols * gather.taps, grid};
}

Execute execute(const Graph& graph, const Node& node) {
  return [&node, cols = input_of(graph, node, 0).cols](const FloatCall& call) {
    float* y = call.value;
    for (const uint32_t row : node.as<GatherRows>().index) {
      if (row == GatherRows::kNoRow)
        std::fill_n(y, cols, 0.0f);
      else
        std::copy_n(call.inputs[0] + row * cols, cols, y);
      y += cols;
    }
  };
}

// A row is a row of its input, or several; zeros are only what is linear in it.
Basis basis(const Node& node) {
  return node.as<GatherRows>().taps == 1 ? Basis::Same : Basis::Fixed;
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const auto& gather = l.node(f).as<GatherRows>();
  const std::vector<uint32_t> index(
      gather.index.begin(), gather.index.begin() + static_cast<ptrdiff_t>(f.rows * gather.taps));
  schema::GatherRowsT args;
  args.src = x.tensor;
  args.index = l.draft.add_shared_constant(index);
  Value v;
  v.unit = x.unit;
  if (x.unit.size() > 1)
    for (size_t t = 1; t < gather.taps; ++t)
      v.unit.insert(v.unit.end(), x.unit.begin(), x.unit.end());
  v.activations = run_gather_rows(x.activations, gather.index, gather.taps, l.threads());
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "gather_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = basis;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::OfInput;
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace gather_rows_kind

const NodeType kGatherRowsNode = gather_rows_kind::make();

}  // namespace vitro::converter
