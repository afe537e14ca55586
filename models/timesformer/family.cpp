// SPDX-License-Identifier: Apache-2.0
// TimeSformer (arXiv 2102.05095): a ViT of a clip of frames, whose blocks attend over time at each
// place and then over space in each frame, or over all of both at once. A clip is one picture of
// its frames, one below another.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/config/shape.h"
#include "models/heads.h"
#include "models/timesformer/names.h"

namespace vitro::converter::timesformer {
namespace {

using Views = std::map<std::string, TensorView>;

constexpr float kMean = 0.45f, kStd = 0.225f;  // of all channels

struct TimeSformer {
  size_t patch = 0;  // pixels, square
  size_t side = 0;   // of a frame's grid of patches
  size_t frames = 0;
  size_t width = 0, heads = 0;
  size_t blocks = 0, hidden = 0;
  size_t classes = 0;  // 0: there is no head
  Activation activation = Activation::Gelu;
  bool divided = false;  // attention over time, then over space; else over both at once

  size_t patches() const { return side * side; }  // of a frame
  PixelSize frame_size() const { return {side * patch, side * patch}; }
  PixelSize clip_size() const { return {side * patch, frames * side * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const TimeSformer& model, float epsilon)
      : GraphBuilder(tensors), model_(model), epsilon_(epsilon) {}

  Graph build() {
    set_clip();
    size_t stream = tokens();
    if (model_.divided) {
      list_rows();
      stream = add("frames", {stream}, GatherRows{1, with_class_token_, 0, 0});
    }
    for (size_t b = 0; b < model_.blocks; ++b) {
      const std::string name = "blocks." + std::to_string(b);
      stream =
          model_.divided ? divided_block(name, stream) : encoder_block(name, stream, whole_block());
    }
    const size_t token = add("cls", {stream}, SelectRows{0, 1}),
                 normed = layer_norm("norm", "norm", token, epsilon_);
    if (model_.classes > 0)
      output(linear("head", normed, model_.classes), "logits", OutputKind::Logits);
    else
      output(normed, "class", OutputKind::Features);
    return std::move(graph_);
  }

 private:
  void set_clip() {
    const PixelSize size = model_.clip_size();
    set_picture(size);
    Preprocessing& p = graph_.preprocessing;
    p.mode = ResizeMode::Exact;
    p.resize_width = size.width, p.resize_height = size.height;
    p.filter = ResizeFilter::Bilinear;
    std::fill_n(p.mean, 3, kMean);
    std::fill_n(p.std, 3, kStd);
  }

  // The class token, then the patches of each frame.
  size_t tokens() {
    const size_t width = model_.width, places = model_.patches(),
                 embedded = patch_embedding(model_.patch, width);
    const float* token = tensors_.take("cls_token", {1, 1, width});
    const float* place = tensors_.take("pos_embed", {1, 1 + places, width});
    const float* time = tensors_.take("time_embed", {1, model_.frames, width});
    Matrix prefix(1, width), positions(model_.frames * places, width);
    for (size_t c = 0; c < width; ++c) prefix.row(0)[c] = token[c] + place[c];
    for (size_t row = 0; row < positions.rows; ++row)
      for (size_t c = 0; c < width; ++c)
        positions.row(row)[c] =
            place[(1 + row % places) * width + c] + time[row / places * width + c];
    return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
  }

  // The stream of divided attention is each frame's class token and patches. All copies of the
  // class token are the same before a block and after it.
  void list_rows() {
    const size_t frames = model_.frames, places = model_.patches(), frame = 1 + places;
    for (size_t t = 0; t < frames; ++t) {
      class_rows_.push_back(static_cast<uint32_t>(t * frame));
      for (size_t i = 0; i < frame; ++i) {
        const bool token = i == 0;
        with_class_token_.push_back(static_cast<uint32_t>(token ? 0 : t * places + i));
        of_time_.push_back(token ? GatherRows::kNoRow
                                 : static_cast<uint32_t>((i - 1) * frames + t));
        patches_.push_back(token ? GatherRows::kNoRow : static_cast<uint32_t>(t * frame + i));
        class_.push_back(token ? 0 : GatherRows::kNoRow);
      }
    }
    for (size_t place = 0; place < places; ++place)
      for (size_t t = 0; t < frames; ++t)
        by_place_.push_back(static_cast<uint32_t>(t * frame + 1 + place));
  }

  EncoderBlock whole_block() const {
    EncoderBlock block{model_.heads, model_.hidden, epsilon_};
    block.activation = model_.activation;
    return block;
  }

  size_t divided_block(const std::string& name, size_t stream) {
    EncoderBlock block = whole_block();
    const size_t after_time = attend_over_time(name + ".temporal", stream, block);
    const std::string attn = name + ".attn", norm1 = name + ".norm1", norm2 = name + ".norm2";
    block.groups = model_.frames;
    const size_t rows = layer_norm(norm1, norm1, after_time, epsilon_),
                 proj =
                     linear(attn + ".proj", self_attention(attn, rows, rows, block), model_.width),
                 after_space = add(attn + ".residual", {after_time, proj}, Add{}),
                 middle = with_mean_class(name + ".class", after_space),
                 normed = layer_norm(norm2, norm2, middle, epsilon_),
                 fc2 = mlp(name + ".mlp", normed, block.hidden, block.activation, epsilon_);
    return add(name + ".mlp.residual", {middle, fc2}, Add{});
  }

  // Of the patches at each place; class tokens stay as they are.
  size_t attend_over_time(const std::string& name, size_t stream, EncoderBlock block) {
    block.groups = model_.patches();
    const size_t by_place = add(name + ".places", {stream}, GatherRows{1, by_place_, 0, 0}),
                 rows = layer_norm(name + ".norm1", name + ".norm1", by_place, epsilon_),
                 attention = self_attention(name + ".attn", rows, rows, block),
                 fc = add(name + ".fc", {attention}, projection(name)),
                 back = add(name + ".frames", {fc}, GatherRows{1, of_time_, 0, 0});
    return add(name + ".residual", {stream, back}, Add{});
  }

  // Two linears with nothing between them: fc (proj x + b) + c.
  Linear projection(const std::string& name) {
    const size_t width = model_.width;
    const float* proj = tensors_.take(name + ".attn.proj.weight", {width, width});
    const float* fc = tensors_.take(name + ".fc.weight", {width, width});
    const std::vector<float> proj_bias = bias(name + ".attn.proj.bias", width);
    Linear out{Matrix(width, width), bias(name + ".fc.bias", width)};
    std::vector<double> row(width);
    for (size_t n = 0; n < width; ++n) {
      double sum = static_cast<double>(out.bias[n]);
      std::fill(row.begin(), row.end(), 0.0);
      for (size_t m = 0; m < width; ++m) {
        const double factor = static_cast<double>(fc[n * width + m]);
        sum += factor * static_cast<double>(proj_bias[m]);
        for (size_t k = 0; k < width; ++k)
          row[k] += factor * static_cast<double>(proj[m * width + k]);
      }
      out.bias[n] = static_cast<float>(sum);
      for (size_t k = 0; k < width; ++k) out.weight.row(n)[k] = static_cast<float>(row[k]);
    }
    return out;
  }

  // The mean of all frames' class tokens in place of each of them.
  size_t with_mean_class(const std::string& name, size_t stream) {
    const size_t tokens = add(name + ".tokens", {stream}, GatherRows{1, class_rows_, 0, 0}),
                 mean = add(name + ".mean", {tokens}, MeanRows{}),
                 below = add(name + ".patches", {stream}, GatherRows{1, patches_, 0, 0}),
                 above = add(name + ".frames", {mean}, GatherRows{1, class_, 0, 0});
    return add(name + ".stream", {below, above}, Add{});
  }

  const TimeSformer& model_;
  const float epsilon_;
  /// Rows that GatherRows takes: the stream of the tokens; of the stream its patches by place, its
  /// class tokens, its patches where they are; of what is by place, the stream's order; of one row,
  /// all class tokens.
  std::vector<uint32_t> with_class_token_, by_place_, class_rows_, patches_, of_time_, class_;
};

TimeSformer deduce(const CheckedTensors& tensors, size_t heads) {
  TimeSformer m;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  m.width = patches[0], m.patch = patches[3];
  if (m.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(m.width) + " is not a multiple of 4");
  m.blocks = tensors.blocks();
  m.heads = deduce_heads(tensors, m.width, heads);
  m.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  m.frames = tensors.shape("time_embed", 3)[1];
  const size_t positions = tensors.shape("pos_embed", 3)[1];
  m.side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(positions - 1))));
  if (m.side == 0 || m.patches() != positions - 1)
    tensors.refuse("its " + std::to_string(positions) +
                       " positions are not those of a class token and a square frame",
                   "give a model of square frames");
  m.divided = tensors.expects("blocks.0.temporal.attn.q.weight");
  if (tensors.has("head.weight")) m.classes = tensors.shape("head.weight", 2)[0];
  tensors.check_size("its width", m.width, kLargestWidth);
  tensors.check_size("its MLP's width", m.hidden, kLargestInput);
  tensors.check_size("the number of values of a patch,", m.patch * m.patch * 3, kLargestInput);
  tensors.check_size("the height of its clip in pixels,", m.clip_size().height, kMaxPixels);
  tensors.check_size("the number of its tokens,", m.frames * (1 + m.patches()), kLargestTokens);
  return m;
}

