// SPDX-License-Identifier: Apache-2.0
// What the lowering of a node stands on: the draft so far, the values of earlier nodes, and what
// the calibration pictures say.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "converter/draft/draft.h"
#include "converter/draft/tap.h"
#include "converter/graph/fused_graph.h"
#include "converter/quantise/activations.h"
#include "converter/quantise/learnt.h"
#include "converter/quantise/static_scales.h"

namespace vitro::converter {

/// A value, quantised: over the calibration pictures, all its rows, and in the program.
struct Value {
  Activations activations;
  uint32_t tensor = 0;
  /// The real value of one stored unit: of all columns, or of each; empty: 1. Of int8 rows beside
  /// the scale of the row.
  std::vector<float> unit;
  StaticScale scale;  // of static int8 rows, which the activations hold with scale 1
};

class Lowering {
 public:
  /// Without pictures all activations are empty, and the moments and ranges are those of
  /// `calibration`; with them, they are added to it. `statistics` are those of `graph`, whose
  /// attention is centred.
  struct Inputs {
    const Graph& graph;
    const FusedGraph& fused;
    const Pictures& pictures;
    const std::vector<ColumnStatistics>& statistics;
    Calibration& calibration;
    size_t threads;
  };
  explicit Lowering(const Inputs& inputs);

  Draft draft;
  std::vector<Tap> taps;

  // What there is to be read.
  const Graph& graph() const { return in_.graph; }
  const FusedGraph& fused() const { return in_.fused; }
  const Node& node(const FusedNode& f) const { return in_.graph.nodes[f.node]; }
  const Node& value_node(const FusedNode& f) const { return in_.graph.nodes[f.value]; }
  const FusedNode& source(const FusedNode& f, size_t input = 0) const;
  const Value& input(const FusedNode& f, size_t input = 0) const;
  uint32_t tensor(size_t fused_node) const { return values_.at(fused_node).tensor; }
  /// The first operation that reads it; null if there is none.
  const FusedNode* reader(const FusedNode& f) const;
  const Pictures& pictures() const { return in_.pictures; }
  size_t threads() const { return in_.threads; }
  const ColumnStatistics& statistics(size_t node) const { return in_.statistics[node]; }
  /// The real value of one unit of the int16 value, which belongs to a stream.
  float unit(const FusedNode& f) const { return units_[f.stream]; }
  /// The real value of one unit of an int16 input. Throws NodeFault where its columns have
  /// different units.
  float only_unit(const FusedNode& f, size_t input = 0) const;
  /// Of what a linear layer reads. By way of their packed form even when they were just measured,
  /// so that a saved calibration gives the same program.
  Moments input_moments(const FusedNode& f);
  /// Of the static value of a node, from the calibration or, the first time, searched.
  StaticRange range(size_t node, const std::function<StaticRange()>& search);

  // What is added to the program.
  /// The tensor of the node's value.
  uint32_t destination(const FusedNode& f, const std::string& name);
  /// The leading rows of a tensor, as every operation of a step must name them.
  uint32_t leading(uint32_t tensor, size_t rows);
  /// Adds an operation that takes rows of args.src to the same rows of args.dst.
  template <class Args>
  void row_op(const std::string& name, const Args& args) {
    draft.add_op(name, args, {args.src}, {args.dst});
  }
  /// Adds a linear layer; fills in the weights' and channels' places.
  void linear_op(const std::string& name, schema::LinearT args, const PackedLinear& linear);
  /// The value, or the sum, of an input that the node changes in place: copied where others read
  /// it later.
  Activations take_activations(const FusedNode& f, size_t input);
  /// Notes where the node's value stands after the present step, for reports. Not of what stands
  /// in the scratch.
  void tap(const FusedNode& f, const std::string& name, const Value& value);

  /// One node after the other, by `lower`.
  void run(const std::function<Value(Lowering&, const FusedNode&)>& lower,
           const Progress& progress);

 private:
  void settle_units();
  void declare_heads(size_t reader);
  uint32_t declare(const FusedNode& f, const std::string& name);
  size_t index(const FusedNode& f) const {
    return static_cast<size_t>(&f - in_.fused.nodes.data());
  }
  size_t last_reader(size_t f) const;
  bool is_output(size_t f) const;

  Inputs in_;
  std::map<size_t, Value> values_;       // by fused node
  std::map<size_t, uint32_t> declared_;  // tensors of nodes that are still to come
  std::map<std::pair<uint32_t, size_t>, uint32_t> leading_;
  std::vector<float> units_;  // of the streams
};

}  // namespace vitro::converter
