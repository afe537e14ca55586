// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/lower.h"

#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"

namespace vitro::converter {

namespace {

// int16 to int8 rows, each with its own scale. Units that differ by column stay to be multiplied
// with the weights.
Value quantise_rows(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  Value v;
  schema::QuantiseRowsT args;
  args.src = l.leading(x.tensor, f.rows);
  args.unit = x.unit.size() == 1 ? x.unit[0] : 1;
  if (x.unit.size() != 1) v.unit = x.unit;
  v.activations = run_quantise_rows(x.activations, args.unit, l.threads());
  args.dst = v.tensor = l.destination(f, f.name + ".rows");
  l.row_op(f.name + ".quantise", args);
  return v;
}

Value quantise_rows_statically(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const PictureValues values = [&](size_t p) {
    const int16_t* const fixed = x.activations.at<int16_t>(p);
    return std::vector<float>(fixed, fixed + x.activations.rows * x.activations.cols);
  };
  Value v;
  v.scale = StaticScale(
      l.range(f.value,
              [&] { return search_range(l.pictures().size(), values, false, l.threads()); }),
      kFinestQuantiseStep);
  for (const float unit : x.unit) v.unit.push_back(unit * v.scale.unit);
  schema::StaticQuantiseT args;
  args.src = l.leading(x.tensor, f.rows);
  args.scale = 1 / v.scale.unit;
  args.zero_point = static_cast<int8_t>(v.scale.zero_point);
  v.activations = run_static_quantise(x.activations, v.scale, l.threads());
  args.dst = v.tensor = l.destination(f, f.name + ".rows");
  l.row_op(f.name + ".quantise", args);
  return v;
}

// int16 in another unit, for a sum that begins one.
Value rescale(Lowering& l, const FusedNode& f) {
  return lower_affine(l, f, 0, std::nullopt,
                      {std::vector<float>(f.cols, 1), std::vector<float>(f.cols, 0)});
}

Value lower_one(Lowering& l, const FusedNode& f) {
  if (f.is_conversion && f.format == schema::Format::S16) return rescale(l, f);
  if (f.is_conversion) return f.is_static ? quantise_rows_statically(l, f) : quantise_rows(l, f);
  const NodeType& type = type_of(l.node(f));
  return f.is_static ? type.lower_static(l, f) : type.lower(l, f);
}

// A program that answers with logits alone says so by one number.
void list_outputs(Lowering& lowering) {
  schema::ProgramT& program = lowering.draft.program;
  const std::vector<GraphOutput>& outputs = lowering.graph().outputs;
  program.output = lowering.tensor(lowering.fused().outputs.front());
  if (outputs.size() == 1 && outputs[0].kind == OutputKind::Logits && outputs[0].name == "logits")
    return;
  for (size_t i = 0; i < outputs.size(); ++i) {
    auto output = std::make_unique<schema::OutputT>();
    output->name = outputs[i].name;
    output->kind = static_cast<schema::OutputKind>(outputs[i].kind);
    output->tensor = lowering.tensor(lowering.fused().outputs[i]);
    program.outputs.push_back(std::move(output));
  }
}

}  // namespace

void lower(Lowering& lowering, const Progress& progress) {
  lowering.run(lower_one, progress);
  list_outputs(lowering);
}

}  // namespace vitro::converter