ModelShapes shapes_of(const TimeSformer& m) {
  ModelShapes out;
  out.image_size = {m.frame_size(), "the side of a frame by the position embeddings", false};
  out.patch = {m.patch, "the side of the patch embedding", false};
  out.width = {m.width, "the width of the patch embedding", false};
  out.blocks = {m.blocks, "the number of blocks", false};
  out.mlp = {m.hidden, "the width of the first MLP", false};
  if (m.classes > 0) out.classes = {m.classes, "the number of rows of the head", false};
  return out;
}

const char* attention_of(const TimeSformer& m) {
  return m.divided ? "divided_space_time" : "joint_space_time";
}

void check_config(const FamilyOptions& options, const TimeSformer& m) {
  if (options.config_path.empty()) return;
  ModelConfig compared = options.config;
  if (m.classes == 0) compared.classes = {};
  check_agreement(options.config_path, compared, shapes_of(m));
  check_agreement(options.config_path, compared.frames,
                  {m.frames, "the rows of the time embeddings", false});
  const Said<std::string>& attention = options.config.attention_type;
  if (attention && attention.value != attention_of(m))
    throw InputError(options.config_path,
                     attention.source + " is " + attention.value +
                         ", but the tensors are those of " + attention_of(m),
                     "give files that belong together");
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  NamesReport names;
  const Views views = canonical_tensors(checkpoint, naming(), &names);
  add_names(checkpoint, names, model);
  refuse_adapters(options.adapters, "TimeSformer");
  refuse_image_size(options.adapters, "TimeSformer");
  const NamedValues saved = options.saved(checkpoint.sha256);

  CheckedTensors tensors(checkpoint.path, naming(), views);
  const Said<float> epsilon =
      epsilon_said(options, saved, {1e-6f, "assumed: usual for TimeSformer", true});
  const Said<size_t> heads = settle(whole_value(options.given, "heads", 1, 1024),
                                    options.config.heads, whole_value(saved, "heads", 1, 65536));
  TimeSformer found = deduce(tensors, heads.value);
  const Said<std::string> activation =
      options.config.activation ? options.config.activation
                                : Said<std::string>{"gelu", "assumed: usual for TimeSformer", true};
  found.activation = activation_of(activation.value);
  model.graph = Builder(tensors, found, epsilon.value).build();
  tensors.refuse_untaken();
  check_config(options, found);

  for (Setting& setting : shape_settings(shapes_of(found)))
    model.settings.push_back(std::move(setting));
  const auto show = [&model](const char* name, const std::string& value, const std::string& source,
                             bool assumed) {
    model.settings.push_back({name, value, source, assumed});
  };
  const auto keep = [&](const char* name, const std::string& value, const std::string& source,
                        bool assumed) {
    show(name, value, source, assumed);
    model.values[name] = {value, source, false};
  };
  show("frames", std::to_string(found.frames) + ", one below another in a picture",
       "shapes: the rows of the time embeddings", false);
  show("attention", attention_of(found), "shapes: whether blocks attend over time", false);
  const Setting of_heads = heads_setting(heads, found.heads, found.width);
  keep("heads", of_heads.value, of_heads.source, of_heads.assumed);
  show("activation", activation.value, activation.source, activation.assumed);
  keep("epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed);
  model.own_classes = found.classes > 0;
  model.frames = found.frames;
  model.usual_for = "TimeSformer";
  model.image_size_from = "by its positions in space and time";
  return model;
}

TimmArchitecture timm(const std::string&) { return {}; }

}  // namespace

const Family& family() {
  static const Family family{
      "timesformer",
      "TimeSformer, of clips: divided and joint space-time attention",
      {{"heads", "attention heads"}, {"epsilon", "epsilon of every LayerNorm"}},
      {{"timesformer", "Timesformer", 1e-6f, "token", false, "VideoMAEImageProcessor"}},
      timm,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::timesformer
