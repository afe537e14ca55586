// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"
#include "converter/nodes/queries.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"

namespace vitro::converter {

using schema::Format;

namespace linear_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& linear = node.as<Linear>();
  if (linear.weight.cols != x.cols) misfit(node, "has weights for another width of its input");
  if (linear.bias.size() != linear.weight.rows) misfit(node, "lacks a bias for each output");
  return {x.rows, linear.weight.rows, x.grid};
}

Execute execute(const Graph&, const Node& node) {
  const auto& linear = node.as<Linear>();
  const size_t k = linear.weight.cols, n = linear.weight.rows;
  // std::function wants what can be copied.
  auto product =
      std::make_shared<const Product>(k, n, k, n, linear.weight.data.data(), linear.bias.data());
  return [product = std::move(product), rows = node.rows](const FloatCall& call) {
    product->run(rows, call.inputs[0], call.value);
  };
}

// It reads x * scale + shift, and then x.
void absorb(Node& node, const Affine& affine) {
  auto& linear = node.as<Linear>();
  for (size_t n = 0; n < linear.weight.rows; ++n) {
    float* row = linear.weight.row(n);
    double bias = linear.bias[n];
    for (size_t k = 0; k < linear.weight.cols; ++k) {
      bias += static_cast<double>(row[k]) * affine.shift[k];
      row[k] = static_cast<float>(row[k] * affine.scale[k]);
    }
    linear.bias[n] = static_cast<float>(bias);
  }
}

ColumnConstants constants(Node& node) {
  auto& linear = node.as<Linear>();
  return {&linear.weight, &linear.bias, {}};
}

// The unit of the outputs: one for all, or one for each.
std::vector<float> output_unit(const Lowering& l, const FusedNode& f) {
  if (f.format == Format::F32) return {f.epilogue == Epilogue::None ? 1.0f : 2.0f};  // (a + b) / 2
  if (f.epilogue == Epilogue::Gelu) return {gelu_unit(l.statistics(f.node))};
  if (f.epilogue == Epilogue::Silu) return {silu_unit(l.statistics(f.node))};
  if (f.format == Format::S16) return {l.unit(f)};
  if (f.format == Format::Values) return column_units(l.statistics(f.node));
  return f.form == Form::Queries ? query_units(l, f) : head_units(l.statistics(f.node), f.heads);
}

LinearOutput output_of(const FusedNode& f) {
  switch (f.format) {
    case Format::F32: return LinearOutput::f32;
    case Format::Keys: return LinearOutput::keys;
    case Format::Values: return LinearOutput::values;
    case Format::S16: break;
    default: return LinearOutput::s8;
  }
  return f.epilogue == Epilogue::Gelu ? LinearOutput::gelu
         : f.epilogue == Epilogue::None || f.epilogue == Epilogue::Silu
             ? LinearOutput::s16  // SiLU follows, in place
             : LinearOutput::residual;
}

// Shared by all pictures and the program: where the outputs go.
struct Target {
  Value value;
  LinearWrite write;
  schema::LinearT args;
};

void into_tokens(Lowering& l, const FusedNode& f, Target& t) {
  const Node& n = l.value_node(f);
  const auto& tokens = n.as<Tokens>();
  const std::vector<int16_t> positions = to_fixed(tokens.positions.data, l.unit(f));
  t.value.activations = Activations(Format::S16, n.rows, n.cols, 1, l.pictures().size());
  t.write.first_row = tokens.prefix.rows;
  t.write.constant_addend = positions;
  t.value.tensor = l.destination(f, n.name);
  const size_t patches = l.node(f).rows;
  t.args.dst = l.draft.add_view(n.name + ".patches", t.value.tensor, tokens.prefix.rows, patches);
  t.args.addend = static_cast<int32_t>(
      l.draft.add_constant_tensor("positions", Format::S16, patches, n.cols, positions.data()));
}

void into_sum(Lowering& l, const FusedNode& f, Target& t) {
  const uint32_t addend = l.leading(l.input(f, 1).tensor, f.rows);
  t.value.activations = l.take_activations(f, 1);
  t.value.tensor = f.in_place ? addend : l.destination(f, l.value_node(f).name);
  t.args.dst = t.value.tensor;
  t.args.addend = static_cast<int32_t>(addend);
}

void into_own(Lowering& l, const FusedNode& f, Target& t) {
  t.value.activations =
      Activations(f.format, l.node(f).rows, f.cols, f.heads, l.pictures().size(), f.groups);
  t.value.tensor =
      l.destination(f, f.epilogue == Epilogue::Average ? l.value_node(f).name : f.name);
  t.args.dst = t.value.tensor;
  if (f.epilogue == Epilogue::Average) t.args.addend = static_cast<int32_t>(l.input(f, 1).tensor);
}

// What the report compares with the float model.
void tap(Lowering& l, const FusedNode& f, const Value& v) {
  const bool waits_for_prefix =
      f.epilogue == Epilogue::Tokens && l.value_node(f).as<Tokens>().prefix.rows > 0;
  if (f.epilogue == Epilogue::Gelu || f.epilogue == Epilogue::Silu ||
      f.epilogue == Epilogue::Half || waits_for_prefix)
    return;
  std::string name = f.name;
  for (const GraphOutput& output : l.graph().outputs)
    if (output.node == f.value) name = output.name;
  l.tap(f, name, v);
}

