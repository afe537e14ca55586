// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/quantise.h"

#include "converter/base/error.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/rotate.h"
#include "converter/quantise/quantiser.h"

namespace vitro::converter {

using schema::Format;
using schema::Storage;

namespace {

constexpr float kResidualHeadroom = 1.5f;  // over the largest magnitude seen
constexpr float kGeluHeadroom = 1.25f;
constexpr float kAttentionUnits =
    258.0f;                        // the law: attention's output is in units of v's scale / 258
constexpr unsigned kNormBits = 9;  // fraction bits of normalised rows that are pooled

// How many leading rows of each node's value are read.
std::vector<size_t> rows_read(const Graph& graph) {
  std::vector<size_t> rows(graph.nodes.size(), 0);
  for (const GraphOutput& output : graph.outputs) rows[output.node] = graph.nodes[output.node].rows;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& n = graph.nodes[i];
    for (size_t j = 0; j < n.inputs.size(); ++j) {
      size_t& read = rows[n.inputs[j]];
      read = std::max(read, type_of(n).rows_read(graph, n, j, rows[i]));
    }
  }
  return rows;
}

}  // namespace

Quantiser::Quantiser(Graph& graph, const Pictures& pictures, Calibration& calibration,
                     size_t threads)
    : graph_(graph),
      pictures_(pictures),
      calibration_(calibration),
      statistics_(calibration.statistics),
      threads_(threads) {
  centre_attention(graph_, statistics_);
  rows_ = rows_read(graph_);
  float largest = 0;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (graph_.nodes[i].is<Tokens>() || graph_.nodes[i].is<Add>())
      largest = std::max(largest, statistics_[i].largest_magnitude(0, graph_.nodes[i].cols));
  }
  unit_ = std::max(largest, 1e-6f) * kResidualHeadroom / 32767.0f;
  if (!(unit_ < 0x1p30f))
    throw InputError(graph_.nodes.front().name, "the model's values overflow",
                     "check the checkpoint: it may be damaged");
  draft_.program.residual_scale = unit_;
  static_ = calibration.static_scales;
}

void Quantiser::run(const Progress& progress) {
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    lower(i);
    release(i);
    if (progress)
      progress("quantising", static_cast<double>(i + 1) / static_cast<double>(graph_.nodes.size()));
  }
}

const Node* Quantiser::reader(size_t i) const {
  for (const Node& n : graph_.nodes)
    for (const size_t input : n.inputs)
      if (input == i) return &n;
  return nullptr;
}

void Quantiser::release(size_t done) {
  for (const size_t input : node(done).inputs) {
    bool needed = false;
    for (size_t later = done + 1; later < graph_.nodes.size(); ++later)
      for (const size_t other : node(later).inputs) needed |= other == input;
    if (!needed) values_.erase(input);
  }
}

void Quantiser::lower(size_t i) {
  const Node& n = node(i);
  if (n.is<PatchRows>()) return patch_rows(i, n);
  if (n.is<Linear>()) return linear(i, n);
  if (n.is<Tokens>()) return tokens(i, n);
  if (n.is<LayerNorm>()) return layer_norm(i, n);
  if (n.is<Attention>()) return attention(i, n);
  if (n.is<Gelu>()) return gelu(i, n);
  if (n.is<SelectRows>()) return select_rows(i, n);
  if (n.is<MeanRows>()) return mean_rows(i, n);
  values_[i] = std::move(value(n.inputs[1]));  // Add and Average: the linear added already
}

