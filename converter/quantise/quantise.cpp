#include "converter/quantise/quantise.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "converter/error.h"
#include "converter/graph/rotate.h"
#include "converter/quantise/activations.h"
#include "converter/quantise/static_scales.h"

namespace vitro {

namespace {

using schema::Format;
using schema::Storage;

constexpr float kResidualHeadroom = 1.5f;   // over the largest magnitude seen
constexpr float kGeluHeadroom = 1.25f;
constexpr float kAttentionUnits = 258.0f;   // the law: attention's output is in units of v's scale / 258
constexpr unsigned kNormBits = 9;           // fraction bits of normalised rows that are pooled
constexpr float kFinestNorm = 0x1p-15f, kFinestAttention = 0x1p-6f;  // the verifier's largest scales of static_norm and static_quantise
constexpr double kDamping = 0.01, kHeadDamping = 0.1;  // the head sees one row of each picture: its covariance is poor

// The value of a graph node, quantised: over the pictures, and in the program.
struct Value {
  Activations activations;
  uint32_t tensor = 0;
  std::vector<float> column_unit;  // row-quantised: a column's real value is this times the stored one; empty for 1
  bool is_static = false;          // S8 in the program; here row-quantised with scale 1 and one zero point
  StaticScale scale;               // of it
};

class Quantiser {
 public:
  // Without pictures all activations are empty, and the moments are those of `calibration`; with them, they are added to it.
  Quantiser(Graph& graph, const Pictures& pictures, Calibration& calibration, size_t threads)
      : graph_(graph), pictures_(pictures), calibration_(calibration), statistics_(calibration.statistics), threads_(threads) {
    centre_attention(graph_, statistics_);
    float largest = 0;
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const NodeKind kind = graph_.nodes[i].kind;
      if (kind == NodeKind::Tokens || kind == NodeKind::Add) largest = std::max(largest, statistics_[i].largest_magnitude(0, graph_.nodes[i].cols));
    }
    unit_ = std::max(largest, 1e-6f) * kResidualHeadroom / 32767.0f;
    if (!(unit_ < 0x1p30f)) throw InputError(graph_.nodes.front().name, "the model's values overflow", "check the checkpoint: it may be damaged");
    draft_.program.residual_scale = unit_;
    static_ = calibration.static_scales;
  }