Value lower(Lowering& l, const FusedNode& f) {
  const Node& n = l.node(f);
  const auto& linear = n.as<Linear>();
  const Value& x = l.input(f);
  const Moments moments = l.input_moments(f);
  const bool of_one_row = n.rows == 1;
  const QuantisedWeights weights =
      quantise_weights(with_units(linear.weight, x.unit), moments,
                       of_one_row ? kHeadDamping : kDamping, l.threads());
  const std::vector<float> bias =
      of_one_row ? linear.bias : corrected_bias(weights, moments.mean, l.statistics(f.node).mean);
  std::vector<float> unit = output_unit(l, f);
  Target t;
  t.value.unit = f.format == Format::F32 ? std::vector<float>() : unit;
  if (unit.size() == 1) unit.assign(f.cols, unit[0]);
  const PackedLinear packed = pack_linear(f.name, weights, unit, bias);

  t.args.src = x.tensor;
  t.write.output = output_of(f);
  if (f.epilogue == Epilogue::Tokens)
    into_tokens(l, f, t);
  else if (f.epilogue == Epilogue::Add)
    into_sum(l, f, t);
  else
    into_own(l, f, t);
  if (f.epilogue == Epilogue::Gelu) {
    t.write.fraction_bits = gelu_fraction_bits(l.statistics(f.node));
    t.args.activation = schema::Activation::Gelu;
    t.args.fraction_bits = static_cast<uint8_t>(t.write.fraction_bits);
  }
  if (f.epilogue == Epilogue::Silu) {
    t.args.activation = schema::Activation::Silu;
    t.args.fraction_bits = static_cast<uint8_t>(silu_fraction_bits(l.statistics(f.node)));
  }
  run_linear(x.activations, packed, t.write, t.value.activations, l.threads());
  if (f.epilogue == Epilogue::Silu)
    run_silu(t.value.activations, t.args.fraction_bits, l.threads());
  l.linear_op(f.name, t.args, packed);
  tap(l, f, t.value);
  return std::move(t.value);
}

// The range of outputs that a table or a sum reads: searched on outputs of weights that are
// merely rounded.
StaticScale output_scale(Lowering& l, const FusedNode& f, const Matrix& weight,
                         const Moments& moments) {
  return StaticScale(l.range(f.node, [&] {
    const PictureValues outputs =
        rough_outputs(l.input(f).activations, weight, moments, l.statistics(f.node).mean);
    const size_t pictures = l.pictures().size();
    const Node& reader = l.node(*l.reader(f));
    const auto function = type_of(reader).function;
    return function ? search_range(pictures, outputs, false, l.threads(), function(reader))
                    : search_range(pictures, outputs, true, l.threads());
  }));
}

// From static int8 rows to int8.
Value lower_static(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const Matrix weight = with_units(l.node(f).as<Linear>().weight, x.unit);
  const Moments moments = l.input_moments(f);
  const bool operand = is_of_heads(f.form);
  Target t;
  if (operand) {
    t.value.unit = output_unit(l, f);
  } else {
    t.value.scale = output_scale(l, f, weight, moments);
    t.value.unit.assign(f.cols, t.value.scale.unit);
  }
  const PackedLinear packed = pack_static_linear(
      f.name, {weight, moments, l.statistics(f.node).mean, t.value.scale.zero_point}, t.value.unit,
      l.threads());
  t.value.scale.unit = t.value.unit[0];
  t.args.src = x.tensor;
  t.args.zero_point = static_cast<int8_t>(x.scale.zero_point);
  t.write.output = output_of(f);
  into_own(l, f, t);
  run_linear(x.activations, packed, t.write, t.value.activations, l.threads());
  l.linear_op(f.name, t.args, packed);
  if (operand) tap(l, f, t.value);
  return std::move(t.value);
}

constexpr NodeType make() {
  NodeType type;
  type.name = "linear";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.input = AffineInput::Absorbs;
  type.affine.absorb = absorb;
  type.basis = always<Basis::Free>;
  type.constants = constants;
  type.scale_value = scale_constants;
  type.widen = widen_nothing;
  type.is_read_out = true;
  type.reads = takes<Form::Rows>;
  type.writes = bit(Form::Fixed) | bit(Form::Queries) | bit(Form::Keys) | bit(Form::Values) |
                bit(Form::Floats);
  type.unit = UnitRule::Stream;
  type.takes_in = bit(Epilogue::Gelu) | bit(Epilogue::Silu) | bit(Epilogue::Add) |
                  bit(Epilogue::Tokens) | bit(Epilogue::Half) | bit(Epilogue::Average);
  type.lower = lower;
  type.lower_static = lower_static;
  return type;
}

}  // namespace
}  // namespace linear_kind

const NodeType kLinearNode = linear_kind::make();

}  // namespace vitro::converter