void Quantiser::patch_rows(size_t i, const Node& n) {
  const Preprocessing& p = graph_.preprocessing;
  const uint32_t picture =
      draft_.add_tensor("picture", Format::U8, Storage::Arena, p.image_height, p.image_width * 3);
  draft_.program.input = picture;
  Value& v = values_[i];
  v.activations = run_patch_rows(pictures_, p, n.as<PatchRows>().patch_width, n.cols);
  v.tensor = draft_.add_tensor(n.name, Format::RowS8, Storage::Scratch, n.rows, n.cols);
  draft_.begin_step("patch_embed", n.rows);
  schema::PatchRowsT args;
  args.src = picture;
  args.dst = v.tensor;
  args.patch = static_cast<uint32_t>(n.as<PatchRows>().patch_width);
  draft_.add_op(n.name, args, {args.src}, {args.dst});
}

void Quantiser::tokens(size_t i, const Node& n) {
  values_[i] = std::move(value(n.inputs[0]));
  const Matrix& constants = n.as<Tokens>().prefix;
  if (constants.rows == 0)
    return tap(reader_name_of_patches(n), values_[i].tensor, i, std::vector<float>(n.cols, unit_));
  std::vector<int16_t> prefix(constants.data.size());
  for (size_t j = 0; j < prefix.size(); ++j) prefix[j] = to_residual(constants.data[j]);
  Value& v = values_[i];
  for (auto& picture : v.activations.pictures)
    std::copy(prefix.begin(), prefix.end(), reinterpret_cast<int16_t*>(picture.data()));
  draft_.begin_step("prefix", constants.rows);
  schema::CopyT args;
  args.src =
      draft_.add_constant_tensor("prefix", Format::S16, constants.rows, n.cols, prefix.data());
  args.dst = draft_.add_view("tokens.prefix", v.tensor, 0, constants.rows);
  draft_.add_op("prefix", args, {args.src}, {args.dst});
  tap(reader_name_of_patches(n), v.tensor, i, std::vector<float>(n.cols, unit_));
}

void Quantiser::tap(const std::string& name, uint32_t tensor, size_t node,
                    std::vector<float> unit) {
  taps_.push_back({name, draft_.program.steps.size() - 1, tensor, node, std::move(unit)});
}

void Quantiser::layer_norm(size_t i, const Node& n) {
  const Value& src = value(n.inputs[0]);
  const float dim = static_cast<float>(n.cols);
  schema::LayerNormT args;
  args.src = src.tensor;
  args.epsilon =
      std::clamp(n.as<LayerNorm>().epsilon * dim * dim / (unit_ * unit_), 0x1p-40f, 0x1p60f);
  if (static_ && n.rows > 1 && reader(i)->is<Linear>()) return static_norm(i, n, src, args.epsilon);
  Value v;
  v.activations = run_layer_norm(src.activations, args.epsilon, threads_);
  v.tensor = add_norm(i, args, Format::RowS8);
  if (reader(i)->is<MeanRows>()) v = widen(v, n);
  values_[i] = std::move(v);
}

bool Quantiser::continues_mlp(size_t i) const {
  const Node& stream = node(node(i).inputs[0]);
  if (!stream.is<Add>() || !reader(i)->is<Linear>()) return false;
  const Node& last = node(stream.inputs[1]);
  return node(last.inputs[0]).is<Gelu>();
}

Quantiser::Value Quantiser::widen(const Value& rows, const Node& n) {
  QuantisedWeights identity{n.cols, n.cols, std::vector<int8_t>(n.cols * n.cols, 0),
                            std::vector<float>(n.cols, 1.0f / 127.0f)};
  for (size_t c = 0; c < n.cols; ++c) identity.values[c * n.cols + c] = 127;
  const std::vector<float> unit(n.cols, std::ldexp(1.0f, -static_cast<int>(kNormBits))),
      bias(n.cols, 0.0f);
  const PackedLinear packed = pack_linear(n.name, identity, unit, bias);
  Value v;
  v.activations = Activations(Format::S16, n.rows, n.cols, 1, pictures_.size());
  run_linear(rows.activations, packed, LinearOutput::s16, 0, v.activations, 0, nullptr, threads_);
  v.tensor = draft_.add_tensor(n.name + ".fixed", Format::S16, Storage::Arena, n.rows, n.cols);
  add_linear(n.name + ".fixed", rows.tensor, v.tensor, -1, packed, 0, false);
  return v;
}

