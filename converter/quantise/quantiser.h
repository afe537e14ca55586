// SPDX-License-Identifier: Apache-2.0
// The walk of quantise.h over a graph's nodes: each is lowered to ops of the program, and its value
// carried along for every calibration picture.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "converter/quantise/activations.h"
#include "converter/quantise/quantise.h"
#include "converter/quantise/static_scales.h"

namespace vitro::converter {

constexpr double kDamping = 0.01,
                 kHeadDamping =
                     0.1;  // GPTQ's; the head sees one row of each picture: its covariance is poor

class Quantiser {
 public:
  // Without pictures all activations are empty, and the moments are those of `calibration`; with
  // them, they are added to it.
  Quantiser(Graph& graph, const Pictures& pictures, Calibration& calibration, size_t threads);
  void run(const Progress& progress);

  Draft draft_;
  std::vector<Tap> taps_;

 private:
  // The value of a graph node, quantised: over the pictures, and in the program.
  struct Value {
    Activations activations;
    uint32_t tensor = 0;
    std::vector<float> column_unit;  // row-quantised: a column's real value is this times the
                                     // stored one; empty for 1
    bool is_static =
        false;          // S8 in the program; here row-quantised with scale 1 and one zero point
    StaticScale scale;  // of it
  };

  const Node& node(size_t i) const { return graph_.nodes[i]; }
  Value& value(size_t i) { return values_.at(i); }

  // How many of its leading rows anything reads: in the last block, after its keys and values, no
  // more than the classifier wants.
  size_t rows(size_t i) const { return rows_[i]; }
  // The leading rows of a tensor, as every op of a step must name them.
  uint32_t leading(uint32_t tensor, size_t rows);

  // The one node that reads node `i`, where there is one kind of reader alone.
  const Node* reader(size_t i) const;
  void release(size_t done);
  void lower(size_t i);

  void patch_rows(size_t i, const Node& n);
  void tokens(size_t i, const Node& n);
  const std::string& reader_name_of_patches(const Node& tokens) const {
    return node(tokens.inputs[0]).name;
  }
  void tap(const std::string& name, uint32_t tensor, size_t node, std::vector<float> unit);
  void layer_norm(size_t i, const Node& n);
  // Adds the norm's op, in a step of its own or the MLP's; returns its destination.
  template <class Args>
  uint32_t add_norm(size_t i, Args args, schema::Format format);
  // Whether node i, a LayerNorm, goes on with the rows of the MLP before it in one step, so that
  // threads meet once less: where q, k and v follow. (After attention it may not: other tiles still
  // read the keys and values.)
  bool continues_mlp(size_t i) const;
  // Row-quantised to one fixed unit, so that rows can be averaged: a linear whose matrix is the
  // identity.
  Value widen(const Value& rows, const Node& n);
  void attention(size_t i, const Node& n);
  Value quantise_rows(const std::string& name, const Activations& fixed, uint32_t src, float unit);
  void gelu(size_t i, const Node& n);
  void select_rows(size_t i, const Node& n);
  void mean_rows(size_t i, const Node& n);
  int16_t to_residual(float x) const {
    return static_cast<int16_t>(std::clamp(std::nearbyint(x / unit_), -32768.0f, 32767.0f));
  }

  void linear(size_t i, const Node& n);
  // By way of their packed form even when they were just measured, so that a saved calibration
  // gives the same program.
  Moments moments_of_input(const Node& n, const Activations& activations);
  void logits(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
              const std::vector<float>& bias, const Node* average);
  void patch_embedding(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                       const std::vector<float>& bias, const Node& tokens);
  void residual(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                const std::vector<float>& bias, const Node& add);
  void hidden(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
              const std::vector<float>& bias);
  // q and k: one scale for each head; v: one for each channel.
  std::vector<float> attention_units(size_t i, const Node& n, const Node& attention) const;
  // Queries that are fewer than the keys are made in the attention's step, whose rows they share.
  void add_attention_input(size_t i, const Node& n, uint32_t src, const PackedLinear& packed,
                           int32_t zero_point, const Value& v);
  void attention_input(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                       const std::vector<float>& bias, const Node& attention);

  // Static scales: quantiser_static.cpp.
  StaticRange range_of(size_t i, const std::function<StaticRange()>& search);
  void static_norm(size_t i, const Node& n, const Value& src, float epsilon);
  void static_attention(size_t i, const Node& n, const Activations& fixed, uint32_t src,
                        const std::vector<float>& unit);
  void static_gelu(size_t i, const Node& n, const Value& src);
  // Outputs are int8 as well: q, k and v as they always are, what GELU takes with a zero point,
  // what is added to the residual stream without one.
  void static_linear(size_t i, const Node& n, const Value& src, const Matrix& weight,
                     const Moments& moments, const Node& next);
  float add_scale(const Value& v) const {
    return std::clamp(v.scale.unit / unit_, 0x1p-40f, 0x1p14f);
  }
  void static_residual(size_t i, const Node& n, const Value& branch, const Node& add);

  void add_linear(const std::string& name, uint32_t src, uint32_t dst, int32_t addend,
                  const PackedLinear& packed, unsigned fraction_bits, bool gelu,
                  int32_t zero_point = 0);

  Graph& graph_;
  const Pictures& pictures_;
  Calibration& calibration_;
  std::vector<ColumnStatistics> statistics_;  // centred
  size_t threads_;
  std::vector<size_t> rows_;
  std::map<std::pair<uint32_t, size_t>, uint32_t> leading_;
  std::map<size_t, Value> values_;
  std::function<uint32_t(size_t rows)>
      repeat_norm_;  // the latest norm again, of the stream's leading rows alone
  std::function<void()>
      queries_;     // what makes the queries, where it waits for the attention's step
  float unit_ = 0;  // of the residual stream
  bool static_ = false;
};

template <class Args>
uint32_t Quantiser::add_norm(size_t i, Args args, schema::Format format) {
  const Node& n = node(i);
  auto add = [this, args, format, &n](const std::string& name, uint32_t src, size_t rows) mutable {
    args.src = src;
    args.dst = draft_.add_tensor(name, format, schema::Storage::Scratch, rows, n.cols);
    draft_.add_op(name, args, {args.src}, {args.dst});
    return args.dst;
  };
  repeat_norm_ = [this, add, &n, stream = args.src](size_t rows) mutable {
    return add(n.name + ".leading", leading(stream, rows), rows);
  };
  if (!continues_mlp(i)) draft_.begin_step(n.name, rows(i));
  return add(n.name, leading(args.src, rows(i)), rows(i));
}

}  // namespace vitro::converter
