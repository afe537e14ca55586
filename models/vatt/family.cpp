// SPDX-License-Identifier: Apache-2.0
// VATT's video tower (arXiv 2104.11178): a ViT of a clip, whose patches are cut out of several
// consecutive frames at once. A clip is one picture, whose rows of frames are such groups: four
// frames side by side, the next four below them.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/shape.h"
#include "models/encoder.h"
#include "models/heads.h"
#include "models/vatt/names.h"

namespace vitro::converter::vatt {
namespace {

using TensorViews = std::map<std::string, TensorView>;

constexpr double kPositionEpsilon = 1e-6;  // of the norm of the positions, in all releases

struct Vatt : EncoderSizes {
  size_t depth = 0;                       // frames of a patch
  size_t groups = 0, rows = 0, cols = 0;  // of patches: in time, down and across a frame

  size_t patches() const { return groups * rows * cols; }
  PixelSize frame_size() const { return {cols * patch, rows * patch}; }
  PixelSize clip_size() const { return {depth * cols * patch, groups * rows * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Vatt& model, float epsilon)
      : GraphBuilder(tensors), model_(model), epsilon_(epsilon) {}

  Graph build() {
    set_clip();
    size_t stream = tokens();
    for (size_t b = 0; b < model_.blocks; ++b)
      stream = encoder_block("blocks." + std::to_string(b), stream,
                             {model_.heads, model_.hidden, epsilon_});
    const size_t token = add("agg", {stream}, SelectRows{0, 1}),
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
    std::fill_n(p.mean, 3, 0.5f);
    std::fill_n(p.std, 3, 0.5f);
  }

  /// The class token and the positions, and the products of each of a patch's frames.
  size_t tokens() {
    const size_t pixels = add("pixels", {}, PatchRows{model_.patch, model_.patch});
    size_t stream = add("positions", {}, Constant{token_and_positions()});
    for (size_t frame = 0; frame < model_.depth; ++frame) {
      const std::string name = "patch_embed." + std::to_string(frame);
      const size_t products = add(name, {pixels}, kernel_of(frame)),
                   rows = add(name + ".rows", {products}, GatherRows{1, rows_of(frame), 0, 0});
      stream = add(name + ".sum", {stream, rows}, Add{});
    }
    return stream;
  }

  /// Those patches of all frames that are of frame `frame` of their group; none of the class token.
  std::vector<uint32_t> rows_of(size_t frame) const {
    std::vector<uint32_t> index{GatherRows::kNoRow};
    for (size_t line = 0; line < model_.groups * model_.rows; ++line)
      for (size_t x = 0; x < model_.cols; ++x)
        index.push_back(static_cast<uint32_t>((line * model_.depth + frame) * model_.cols + x));
    return index;
  }

  /// Of a convolution [frames, height, width, 3, width of the stream].
  Linear kernel_of(size_t frame) const {
    const size_t values = model_.patch * model_.patch * 3;
    Linear out{Matrix(model_.width, values), std::vector<float>(model_.width)};
    const float* kernel =
        tensors_.take("patch_embed.proj.weight",
                      {model_.depth, model_.patch, model_.patch, 3, model_.width}) +
        frame * values * model_.width;
    for (size_t k = 0; k < values; ++k)
      for (size_t n = 0; n < model_.width; ++n) out.weight.row(n)[k] = *kernel++;
    return out;
  }

  Matrix token_and_positions() {
    const size_t width = model_.width;
    const float* time = tensors_.take("pos.temporal", {model_.groups, width});
    const float* down = tensors_.take("pos.vertical", {model_.rows, width});
    const float* across = tensors_.take("pos.horizontal", {model_.cols, width});
    const float* gamma = tensors_.take("pos.norm.weight", {width});
    const float* beta = tensors_.take("pos.norm.bias", {width});
    const std::vector<float> bias_of_patches = bias("patch_embed.proj.bias", width);
    Matrix out(1 + model_.patches(), width);
    std::copy_n(tensors_.take("agg_token", {width}), width, out.row(0));
    std::vector<double> sum(width);
    for (size_t i = 0; i < model_.patches(); ++i) {
      const size_t x = i % model_.cols, y = i / model_.cols % model_.rows,
                   t = i / model_.cols / model_.rows;
      double mean = 0, variance = 0;
      for (size_t c = 0; c < width; ++c) {
        sum[c] = static_cast<double>(time[t * width + c]) +
                 static_cast<double>(down[y * width + c]) +
                 static_cast<double>(across[x * width + c]);
        mean += sum[c] / static_cast<double>(width);
      }
      for (const double value : sum)
        variance += (value - mean) * (value - mean) / static_cast<double>(width);
      const double factor = 1 / std::sqrt(variance + kPositionEpsilon);
      for (size_t c = 0; c < width; ++c)
        out.row(1 + i)[c] = static_cast<float>(
            (sum[c] - mean) * factor * static_cast<double>(gamma[c]) +
            static_cast<double>(beta[c]) + static_cast<double>(bias_of_patches[c]));
    }
    return out;
  }

  const Vatt& model_;
  const float epsilon_;
};

Vatt deduce(const CheckedTensors& tensors, size_t heads) {
  Vatt m;
  const std::vector<size_t>& kernel = tensors.shape("patch_embed.proj.weight", 5);
  if (kernel[3] != 3 || kernel[1] != kernel[2])
    tensors.refuse("its patches are not square and RGB");
  m.depth = kernel[0], m.patch = kernel[1], m.width = kernel[4];
  check_width(tensors, m);
  deduce_blocks(tensors, m);
  m.heads = deduce_heads(tensors, m.width, heads);
  m.groups = tensors.shape("pos.temporal", 2)[0];
  m.rows = tensors.shape("pos.vertical", 2)[0];
  m.cols = tensors.shape("pos.horizontal", 2)[0];
  tensors.check_size("the number of frames of a patch,", m.depth, kMaxPixels);
  for (const size_t n : {m.groups, m.rows, m.cols})
    tensors.check_size("the number of its positions,", n, kMaxPixels);
  tensors.check_size("the height of its clip in pixels,", m.clip_size().height, kMaxPixels);
  tensors.check_size("the width of its clip in pixels,", m.clip_size().width, kMaxPixels);
  check_sizes(tensors, m, 1 + m.patches());
  return m;
}

ModelShapes shapes_of(const Vatt& m) {
  ModelShapes out = encoder_shapes(m);
  out.image_size = {m.frame_size(), "the positions down and across a frame", false};
  return out;
}

void refuse_projections(const Checkpoint& checkpoint, const TensorViews& views) {
  for (const char* name : {"pre_proj.weight", "post_proj.weight"}) {
    const auto view = views.find(name);
    if (view == views.end()) continue;
    throw InputError(checkpoint.path,
                     "has " + in_quotes(view->second.source) +
                         ", a projection of VATT's modality-agnostic models, which is not computed",
                     "give a modality-specific model");
  }
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "VATT");
  FamilyModel& model = start.model;
  refuse_projections(checkpoint, start.views);
  if (const auto mask = start.views.find("mask_token"); mask != start.views.end()) {
    model.ignored.push_back(mask->second.source);
    start.views.erase(mask);
  }
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const Said<size_t> heads = start.heads();
  const Vatt found = deduce(tensors, heads.value);
  model.graph = Builder(tensors, found, epsilon.value).build();
  tensors.refuse_untaken();

  model.show(shapes_of(found));
  model.show("frames", {std::to_string(found.depth * found.groups) + ", in rows of " +
                            std::to_string(found.depth) + " in a picture",
                        "shapes: the patch embedding and the positions in time"});
  model.keep_heads(heads, found.heads, found.width);
  model.keep_epsilon(epsilon);
  model.own_classes = found.classes > 0;
  model.show("activation", {"gelu", "assumed: usual for VATT", true});
  model.usual_for = "VATT";
  model.image_size_from = "by its positions in space and time";
  return std::move(model);
}

}  // namespace

const Family& family() {
  static const Family family{
      "vatt",
      "VATT's video tower, of clips: google-research's modality-specific models",
      {{"heads", "attention heads"}, {"epsilon", "epsilon of every LayerNorm but the positions'"}},
      {},
      not_in_timm,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::vatt