void Quantiser::attention(size_t i, const Node& n) {
  const Value &q = value(n.inputs[0]), &k = value(n.inputs[1]), &v = value(n.inputs[2]);
  schema::AttentionT args;
  args.q = q.tensor;
  args.k = k.tensor;
  args.v = v.tensor;
  const size_t heads = n.as<Attention>().heads, head_dim = n.cols / heads;
  for (size_t head = 0; head < heads; ++head)
    args.score_scale.push_back(
        std::max(q.column_unit[head * head_dim] * k.column_unit[head * head_dim] *
                     n.as<Attention>().scale * 1.44269504f * 2048.0f,
                 0x1p-40f));
  for (const float scale : args.score_scale)  // beyond it one step of a score is worth more than
                                              // half an octave of a weight: noise
    if (!(scale * static_cast<float>(head_dim) <= kScoreScaleLimit))
      throw InputError(n.name, "the queries and keys are too large for attention in int8",
                       "check the checkpoint: it may be damaged");

  Activations fixed =
      run_attention(q.activations, k.activations, v.activations, args.score_scale, threads_);
  std::vector<float> unit(n.cols);
  for (size_t c = 0; c < n.cols; ++c) unit[c] = v.column_unit[c] / kAttentionUnits;
  args.dst = draft_.add_tensor(n.name + ".fixed", Format::S16, Storage::Scratch, n.rows, n.cols);
  draft_.begin_step(n.name, rows(i));
  if (queries_) queries_();
  queries_ = nullptr;
  const uint32_t src = args.dst;
  draft_.add_op(n.name, std::move(args), {q.tensor, k.tensor, v.tensor}, {src},
                attention_workspace_bytes(n.rows));
  if (static_) return static_attention(i, n, fixed, src, unit);
  values_[i] = quantise_rows(n.name, fixed, src, 1.0f);
  values_[i].column_unit = std::move(unit);
}

Quantiser::Value Quantiser::quantise_rows(const std::string& name, const Activations& fixed,
                                          uint32_t src, float unit) {
  schema::QuantiseRowsT args;
  args.src = src;
  args.unit = unit;
  Value v;
  v.activations = run_quantise_rows(fixed, args.unit, threads_);
  v.tensor = args.dst =
      draft_.add_tensor(name + ".rows", Format::RowS8, Storage::Scratch, fixed.rows, fixed.cols);
  draft_.add_op(name + ".quantise", args, {args.src}, {args.dst});
  return v;
}

void Quantiser::gelu(size_t i, const Node& n) {
  Value& src = value(n.inputs[0]);
  if (src.is_static) return static_gelu(i, n, src);
  values_[i] = quantise_rows(n.name, src.activations, src.tensor, src.column_unit[0]);
}

void Quantiser::select_rows(size_t i, const Node& n) {
  const Value& src = value(n.inputs[0]);
  Value v;
  const size_t first_row = n.as<SelectRows>().first_row;
  v.activations = converter::select_rows(src.activations, first_row, n.rows);
  v.tensor = draft_.add_view(n.name, src.tensor, first_row, n.rows);
  values_[i] = std::move(v);
}

void Quantiser::mean_rows(size_t i, const Node& n) {
  const Value& src = value(n.inputs[0]);
  const size_t first_row = n.as<MeanRows>().first_row, rows = src.activations.rows - first_row;
  schema::MeanRowsT args;
  args.src =
      first_row ? draft_.add_view(n.name + ".rows", src.tensor, first_row, rows) : src.tensor;
  args.reciprocal = 1.0f / static_cast<float>(rows);
  Value v;
  v.activations = run_mean_rows(src.activations, first_row, args.reciprocal);
  const bool of_residual = !node(n.inputs[0]).is<LayerNorm>();
  v.tensor = args.dst = draft_.add_tensor(
      n.name, Format::S16, of_residual ? Storage::Arena : Storage::Scratch, 1, n.cols);
  draft_.begin_step(n.name, 1);
  draft_.add_op(n.name, args, {args.src}, {args.dst});
  if (!of_residual)
    v = quantise_rows(n.name, v.activations, v.tensor,
                      std::ldexp(1.0f, -static_cast<int>(kNormBits)));
  values_[i] = std::move(v);
}

