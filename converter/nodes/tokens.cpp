// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace tokens_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& tokens = node.as<Tokens>();
  if (tokens.positions.rows != x.rows || tokens.positions.cols != x.cols ||
      (tokens.prefix.rows > 0 && tokens.prefix.cols != x.cols))
    misfit(node, "has constants for another input");
  std::optional<Grid> grid = x.grid;
  if (grid) grid->first_row += tokens.prefix.rows;
  return {tokens.prefix.rows + x.rows, x.cols, grid};
}

Execute execute(const Graph&, const Node& node) {
  return [&tokens = node.as<Tokens>()](const FloatCall& call) {
    const Matrix &prefix = tokens.prefix, &positions = tokens.positions;
    float* patches = std::copy(prefix.data.begin(), prefix.data.end(), call.value);
    float_ops::add(call.inputs[0], positions.data.data(), positions.data.size(), patches);
  };
}

ColumnConstants constants(Node& node) {
  auto& tokens = node.as<Tokens>();
  return {nullptr, nullptr, {&tokens.prefix, &tokens.positions}};
}

LeadingRows prefix_rows(const Node& node) { return {node.as<Tokens>().prefix.rows, "prefix"}; }

// The rows of the prefix, into the tensor that the linear layer before has written the others to.
Value lower(Lowering& l, const FusedNode& f) {
  const Matrix& prefix = l.node(f).as<Tokens>().prefix;
  Value v;
  v.unit = {l.unit(f)};
  v.tensor = l.input(f).tensor;
  v.activations = l.take_activations(f, 0);
  const std::vector<int16_t> rows = to_fixed(prefix.data, l.unit(f));
  for (auto& picture : v.activations.pictures)
    std::copy(rows.begin(), rows.end(), reinterpret_cast<int16_t*>(picture.data()));
  schema::CopyT args;
  args.src = l.draft.add_constant_tensor("prefix", schema::Format::S16, prefix.rows, prefix.cols,
                                         rows.data());
  args.dst = l.draft.add_view(f.name + ".prefix", v.tensor, 0, prefix.rows);
  l.row_op("prefix", args);
  l.tap(f, l.node(l.source(f)).name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "tokens";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Same>;
  type.constants = constants;
  type.scale_value = scale_constants;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.unit = UnitRule::Stream;
  type.step = StepRule::Begins;
  type.epilogue = {Epilogue::Tokens, Form::Fixed, Epilogue::None, std::nullopt};
  type.leading_rows = prefix_rows;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace tokens_kind

const NodeType kTokensNode = tokens_kind::make();

}  // namespace vitro::converter
