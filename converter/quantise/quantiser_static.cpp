// SPDX-License-Identifier: Apache-2.0
// The quantiser's part for static activations: what stands between static linears, and those
// linears themselves.
#include "converter/base/error.h"
#include "converter/quantise/quantiser.h"

namespace vitro::converter {

using schema::Format;
using schema::Storage;

namespace {

constexpr float kFinestNorm = 0x1p-15f,
                kFinestAttention =
                    0x1p-6f;  // the verifier's largest scales of static_norm and static_quantise

}  // namespace

StaticRange Quantiser::range_of(size_t i, const std::function<StaticRange()>& search) {
  const auto [at, inserted] = calibration_.ranges.try_emplace(i);
  if (inserted) at->second = search();
  return at->second;
}

void Quantiser::static_norm(size_t i, const Node& n, const Value& src, float epsilon) {
  const StaticRange range = range_of(i, [&] {
    return search_range(
        pictures_.size(), [&](size_t p) { return normalised(src.activations, p, epsilon); }, false,
        threads_);
  });
  Value v;
  v.scale = StaticScale(range, kFinestNorm);
  v.is_static = true;
  v.column_unit.assign(n.cols, v.scale.unit);
  schema::StaticNormT args;
  args.src = src.tensor;
  args.epsilon = epsilon;
  args.scale = 1 / v.scale.unit;
  args.zero_point = static_cast<int8_t>(v.scale.zero_point);
  v.activations = run_static_norm(src.activations, epsilon, v.scale, threads_);
  v.tensor = add_norm(i, args, Format::S8);
  values_[i] = std::move(v);
}

void Quantiser::static_attention(size_t i, const Node& n, const Activations& fixed, uint32_t src,
                                 const std::vector<float>& unit) {
  const PictureValues outputs = [&](size_t p) {
    return std::vector<float>(fixed.at<int16_t>(p), fixed.at<int16_t>(p) + fixed.rows * fixed.cols);
  };
  Value v;
  v.scale = StaticScale(
      range_of(i, [&] { return search_range(pictures_.size(), outputs, false, threads_); }),
      kFinestAttention);
  v.is_static = true;
  for (const float u : unit) v.column_unit.push_back(u * v.scale.unit);
  schema::StaticQuantiseT args;
  args.src = src;
  args.scale = 1 / v.scale.unit;
  args.zero_point = static_cast<int8_t>(v.scale.zero_point);
  v.activations = run_static_quantise(fixed, v.scale, threads_);
  v.tensor = args.dst =
      draft_.add_tensor(n.name + ".rows", Format::S8, Storage::Scratch, n.rows, n.cols);
  draft_.add_op(n.name + ".quantise", args, {args.src}, {args.dst});
  values_[i] = std::move(v);
}

void Quantiser::static_gelu(size_t i, const Node& n, const Value& src) {
  const PictureValues outputs = [&](size_t p) {
    std::vector<float> y(n.rows * n.cols);
    for (size_t j = 0; j < y.size(); ++j)
      y[j] =
          static_cast<float>(exact_gelu(static_cast<double>(src.scale.unit) *
                                        (src.activations.at<int8_t>(p)[j] - src.scale.zero_point)));
    return y;
  };
  Value v;
  v.scale = StaticScale(
      range_of(i, [&] { return search_range(pictures_.size(), outputs, false, threads_); }));
  v.is_static = true;
  v.column_unit.assign(n.cols, v.scale.unit);
  const std::vector<int8_t> table = gelu_table(src.scale, v.scale);
  v.activations = run_lookup(src.activations, table, v.scale.zero_point, threads_);
  v.tensor = src.tensor;
  schema::LookupT args;
  args.src = args.dst = src.tensor;
  args.table = draft_.add_constant(table);
  draft_.add_op(n.name, args, {args.src}, {args.dst});
  values_[i] = std::move(v);
}

void Quantiser::static_linear(size_t i, const Node& n, const Value& src, const Matrix& weight,
                              const Moments& moments, const Node& next) {
  Value v;
  Format format = Format::S8;
  LinearOutput output = LinearOutput::s8;
  Storage storage = Storage::Scratch;
  size_t heads = 1;
  if (next.is<Attention>()) {
    const bool is_k = next.inputs[1] == i, is_v = next.inputs[2] == i;
    format = is_k ? Format::Keys : is_v ? Format::Values : Format::S8;
    output = is_k ? LinearOutput::keys : is_v ? LinearOutput::values : LinearOutput::s8;
    storage = Storage::Arena;
    heads = next.as<Attention>().heads;
    v.column_unit = attention_units(i, n, next);
  } else {
    const bool hidden = next.is<Gelu>();
    const std::vector<double>& mean = statistics_[i].mean;
    v.scale = StaticScale(range_of(i, [&] {
      const PictureValues outputs = rough_outputs(src.activations, weight, moments, mean);
      return hidden ? search_range(pictures_.size(), outputs, false, threads_, exact_gelu)
                    : search_range(pictures_.size(), outputs, true, threads_);
    }));
    v.column_unit.assign(n.cols, v.scale.unit);
  }
  const PackedLinear packed =
      pack_static_linear(n.name, weight, moments, kDamping, statistics_[i].mean, v.column_unit,
                         v.scale.zero_point, threads_);
  v.scale.unit = v.column_unit[0];
  v.activations = Activations(format, n.rows, n.cols, heads, pictures_.size());
  run_linear(src.activations, packed, output, 0, v.activations, 0, nullptr, threads_);
  v.tensor = draft_.add_tensor(n.name, format, storage, rows(i), n.cols, heads);
  if (next.is<Attention>())
    add_attention_input(i, n, src.tensor, packed, src.scale.zero_point, v);
  else
    add_linear(n.name, src.tensor, v.tensor, -1, packed, 0, false, src.scale.zero_point);
  if (next.is<Add>()) return static_residual(i, n, v, next);
  if (!next.is<Attention>() && !next.is<Gelu>())
    throw InputError(n.name, "a linear whose reader the quantiser does not know", "");
  v.is_static = next.is<Gelu>();
  values_[i] = std::move(v);
}

void Quantiser::static_residual(size_t i, const Node& n, const Value& branch, const Node& add) {
  Value v = std::move(value(add.inputs[0]));
  v.tensor = leading(v.tensor, rows(i));
  run_static_add(branch.activations, add_scale(branch), v.activations, threads_);
  schema::StaticAddT args;
  args.src = branch.tensor;
  args.addend = args.dst = v.tensor;
  args.scale = add_scale(branch);
  draft_.add_op(n.name + ".add", args, {args.src, args.addend}, {args.dst});
  tap(n.name, v.tensor, static_cast<size_t>(&add - graph_.nodes.data()),
      std::vector<float>(n.cols, unit_));
  values_[i] = std::move(v);
}

}  // namespace vitro::converter