void Quantiser::linear(size_t i, const Node& n) {
  const Value& src = value(n.inputs[0]);
  const Node* next = reader(i);
  const bool of_one_row = n.rows == 1;
  Matrix weight = n.as<Linear>().weight;
  if (!src.column_unit.empty())
    for (size_t r = 0; r < weight.rows; ++r)
      for (size_t c = 0; c < weight.cols; ++c) weight.row(r)[c] *= src.column_unit[c];

  const Moments moments = moments_of_input(n, src.activations);
  if (src.is_static) return static_linear(i, n, src, weight, moments, *next);
  const QuantisedWeights quantised =
      quantise_weights(weight, moments, of_one_row ? kHeadDamping : kDamping, threads_);
  std::vector<float> bias = n.as<Linear>().bias;
  if (!of_one_row)  // the mean of the float model's output is met exactly, whatever the layers
                    // before did
    for (size_t r = 0; r < n.cols; ++r) {
      double mean = 0;
      for (size_t c = 0; c < weight.cols; ++c)
        mean += static_cast<double>(quantised.values[r * weight.cols + c]) * moments.mean[c];
      bias[r] = static_cast<float>(statistics_[i].mean[r] -
                                   mean * static_cast<double>(quantised.scale[r]));
    }

  if (!next || next->is<Average>()) return logits(i, n, src, quantised, bias, next);
  if (next->is<Tokens>()) return patch_embedding(i, n, src, quantised, bias, *next);
  if (next->is<Add>()) return residual(i, n, src, quantised, bias, *next);
  if (next->is<Gelu>()) return hidden(i, n, src, quantised, bias);
  if (next->is<Attention>()) return attention_input(i, n, src, quantised, bias, *next);
  throw InputError(n.name, "a linear whose reader the quantiser does not know", "");
}

Moments Quantiser::moments_of_input(const Node& n, const Activations& activations) {
  const auto [at, inserted] = calibration_.moments.try_emplace(n.inputs[0]);
  if (inserted) at->second = pack(moments_of(activations, threads_));
  return unpack(at->second);
}

void Quantiser::logits(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                       const std::vector<float>& bias, const Node* average) {
  const bool second = average && average->inputs[1] == i;
  const PackedLinear packed = pack_linear(
      n.name, weights, std::vector<float>(n.cols, average ? 2.0f : 1.0f), bias);  // (a + b) / 2
  Value v;
  if (second)
    v.activations = value(average->inputs[0]).activations;
  else
    v.activations = Activations(Format::F32, 1, n.cols, 1, pictures_.size());
  run_linear(src.activations, packed, LinearOutput::f32, 0, v.activations, 0, nullptr, threads_);
  v.tensor = draft_.add_tensor(average && second ? average->name : n.name, Format::F32,
                               Storage::Arena, 1, n.cols);
  add_linear(n.name, src.tensor, v.tensor,
             second ? static_cast<int32_t>(value(average->inputs[0]).tensor) : -1, packed, 0,
             false);
  draft_.program.output = v.tensor;
  if (!average || second)
    tap("logits", v.tensor, graph_.nodes.size() - 1, std::vector<float>(n.cols, 1.0f));
  values_[i] = std::move(v);
}

