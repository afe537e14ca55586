// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/lowering.h"

#include <algorithm>

#include "converter/graph/node_fault.h"
#include "converter/quantise/units.h"

namespace vitro::converter {

using schema::Format;
using schema::Storage;

Lowering::Lowering(const Inputs& inputs) : in_(inputs) { settle_units(); }

void Lowering::settle_units() {
  for (const FusedStream& stream : in_.fused.streams) {
    float largest = 0;
    for (const size_t i : stream.nodes)
      largest = std::max(largest, statistics(i).largest_magnitude(0, in_.graph.nodes[i].cols));
    units_.push_back(stream_unit(largest));
    if (!(units_.back() < 0x1p30f))
      throw NodeFault(stream.name, "has values that overflow",
                      "check the checkpoint: it may be damaged");
  }
  draft.program.residual_scale = units_.empty() ? 1 : units_.front();
}

const FusedNode& Lowering::source(const FusedNode& f, size_t input) const {
  return in_.fused.nodes[f.inputs[input]];
}

const Value& Lowering::input(const FusedNode& f, size_t input) const {
  return values_.at(f.inputs[input]);
}

float Lowering::only_unit(const FusedNode& f, size_t at) const {
  const std::vector<float>& unit = input(f, at).unit;
  if (unit.size() != 1)
    throw NodeFault(f.name, "reads columns of different units",
                    "vitro has no int8 form of such a model");
  return unit[0];
}

const FusedNode* Lowering::reader(const FusedNode& f) const {
  for (const FusedNode& other : in_.fused.nodes)
    for (const size_t input : other.inputs)
      if (input == index(f)) return &other;
  return nullptr;
}

Moments Lowering::input_moments(const FusedNode& f) {
  const auto [at, inserted] = in_.calibration.moments.try_emplace(source(f).value);
  if (inserted) at->second = pack(moments_of(input(f).activations, threads()));
  return unpack(at->second);
}

StaticRange Lowering::range(size_t node, const std::function<StaticRange()>& search) {
  const auto [at, inserted] = in_.calibration.ranges.try_emplace(node);
  if (inserted) at->second = search();
  return at->second;
}

uint32_t Lowering::declare(const FusedNode& f, const std::string& name) {
  const size_t rows = f.epilogue == Epilogue::Tokens ? value_node(f).rows : f.rows;
  const uint32_t tensor = draft.add_tensor(name, f.format, f.storage, rows, f.cols, f.heads);
  if (f.format == Format::Keys || f.format == Format::Values)
    draft.tensor(tensor).groups = static_cast<uint32_t>(f.groups);
  if (f.stream != kNone && unit(f) != draft.program.residual_scale)
    draft.tensor(tensor).scale = unit(f);
  return tensor;
}

// Queries may be made later than keys and values: what is read by heads, and what is made of it, is
// declared by who comes first.
void Lowering::declare_heads(size_t reader) {
  const FusedNode& f = in_.fused.nodes[reader];
  for (const size_t input : f.inputs) {
    const FusedNode& operand = in_.fused.nodes[input];
    if (is_of_heads(operand.form) && !declared_.count(input))
      declared_[input] = declare(operand, operand.name);
  }
  declared_[reader] = declare(f, f.name + ".fixed");
}

uint32_t Lowering::destination(const FusedNode& f, const std::string& name) {
  if (is_of_heads(f.form) && !declared_.count(index(f))) declare_heads(index(*reader(f)));
  const auto declared = declared_.find(index(f));
  return declared != declared_.end() ? declared->second : declare(f, name);
}

uint32_t Lowering::leading(uint32_t tensor, size_t rows) {
  if (draft.tensor(tensor).rows == rows || draft.tensor(tensor).storage != Storage::Arena)
    return tensor;
  const auto [at, inserted] = leading_.try_emplace({tensor, rows});
  if (inserted)
    at->second = draft.add_view(draft.tensor(tensor).name + ".leading", tensor, 0, rows);
  return at->second;
}

void Lowering::linear_op(const std::string& name, schema::LinearT args,
                         const PackedLinear& linear) {
  args.weights = draft.add_constant(linear.weights);
  std::vector<uint8_t> channels;
  for (const auto& [data, bytes] :
       {std::pair<const void*, size_t>{linear.scale.data(), linear.scale.size() * 4},
        {linear.bias.data(), linear.bias.size() * 4},
        {linear.weight_sum.data(), linear.weight_sum.size() * 4}})
    channels.insert(channels.end(), static_cast<const uint8_t*>(data),
                    static_cast<const uint8_t*>(data) + bytes);
  args.channels = draft.add_constant(channels);
  std::vector<uint32_t> reads = {args.src};
  if (args.addend >= 0) reads.push_back(static_cast<uint32_t>(args.addend));
  draft.add_op(name, args, std::move(reads), {args.dst});
}

size_t Lowering::last_reader(size_t f) const {
  for (size_t i = in_.fused.nodes.size(); i-- > 0;)
    for (const size_t input : in_.fused.nodes[i].inputs)
      if (input == f) return i;
  return f;
}

Activations Lowering::take_activations(const FusedNode& f, size_t input) {
  const size_t from = f.inputs[input];
  if (last_reader(from) > index(f)) return values_.at(from).activations;
  return std::move(values_.at(from).activations);
}

void Lowering::tap(const FusedNode& f, const std::string& name, const Value& value) {
  if (draft.tensor(value.tensor).storage != Storage::Arena) return;
  std::vector<float> unit = value.unit;
  if (unit.size() != f.cols) unit.assign(f.cols, unit.empty() ? 1.0f : unit[0]);
  const size_t step = draft.program.steps.size() - 1;
  // What the step itself writes over cannot be read after it.
  taps.erase(std::remove_if(
                 taps.begin(), taps.end(),
                 [&](const Tap& tap) { return tap.step == step && tap.tensor == value.tensor; }),
             taps.end());
  taps.push_back({name, step, value.tensor, f.value, std::move(unit)});
}

bool Lowering::is_output(size_t f) const {
  const std::vector<size_t>& outputs = in_.fused.outputs;
  return std::find(outputs.begin(), outputs.end(), f) != outputs.end();
}

void Lowering::run(const std::function<Value(Lowering&, const FusedNode&)>& lower,
                   const Progress& progress) {
  const std::vector<FusedNode>& nodes = in_.fused.nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const FusedNode& f = nodes[i];
    if (f.step != kNone && f.step == draft.program.steps.size())
      draft.begin_step(in_.fused.steps[f.step].name, in_.fused.steps[f.step].rows);
    values_[i] = lower(*this, f);
    for (const size_t input : f.inputs)
      if (last_reader(input) <= i && !is_output(input)) values_.erase(input);
    if (progress)
      progress("quantising", static_cast<double>(i + 1) / static_cast<double>(nodes.size()));
  }
}

}  // namespace vitro::converter