  void run(const Progress& progress) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      lower(i);
      release(i);
      if (progress) progress("quantising", static_cast<double>(i + 1) / static_cast<double>(graph_.nodes.size()));
    }
  }

  Draft draft_;
  std::vector<Tap> taps_;

 private:
  const Node& node(size_t i) const { return graph_.nodes[i]; }
  Value& value(int i) { return values_.at(static_cast<size_t>(i)); }

  // The one node that reads node `i`, where there is one kind of reader alone.
  const Node* reader(size_t i) const {
    for (const Node& n : graph_.nodes)
      for (const int input : n.inputs)
        if (input == static_cast<int>(i)) return &n;
    return nullptr;
  }

  void release(size_t done) {
    for (const int input : node(done).inputs) {
      bool needed = false;
      for (size_t later = done + 1; later < graph_.nodes.size(); ++later)
        for (const int other : node(later).inputs) needed |= other == input;
      if (!needed) values_.erase(static_cast<size_t>(input));
    }
  }

  void lower(size_t i) {
    const Node& n = node(i);
    switch (n.kind) {
      case NodeKind::PatchRows: return patch_rows(i, n);
      case NodeKind::Linear: return linear(i, n);
      case NodeKind::Tokens: return tokens(i, n);
      case NodeKind::LayerNorm: return layer_norm(i, n);
      case NodeKind::Attention: return attention(i, n);
      case NodeKind::Gelu: return gelu(i, n);
      case NodeKind::Add: values_[i] = std::move(value(n.inputs[1])); return;  // the linear added already
      case NodeKind::SelectRow: return select_row(i, n);
      case NodeKind::MeanRows: return mean_rows(i, n);
      case NodeKind::Average: values_[i] = std::move(value(n.inputs[1])); return;  // likewise
    }
  }

  void patch_rows(size_t i, const Node& n) {
    const size_t size = graph_.preprocessing.image_size;
    const uint32_t picture = draft_.add_tensor("picture", Format::U8, Storage::Arena, size, size * 3);
    draft_.program.input = picture;
    Value& v = values_[i];
    v.activations = run_patch_rows(pictures_, size, graph_.patch);
    v.tensor = draft_.add_tensor(n.name, Format::RowS8, Storage::Scratch, n.rows, n.cols);
    draft_.begin_step("patch_embed", n.rows);
    schema::PatchRowsT args;
    args.src = picture;
    args.dst = v.tensor;
    args.patch = static_cast<uint32_t>(graph_.patch);
    draft_.add_op(n.name, args);
  }

  void tokens(size_t i, const Node& n) {
    values_[i] = std::move(value(n.inputs[0]));
    if (n.prefix.rows == 0) return tap(reader_name_of_patches(n), values_[i].tensor, i, std::vector<float>(n.cols, unit_));
    std::vector<int16_t> prefix(n.prefix.data.size());
    for (size_t j = 0; j < prefix.size(); ++j) prefix[j] = to_residual(n.prefix.data[j]);
    Value& v = values_[i];
    for (auto& picture : v.activations.pictures) std::copy(prefix.begin(), prefix.end(), reinterpret_cast<int16_t*>(picture.data()));
    draft_.begin_step("prefix", n.prefix.rows);
    schema::CopyT args;
    args.src = draft_.add_constant_tensor("prefix", Format::S16, n.prefix.rows, n.cols, prefix.data());
    args.dst = draft_.add_view("tokens.prefix", v.tensor, 0, n.prefix.rows);
    draft_.add_op("prefix", args);
    tap(reader_name_of_patches(n), v.tensor, i, std::vector<float>(n.cols, unit_));
  }

  const std::string& reader_name_of_patches(const Node& tokens) const { return node(static_cast<size_t>(tokens.inputs[0])).name; }

  void tap(const std::string& name, uint32_t tensor, size_t node, std::vector<float> unit) {
    taps_.push_back({name, draft_.program.steps.size() - 1, tensor, node, std::move(unit)});
  }

  void layer_norm(size_t i, const Node& n) {
    const Value& src = value(n.inputs[0]);
    const float dim = static_cast<float>(n.cols);
    schema::LayerNormT args;
    args.src = src.tensor;
    args.epsilon = std::clamp(n.epsilon * dim * dim / (unit_ * unit_), 0x1p-40f, 0x1p60f);
    if (static_ && n.rows > 1 && reader(i)->kind == NodeKind::Linear) return static_norm(i, n, src, args.epsilon);
    Value v;
    v.activations = run_layer_norm(src.activations, args.epsilon, threads_);
    v.tensor = args.dst = draft_.add_tensor(n.name, Format::RowS8, Storage::Scratch, n.rows, n.cols);
    if (!continues_mlp(i)) draft_.begin_step(n.name, n.rows);
    draft_.add_op(n.name, args);
    if (reader(i)->kind == NodeKind::MeanRows) v = widen(v, n);
    values_[i] = std::move(v);
  }

  // Whether node i, a LayerNorm, goes on with the rows of the MLP before it in one step, so that threads meet once less: where q, k and v follow. (After
  // attention it may not: other tiles still read the keys and values.)
  bool continues_mlp(size_t i) const {
    const Node& stream = node(static_cast<size_t>(node(i).inputs[0]));
    if (stream.kind != NodeKind::Add || reader(i)->kind != NodeKind::Linear) return false;
    const Node& last = node(static_cast<size_t>(stream.inputs[1]));
    return node(static_cast<size_t>(last.inputs[0])).kind == NodeKind::Gelu;
  }

  // Row-quantised to one fixed unit, so that rows can be averaged: a linear whose matrix is the identity.
  Value widen(const Value& rows, const Node& n) {
    QuantisedWeights identity{n.cols, n.cols, std::vector<int8_t>(n.cols * n.cols, 0), std::vector<float>(n.cols, 1.0f / 127.0f)};
    for (size_t c = 0; c < n.cols; ++c) identity.values[c * n.cols + c] = 127;
    const std::vector<float> unit(n.cols, std::ldexp(1.0f, -static_cast<int>(kNormBits))), bias(n.cols, 0.0f);
    const PackedLinear packed = pack_linear(n.name, identity, unit, bias);
    Value v;
    v.activations = Activations(Format::S16, n.rows, n.cols, 1, pictures_.size());
    run_linear(rows.activations, packed, LinearOutput::s16, 0, v.activations, 0, nullptr, threads_);
    v.tensor = draft_.add_tensor(n.name + ".fixed", Format::S16, Storage::Arena, n.rows, n.cols);
    add_linear(n.name + ".fixed", rows.tensor, v.tensor, -1, packed, 0, false);
    return v;
  }

  void attention(size_t i, const Node& n) {
    const Value &q = value(n.inputs[0]), &k = value(n.inputs[1]), &v = value(n.inputs[2]);
    const size_t tokens = k.activations.rows;
    schema::AttentionT args;
    args.q = q.tensor;
    args.k = k.tensor;
    args.v = v.tensor;
    while ((uint64_t{16382} >> args.weight_shift) * 127 * tokens >= (uint64_t{1} << 31)) ++args.weight_shift;
    const size_t head_dim = n.cols / n.heads;
    for (size_t head = 0; head < n.heads; ++head)
      args.score_scale.push_back(std::max(q.column_unit[head * head_dim] * k.column_unit[head * head_dim] * n.scale * 1.44269504f * 2048.0f, 0x1p-40f));

    Activations fixed = run_attention(q.activations, k.activations, v.activations, args.score_scale, args.weight_shift, threads_);
    std::vector<float> unit(n.cols);
    for (size_t c = 0; c < n.cols; ++c) unit[c] = v.column_unit[c] / kAttentionUnits;
    args.dst = draft_.add_tensor(n.name + ".fixed", Format::S16, Storage::Scratch, n.rows, n.cols);
    draft_.begin_step(n.name, n.rows);
    const uint32_t src = args.dst;
    draft_.add_op(n.name, std::move(args));
    if (static_) return static_attention(i, n, fixed, src, unit);
    values_[i] = quantise_rows(n.name, fixed, src, 1.0f);
    values_[i].column_unit = std::move(unit);
  }

  Value quantise_rows(const std::string& name, const Activations& fixed, uint32_t src, float unit) {
    schema::QuantiseRowsT args;
    args.src = src;
    args.unit = unit;
    Value v;
    v.activations = run_quantise_rows(fixed, args.unit, threads_);
    v.tensor = args.dst = draft_.add_tensor(name + ".rows", Format::RowS8, Storage::Scratch, fixed.rows, fixed.cols);
    draft_.add_op(name + ".quantise", args);
    return v;
  }

  void gelu(size_t i, const Node& n) {
    Value& src = value(n.inputs[0]);
    if (src.is_static) return static_gelu(i, n, src);
    values_[i] = quantise_rows(n.name, src.activations, src.tensor, src.column_unit[0]);
  }

  void select_row(size_t i, const Node& n) {
    const Value& src = value(n.inputs[0]);
    Value v;
    v.activations = select_rows(src.activations, n.first_row, 1);
    v.tensor = draft_.add_view(n.name, src.tensor, n.first_row, 1);
    values_[i] = std::move(v);
  }

  void mean_rows(size_t i, const Node& n) {
    const Value& src = value(n.inputs[0]);
    const size_t rows = src.activations.rows - n.first_row;
    schema::MeanRowsT args;
    args.src = n.first_row ? draft_.add_view(n.name + ".rows", src.tensor, n.first_row, rows) : src.tensor;
    args.reciprocal = 1.0f / static_cast<float>(rows);
    Value v;
    v.activations = run_mean_rows(src.activations, n.first_row, args.reciprocal);
    const bool of_residual = node(static_cast<size_t>(n.inputs[0])).kind != NodeKind::LayerNorm;
    v.tensor = args.dst = draft_.add_tensor(n.name, Format::S16, of_residual ? Storage::Arena : Storage::Scratch, 1, n.cols);
    draft_.begin_step(n.name, 1);
    draft_.add_op(n.name, args);
    if (!of_residual) v = quantise_rows(n.name, v.activations, v.tensor, std::ldexp(1.0f, -static_cast<int>(kNormBits)));
    values_[i] = std::move(v);
  }

  int16_t to_residual(float x) const { return static_cast<int16_t>(std::clamp(std::nearbyint(x / unit_), -32768.0f, 32767.0f)); }

  void linear(size_t i, const Node& n) {
    const Value& src = value(n.inputs[0]);
    const Node* next = reader(i);
    const bool of_one_row = n.rows == 1;
    Matrix weight = n.weight;
    if (!src.column_unit.empty())
      for (size_t r = 0; r < weight.rows; ++r)
        for (size_t c = 0; c < weight.cols; ++c) weight.row(r)[c] *= src.column_unit[c];

    const Moments moments = moments_of_input(n, src.activations);
    if (src.is_static) return static_linear(i, n, src, weight, moments, *next);
    const QuantisedWeights quantised = quantise_weights(weight, moments, of_one_row ? kHeadDamping : kDamping, threads_);
    std::vector<float> bias = n.bias;
    if (!of_one_row)  // the mean of the float model's output is met exactly, whatever the layers before did
      for (size_t r = 0; r < n.cols; ++r) {
        double mean = 0;
        for (size_t c = 0; c < weight.cols; ++c) mean += static_cast<double>(quantised.values[r * weight.cols + c]) * moments.mean[c];
        bias[r] = static_cast<float>(statistics_[i].mean[r] - mean * static_cast<double>(quantised.scale[r]));
      }

    if (!next || next->kind == NodeKind::Average) return logits(i, n, src, quantised, bias, next);
    switch (next->kind) {
      case NodeKind::Tokens: return patch_embedding(i, n, src, quantised, bias, *next);
      case NodeKind::Add: return residual(i, n, src, quantised, bias, *next);
      case NodeKind::Gelu: return hidden(i, n, src, quantised, bias);
      case NodeKind::Attention: return attention_input(i, n, src, quantised, bias, *next);
      default: throw InputError(n.name, "a linear whose reader the quantiser does not know", "");
    }
  }

  // By way of their packed form even when they were just measured, so that a saved calibration gives the same program.
  Moments moments_of_input(const Node& n, const Activations& activations) {
    const auto [at, inserted] = calibration_.moments.try_emplace(static_cast<size_t>(n.inputs[0]));
    if (inserted) at->second = pack(moments_of(activations, threads_));
    return unpack(at->second);
  }

  void logits(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights, const std::vector<float>& bias, const Node* average) {
    const bool second = average && average->inputs[1] == static_cast<int>(i);
    const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, average ? 2.0f : 1.0f), bias);  // (a + b) / 2
    Value v;
    if (second) v.activations = value(average->inputs[0]).activations;
    else v.activations = Activations(Format::F32, 1, n.cols, 1, pictures_.size());
    run_linear(src.activations, packed, LinearOutput::f32, 0, v.activations, 0, nullptr, threads_);
    v.tensor = draft_.add_tensor(average && second ? average->name : n.name, Format::F32, Storage::Arena, 1, n.cols);
    add_linear(n.name, src.tensor, v.tensor, second ? static_cast<int32_t>(value(average->inputs[0]).tensor) : -1, packed, 0, false);
    draft_.program.output = v.tensor;
    if (!average || second) tap("logits", v.tensor, graph_.nodes.size() - 1, std::vector<float>(n.cols, 1.0f));
    values_[i] = std::move(v);
  }

  void patch_embedding(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights, const std::vector<float>& bias, const Node& tokens) {
    const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit_), bias);
    std::vector<int16_t> positions(tokens.positions.data.size());
    for (size_t j = 0; j < positions.size(); ++j) positions[j] = to_residual(tokens.positions.data[j]);
    Value v;
    v.activations = Activations(Format::S16, tokens.rows, n.cols, 1, pictures_.size());
    run_linear(src.activations, packed, LinearOutput::residual, 0, v.activations, tokens.prefix.rows, positions.data(), threads_);
    v.tensor = draft_.add_tensor("tokens", Format::S16, Storage::Arena, tokens.rows, n.cols);
    const uint32_t patches = draft_.add_view("tokens.patches", v.tensor, tokens.prefix.rows, n.rows);
    const uint32_t addend = draft_.add_constant_tensor("positions", Format::S16, n.rows, n.cols, positions.data());
    add_linear(n.name, src.tensor, patches, static_cast<int32_t>(addend), packed, 0, false);
    values_[i] = std::move(v);
  }

  void residual(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights, const std::vector<float>& bias, const Node& add) {
    const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit_), bias);
    Value v = std::move(value(add.inputs[0]));
    run_linear(src.activations, packed, LinearOutput::residual, 0, v.activations, 0, nullptr, threads_);
    add_linear(n.name, src.tensor, v.tensor, static_cast<int32_t>(v.tensor), packed, 0, false);
    tap(n.name, v.tensor, static_cast<size_t>(&add - graph_.nodes.data()), std::vector<float>(n.cols, unit_));
    values_[i] = std::move(v);
  }

  void hidden(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights, const std::vector<float>& bias) {
    float largest = 0;  // below zero GELU saturates anyway
    for (const float h : statistics_[i].highest) largest = std::max(largest, h);
    unsigned bits = 13;
    while (bits > 6 && largest * kGeluHeadroom * std::ldexp(1.0f, static_cast<int>(bits)) > 32767.0f) --bits;
    const float unit = std::ldexp(1.0f, -static_cast<int>(bits));
    const PackedLinear packed = pack_linear(n.name, weights, std::vector<float>(n.cols, unit), bias);
    Value v;
    v.activations = Activations(Format::S16, n.rows, n.cols, 1, pictures_.size());
    v.column_unit.assign(1, unit);
    run_linear(src.activations, packed, LinearOutput::gelu, bits, v.activations, 0, nullptr, threads_);
    v.tensor = draft_.add_tensor(n.name, Format::S16, Storage::Scratch, n.rows, n.cols);
    add_linear(n.name, src.tensor, v.tensor, -1, packed, bits, true);
    values_[i] = std::move(v);
  }

  // q and k: one scale for each head; v: one for each channel.
  std::vector<float> attention_units(size_t i, const Node& n, const Node& attention) const {
    const size_t head_dim = n.cols / attention.heads;
    const bool is_v = attention.inputs[2] == static_cast<int>(i);
    std::vector<float> unit(n.cols);
    for (size_t c = 0; c < n.cols; ++c)
      unit[c] = std::max(1e-6f, is_v ? statistics_[i].largest_magnitude(c, 1) : statistics_[i].largest_magnitude(c / head_dim * head_dim, head_dim)) / 127.0f;
    return unit;
  }

  void attention_input(size_t i, const Node& n, const Value& src, const QuantisedWeights& weights, const std::vector<float>& bias, const Node& attention) {
    const bool is_k = attention.inputs[1] == static_cast<int>(i), is_v = attention.inputs[2] == static_cast<int>(i);
    Value v;
    v.column_unit = attention_units(i, n, attention);
    const PackedLinear packed = pack_linear(n.name, weights, v.column_unit, bias);
    const Format format = is_k ? Format::Keys : is_v ? Format::Values : Format::S8;
    const LinearOutput output = is_k ? LinearOutput::keys : is_v ? LinearOutput::values : LinearOutput::s8;
    v.activations = Activations(format, n.rows, n.cols, attention.heads, pictures_.size());
    run_linear(src.activations, packed, output, 0, v.activations, 0, nullptr, threads_);
    v.tensor = draft_.add_tensor(n.name, format, Storage::Arena, n.rows, n.cols, attention.heads);
    add_linear(n.name, src.tensor, v.tensor, -1, packed, 0, false);
    tap(n.name, v.tensor, i, v.column_unit);
    values_[i] = std::move(v);
  }

  StaticRange range_of(size_t i, const std::function<StaticRange()>& search) {
    const auto [at, inserted] = calibration_.ranges.try_emplace(i);
    if (inserted) at->second = search();
    return at->second;
  }

  void static_norm(size_t i, const Node& n, const Value& src, float epsilon) {
    const StaticRange range = range_of(i, [&] { return search_range(pictures_.size(), [&](size_t p) { return normalised(src.activations, p, epsilon); }, false, threads_); });
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
    v.tensor = args.dst = draft_.add_tensor(n.name, Format::S8, Storage::Scratch, n.rows, n.cols);
    if (!continues_mlp(i)) draft_.begin_step(n.name, n.rows);
    draft_.add_op(n.name, args);
    values_[i] = std::move(v);
  }

  void static_attention(size_t i, const Node& n, const Activations& fixed, uint32_t src, const std::vector<float>& unit) {
    const PictureValues outputs = [&](size_t p) { return std::vector<float>(fixed.at<int16_t>(p), fixed.at<int16_t>(p) + fixed.rows * fixed.cols); };
    Value v;
    v.scale = StaticScale(range_of(i, [&] { return search_range(pictures_.size(), outputs, false, threads_); }), kFinestAttention);
    v.is_static = true;
    for (const float u : unit) v.column_unit.push_back(u * v.scale.unit);
    schema::StaticQuantiseT args;
    args.src = src;
    args.scale = 1 / v.scale.unit;
    args.zero_point = static_cast<int8_t>(v.scale.zero_point);
    v.activations = run_static_quantise(fixed, v.scale, threads_);
    v.tensor = args.dst = draft_.add_tensor(n.name + ".rows", Format::S8, Storage::Scratch, n.rows, n.cols);
    draft_.add_op(n.name + ".quantise", args);
    values_[i] = std::move(v);
  }

  void static_gelu(size_t i, const Node& n, const Value& src) {
    const PictureValues outputs = [&](size_t p) {
      std::vector<float> y(n.rows * n.cols);
      for (size_t j = 0; j < y.size(); ++j) y[j] = static_cast<float>(exact_gelu(static_cast<double>(src.scale.unit) * (src.activations.at<int8_t>(p)[j] - src.scale.zero_point)));
      return y;
    };
    Value v;
    v.scale = StaticScale(range_of(i, [&] { return search_range(pictures_.size(), outputs, false, threads_); }));
    v.is_static = true;
    v.column_unit.assign(n.cols, v.scale.unit);
    const std::vector<int8_t> table = gelu_table(src.scale, v.scale);
    v.activations = run_lookup(src.activations, table, v.scale.zero_point, threads_);
    v.tensor = src.tensor;
    schema::LookupT args;
    args.src = args.dst = src.tensor;
    args.table = draft_.add_constant(table);
    draft_.add_op(n.name, args);
    values_[i] = std::move(v);
  }

  // Outputs are int8 as well: q, k and v as they always are, what GELU takes with a zero point, what is added to the residual stream without one.
  void static_linear(size_t i, const Node& n, const Value& src, const Matrix& weight, const Moments& moments, const Node& next) {
    Value v;
    Format format = Format::S8;
    LinearOutput output = LinearOutput::s8;
    Storage storage = Storage::Scratch;
    size_t heads = 1;
    if (next.kind == NodeKind::Attention) {
      const bool is_k = next.inputs[1] == static_cast<int>(i), is_v = next.inputs[2] == static_cast<int>(i);
      format = is_k ? Format::Keys : is_v ? Format::Values : Format::S8;
      output = is_k ? LinearOutput::keys : is_v ? LinearOutput::values : LinearOutput::s8;
      storage = Storage::Arena;
      heads = next.heads;
      v.column_unit = attention_units(i, n, next);
    } else {
      const bool hidden = next.kind == NodeKind::Gelu;
      const std::vector<double>& mean = statistics_[i].mean;
      v.scale = StaticScale(range_of(i, [&] {
        const PictureValues outputs = rough_outputs(src.activations, weight, moments, mean);
        return hidden ? search_range(pictures_.size(), outputs, false, threads_, exact_gelu) : search_range(pictures_.size(), outputs, true, threads_);
      }));
      v.column_unit.assign(n.cols, v.scale.unit);
    }
    const PackedLinear packed = pack_static_linear(n.name, weight, moments, kDamping, statistics_[i].mean, v.column_unit, v.scale.zero_point, threads_);
    v.scale.unit = v.column_unit[0];
    v.activations = Activations(format, n.rows, n.cols, heads, pictures_.size());
    run_linear(src.activations, packed, output, 0, v.activations, 0, nullptr, threads_);
    v.tensor = draft_.add_tensor(n.name, format, storage, n.rows, n.cols, heads);
    add_linear(n.name, src.tensor, v.tensor, -1, packed, 0, false, src.scale.zero_point);
    switch (next.kind) {
      case NodeKind::Attention: tap(n.name, v.tensor, i, v.column_unit); break;
      case NodeKind::Gelu: v.is_static = true; break;
      case NodeKind::Add: return static_residual(i, n, v, next);
      default: throw InputError(n.name, "a linear whose reader the quantiser does not know", "");
    }
    values_[i] = std::move(v);
  }

  float add_scale(const Value& v) const { return std::clamp(v.scale.unit / unit_, 0x1p-40f, 0x1p14f); }

  void static_residual(size_t i, const Node& n, const Value& branch, const Node& add) {
    Value v = std::move(value(add.inputs[0]));
    run_static_add(branch.activations, add_scale(branch), v.activations, threads_);
    schema::StaticAddT args;
    args.src = branch.tensor;
    args.addend = args.dst = v.tensor;
    args.scale = add_scale(branch);
    draft_.add_op(n.name + ".add", args);
    tap(n.name, v.tensor, static_cast<size_t>(&add - graph_.nodes.data()), std::vector<float>(n.cols, unit_));
    values_[i] = std::move(v);
  }

  void add_linear(const std::string& name, uint32_t src, uint32_t dst, int32_t addend, const PackedLinear& packed, unsigned fraction_bits, bool gelu,
                  int32_t zero_point = 0) {
    schema::LinearT args;
    args.src = src;
    args.dst = dst;
    args.addend = addend;
    args.weights = draft_.add_constant(packed.weights);
    std::vector<uint8_t> channels;
    for (const auto& [data, bytes] : {std::pair<const void*, size_t>{packed.scale.data(), packed.scale.size() * 4},
                                      {packed.bias.data(), packed.bias.size() * 4},
                                      {packed.weight_sum.data(), packed.weight_sum.size() * 4}})
      channels.insert(channels.end(), static_cast<const uint8_t*>(data), static_cast<const uint8_t*>(data) + bytes);
    args.channels = draft_.add_constant(channels);
    args.activation = gelu ? schema::Activation::Gelu : schema::Activation::None;
    args.fraction_bits = static_cast<uint8_t>(fraction_bits);
    args.zero_point = static_cast<int8_t>(zero_point);
    draft_.add_op(name, args);
  }

  Graph& graph_;
  const Pictures& pictures_;
  Calibration& calibration_;
  std::vector<ColumnStatistics> statistics_;  // centred
  size_t threads_;
  std::map<size_t, Value> values_;
  float unit_ = 0;  // of the residual stream
  bool static_ = false;
};

Quantised walk(Graph graph, const Pictures& pictures, Calibration calibration, size_t threads, const Progress& progress) {
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

Quantised quantise(Graph graph, const Pictures& pictures, bool static_scales, size_t threads, const Progress& progress) {
  rotate(graph);
  Calibration calibration{pictures.size(), static_scales, collect_statistics(graph, pictures, threads, progress), {}, {}};
  return walk(std::move(graph), pictures, std::move(calibration), threads, progress);
}

Quantised quantise(Graph graph, Calibration calibration, size_t threads, const Progress& progress) {
  rotate(graph);
  return walk(std::move(graph), {}, std::move(calibration), threads, progress);
}

}  // namespace vitro