void Quantiser::patch_embedding(size_t i, const Node& n, const Value& src,
                                const QuantisedWeights& weights, const std::vector<float>& bias,
                                const Node& tokens) {
  const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit_), bias);
  const Tokens& constants = tokens.as<Tokens>();
  std::vector<int16_t> positions(constants.positions.data.size());
  for (size_t j = 0; j < positions.size(); ++j)
    positions[j] = to_residual(constants.positions.data[j]);
  Value v;
  v.activations = Activations(Format::S16, tokens.rows, n.cols, 1, pictures_.size());
  run_linear(src.activations, packed, LinearOutput::residual, 0, v.activations,
             constants.prefix.rows, positions.data(), threads_);
  v.tensor = draft_.add_tensor("tokens", Format::S16, Storage::Arena, tokens.rows, n.cols);
  const uint32_t patches =
      draft_.add_view("tokens.patches", v.tensor, constants.prefix.rows, n.rows);
  const uint32_t addend =
      draft_.add_constant_tensor("positions", Format::S16, n.rows, n.cols, positions.data());
  add_linear(n.name, src.tensor, patches, static_cast<int32_t>(addend), packed, 0, false);
  values_[i] = std::move(v);
}

void Quantiser::residual(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                         const std::vector<float>& bias, const Node& add) {
  const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit_), bias);
  Value v = std::move(value(add.inputs[0]));
  v.tensor = leading(v.tensor, rows(i));
  run_linear(src.activations, packed, LinearOutput::residual, 0, v.activations, 0, nullptr,
             threads_);
  add_linear(n.name, src.tensor, v.tensor, static_cast<int32_t>(v.tensor), packed, 0, false);
  tap(n.name, v.tensor, static_cast<size_t>(&add - graph_.nodes.data()),
      std::vector<float>(n.cols, unit_));
  values_[i] = std::move(v);
}

void Quantiser::hidden(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights,
                       const std::vector<float>& bias) {
  float largest = 0;  // below zero GELU saturates anyway
  for (const float h : statistics_[i].highest) largest = std::max(largest, h);
  unsigned bits = 13;
  while (bits > 6 && largest * kGeluHeadroom * std::ldexp(1.0f, static_cast<int>(bits)) > 32767.0f)
    --bits;
  const float unit = std::ldexp(1.0f, -static_cast<int>(bits));
  const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit), bias);
  Value v;
  v.activations = Activations(Format::S16, n.rows, n.cols, 1, pictures_.size());
  v.column_unit.assign(1, unit);
  run_linear(src.activations, packed, LinearOutput::gelu, bits, v.activations, 0, nullptr,
             threads_);
  v.tensor = draft_.add_tensor(n.name, Format::S16, Storage::Scratch, n.rows, n.cols);
  add_linear(n.name, src.tensor, v.tensor, -1, packed, bits, true);
  values_[i] = std::move(v);
}

std::vector<float> Quantiser::attention_units(size_t i, const Node& n,
                                              const Node& attention) const {
  const size_t head_dim = n.cols / attention.as<Attention>().heads;
  const bool is_v = attention.inputs[2] == i;
  std::vector<float> unit(n.cols);
  for (size_t c = 0; c < n.cols; ++c)
    unit[c] = std::max(1e-6f,
                       is_v ? statistics_[i].largest_magnitude(c, 1)
                            : statistics_[i].largest_magnitude(c / head_dim * head_dim, head_dim)) /
              127.0f;
  return unit;
}

void Quantiser::attention_input(size_t i, const Node& n, const Value& src,
                                const QuantisedWeights& weights, const std::vector<float>& bias,
                                const Node& attention) {
  const bool is_k = attention.inputs[1] == i, is_v = attention.inputs[2] == i;
  const size_t heads = attention.as<Attention>().heads;
  Value v;
  v.column_unit = attention_units(i, n, attention);
  const PackedLinear packed = pack_linear(n.name, weights, v.column_unit, bias);
  const Format format = is_k ? Format::Keys : is_v ? Format::Values : Format::S8;
  const LinearOutput output = is_k   ? LinearOutput::keys
                              : is_v ? LinearOutput::values
                                     : LinearOutput::s8;
  v.activations = Activations(format, n.rows, n.cols, heads, pictures_.size());
  run_linear(src.activations, packed, output, 0, v.activations, 0, nullptr, threads_);
  v.tensor = draft_.add_tensor(n.name, format, Storage::Arena, rows(i), n.cols, heads);
  add_attention_input(i, n, src.tensor, packed, 0, v);
  values_[i] = std::move(v);
}

