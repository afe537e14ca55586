// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace arg_max_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  if (node.as<ArgMax>().first >= x.cols) misfit(node, "looks at no columns");
  return {x.rows, 1, std::nullopt};
}

Execute execute(const Graph& graph, const Node& node) {
  return [&node, cols = input_of(graph, node, 0).cols](const FloatCall& call) {
    for (size_t r = 0; r < node.rows; ++r)
      call.value[r] = static_cast<float>(
          law::arg_max(call.inputs[0] + r * cols, node.as<ArgMax>().first, cols));
  };
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const size_t first = l.node(f).as<ArgMax>().first, cols = x.activations.cols;
  Value v;
  v.activations = Activations(f.format, f.rows, 1, 1, l.pictures().size());
  for (size_t i = 0; i < v.activations.pictures.size(); ++i)
    for (size_t r = 0; r < f.rows; ++r)
      v.activations.at<float>(i)[r] =
          static_cast<float>(law::arg_max(x.activations.at<float>(i) + r * cols, first, cols));
  schema::ArgMaxT args;
  args.src = l.leading(x.tensor, f.rows);
  args.first = static_cast<uint32_t>(first);
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "arg_max";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Fixed>;
  type.is_read_out = true;
  type.reads = takes<Form::Floats>;
  type.writes = bit(Form::Floats);
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace arg_max_kind

const NodeType kArgMaxNode = arg_max_kind::make();

}  // namespace vitro::converter
