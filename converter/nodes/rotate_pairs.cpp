// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "converter/nodes/node_type.h"
#include "converter/nodes/queries.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

namespace rotate_pairs_kind {
namespace {

constexpr float kTurn = 1 << 14;  // the law's 1

Shape shape(const Graph& graph, const Node& node) {
  const auto& rotation = node.as<RotatePairs>();
  const Shape shape = same_shape(graph, node);
  const size_t half = rotation.cosine.cols;
  if (rotation.heads == 0 || half == 0 || shape.cols != rotation.heads * 2 * half)
    misfit(node, "does not rotate the columns of its heads");
  if (rotation.cosine.rows != shape.rows || rotation.sine.rows != shape.rows ||
      rotation.sine.cols != half)
    misfit(node, "does not have an angle for each row and pair");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& rotation = node.as<RotatePairs>();
    const size_t half = rotation.cosine.cols;
    const float* x = call.inputs[0];
    float* y = call.value;
    for (size_t r = 0; r < node.rows; ++r) {
      const float *cosine = rotation.cosine.row(r), *sine = rotation.sine.row(r);
      for (size_t h = 0; h < rotation.heads; ++h, x += 2 * half, y += 2 * half)
        for (size_t i = 0; i < half; ++i) {
          y[i] = x[i] * cosine[i] - x[half + i] * sine[i];
          y[half + i] = x[half + i] * cosine[i] + x[i] * sine[i];
        }
    }
  };
}

// Of all rows, whichever the program makes: queries and keys share them.
std::vector<int16_t> turns_of(const RotatePairs& rotation) {
  std::vector<int16_t> turns;
  turns.reserve(2 * rotation.cosine.data.size());
  for (size_t i = 0; i < rotation.cosine.data.size(); ++i)
    for (const float x : {rotation.cosine.data[i], rotation.sine.data[i]})
      turns.push_back(static_cast<int16_t>(std::nearbyint(std::clamp(x, -1.0f, 1.0f) * kTurn)));
  return turns;
}

std::vector<float> units(const Lowering& l, const FusedNode& f) {
  if (f.form == Form::Queries) return query_units(l, f);
  if (f.form == Form::Keys) return head_units(l.statistics(f.node), f.heads);
  return std::vector<float>(f.cols, l.unit(f));
}

Value lower(Lowering& l, const FusedNode& f) {
  const auto& rotation = l.node(f).as<RotatePairs>();
  const Value& x = l.input(f);
  const float unit = l.only_unit(f);
  Value v;
  v.unit = units(l, f);
  RotationSettings settings{turns_of(rotation), {}};
  for (size_t h = 0; h < rotation.heads; ++h)
    settings.scale.push_back(std::clamp(unit / (kTurn * v.unit[h * (f.cols / rotation.heads)]),
                                        kScaleRange.smallest, kScaleRange.largest));
  if (f.form == Form::Fixed) v.unit.resize(1);
  v.activations =
      Activations(f.format, l.node(f).rows, f.cols, f.heads, l.pictures().size(), f.groups);
  run_rotate_pairs(x.activations, settings, v.activations, l.threads());
  schema::RotatePairsT args;
  args.src = l.leading(x.tensor, f.rows);
  args.scale = settings.scale;
  args.turns = l.draft.add_shared_constant(settings.turns);
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  l.tap(f, f.name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "rotate_pairs";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Fixed>;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed) | bit(Form::Queries) | bit(Form::Keys);
  type.unit = UnitRule::Stream;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace rotate_pairs_kind

const NodeType kRotatePairsNode = rotate_pairs_kind::make();

}  // namespace vitro::converter