void Quantiser::add_attention_input(size_t i, const Node& n, uint32_t src,
                                    const PackedLinear& packed, int32_t zero_point,
                                    const Value& v) {
  const auto add = [this, i, &n, packed, zero_point, dst = v.tensor,
                    unit = v.column_unit](uint32_t from) {
    add_linear(n.name, from, dst, -1, packed, 0, false, zero_point);
    tap(n.name, dst, i, unit);
  };
  if (rows(i) == n.rows) return add(src);
  queries_ = [this, i, add] { add(repeat_norm_(rows(i))); };
}

uint32_t Quantiser::leading(uint32_t tensor, size_t rows) {
  if (draft_.tensor(tensor).rows == rows) return tensor;
  const auto [at, inserted] = leading_.try_emplace({tensor, rows});
  if (inserted)
    at->second = draft_.add_view(draft_.tensor(tensor).name + ".leading", tensor, 0, rows);
  return at->second;
}

void Quantiser::add_linear(const std::string& name, uint32_t src, uint32_t dst, int32_t addend,
                           const PackedLinear& packed, unsigned fraction_bits, bool gelu,
                           int32_t zero_point) {
  schema::LinearT args;
  args.src = src;
  args.dst = dst;
  args.addend = addend;
  args.weights = draft_.add_constant(packed.weights);
  std::vector<uint8_t> channels;
  for (const auto& [data, bytes] :
       {std::pair<const void*, size_t>{packed.scale.data(), packed.scale.size() * 4},
        {packed.bias.data(), packed.bias.size() * 4},
        {packed.weight_sum.data(), packed.weight_sum.size() * 4}})
    channels.insert(channels.end(), static_cast<const uint8_t*>(data),
                    static_cast<const uint8_t*>(data) + bytes);
  args.channels = draft_.add_constant(channels);
  args.activation = gelu ? schema::Activation::Gelu : schema::Activation::None;
  args.fraction_bits = static_cast<uint8_t>(fraction_bits);
  args.zero_point = static_cast<int8_t>(zero_point);
  std::vector<uint32_t> reads = {src};
  if (addend >= 0) reads.push_back(static_cast<uint32_t>(addend));
  draft_.add_op(name, std::move(args), std::move(reads), {dst});
}

namespace {

Quantised walk(Graph graph, const Pictures& pictures, Calibration calibration, size_t threads,
               const Progress& progress) {
  Quantised out;
  out.graph = std::move(graph);
  out.calibration = std::move(calibration);
  Quantiser quantiser(out.graph, pictures, out.calibration, threads);
  quantiser.run(progress);
  out.draft = std::move(quantiser.draft_);
  out.taps = std::move(quantiser.taps_);
  return out;
}

}  // namespace

Quantised quantise(Graph graph, const Pictures& pictures, bool static_scales, size_t threads,
                   const Progress& progress) {
  rotate(graph);
  Calibration calibration{pictures.size(),
                          static_scales,
                          collect_statistics(graph, pictures, threads, progress),
                          {},
                          {}};
  return walk(std::move(graph), pictures, std::move(calibration), threads, progress);
}

Quantised quantise(Graph graph, Calibration calibration, size_t threads, const Progress& progress) {
  rotate(graph);
  return walk(std::move(graph), {}, std::move(calibration), threads, progress);
}

}  // namespace vitro::converter
