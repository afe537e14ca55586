// SPDX-License-Identifier: Apache-2.0
// TimeSformer (arXiv 2102.05095): a ViT of a clip of frames, whose blocks attend over time at each
// place and then over space in each frame, or over all of both at once. A clip is one picture of
// its frames, one below another.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/shape.h"
#include "models/encoder.h"
#include "models/heads.h"
#include "models/timesformer/names.h"

namespace vitro::converter::timesformer {
namespace {

constexpr float kMean = 0.45f, kStd = 0.225f;  // of all channels

struct TimeSformer : EncoderSizes {
  size_t side = 0;  // of a frame's grid of patches
  size_t frames = 0;
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
    give_class(normed, model_.classes);
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
  deduce_patches(tensors, m);
  deduce_blocks(tensors, m);
  check_width(tensors, m);
  m.heads = deduce_heads(tensors, m.width, heads);
  m.frames = tensors.shape("time_embed", 3)[1];
  const size_t positions = tensors.shape("pos_embed", 3)[1];
  m.side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(positions - 1))));
  if (m.side == 0 || m.patches() != positions - 1)
    tensors.refuse("its " + std::to_string(positions) +
                       " positions are not those of a class token and a square frame",
                   "give a model of square frames");
  m.divided = tensors.expects("blocks.0.temporal.attn.q.weight");
  tensors.check_size("the height of its clip in pixels,", m.clip_size().height, kMaxPixels);
  check_sizes(tensors, m, m.frames * (1 + m.patches()));
  return m;
}

ModelShapes shapes_of(const TimeSformer& m) {
  ModelShapes out = encoder_shapes(m);
  out.image_size = {m.frame_size(), "the side of a frame by the position embeddings", false};
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
  FamilyStart start(checkpoint, options, naming(), "TimeSformer");
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const Said<size_t> heads = start.heads();
  TimeSformer found = deduce(tensors, heads.value);
  const Said<std::string> activation = start.activation();
  found.activation = activation_of(activation.value);
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, found, epsilon.value).build();
  tensors.refuse_untaken();
  check_config(options, found);

  model.show(shapes_of(found));
  model.show("frames", {std::to_string(found.frames) + ", one below another in a picture",
                        "shapes: the rows of the time embeddings"});
  model.show("attention", {attention_of(found), "shapes: whether blocks attend over time"});
  model.keep_heads(heads, found.heads, found.width);
  model.show("activation", activation);
  model.keep_epsilon(epsilon);
  model.own_classes = found.classes > 0;
  model.frames = found.frames;
  model.usual_for = "TimeSformer";
  model.image_size_from = "by its positions in space and time";
  return std::move(model);
}

}  // namespace

const Family& family() {
  static const Family family{
      "timesformer",
      "TimeSformer, of clips: divided and joint space-time attention",
      {{"heads", "attention heads"}, {"epsilon", "epsilon of every LayerNorm"}},
      {{"timesformer", "Timesformer", 1e-6f, "token", false, "VideoMAEImageProcessor"}},
      not_in_timm,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::timesformer
