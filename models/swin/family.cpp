// SPDX-License-Identifier: Apache-2.0
// Swin Transformer (arXiv 2103.14030): attention within windows, moved by half a window in every
// other block; between stages four neighbours become one row.
//
// The stream itself is put in the order of the windows, once for each block whose windows differ
// from those before; all else is row by row. Where a map is not whole windows, keys that were
// filled up count as rows of zeros after the norm, so that there the stream keeps its order.
#include "models/family.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/heads.h"
#include "models/swin/names.h"
#include "models/swin/windows.h"

namespace vitro::converter {
namespace {

// The runtime's limits, as its verifier has them.
constexpr size_t kLargestWidth = 4096, kLargestInput = 32768, kLargestPicture = 4096;
constexpr size_t kMostStages = 4;

using Views = std::map<std::string, TensorView>;

std::string stage_name(size_t stage) { return "stages." + std::to_string(stage); }
std::string block_name(size_t stage, size_t block) {
  return stage_name(stage) + ".blocks." + std::to_string(block);
}

struct Stage {
  size_t width = 0, blocks = 0, heads = 0, hidden = 0;
  std::string merge;  // what stands before its blocks; empty: nothing
};

struct Swin {
  size_t patch = 0, window = 0;
  PixelSize image;
  std::vector<Stage> stages;
  size_t classes = 0;  // 0: there is no head
  bool patch_norm = false;
  bool rolls_first = false;
  // Where one axis of a map has no more than one window, the other is moved all the same; else
  // neither is.
  bool axes_apart = false;
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Swin& swin, float epsilon)
      : GraphBuilder(tensors), swin_(swin), epsilon_(epsilon) {}

  Graph build() {
    set_picture(swin_.image);
    map_ = {swin_.image.height / swin_.patch, swin_.image.width / swin_.patch};
    place_ = in_rows();
    size_t stream = patch_embedding(swin_.patch, swin_.stages[0].width);
    if (swin_.patch_norm)
      stream = add("patch_embed.norm", {stream}, norm("patch_embed.norm", cols(stream)));
    for (size_t s = 0; s < swin_.stages.size(); ++s) {
      if (!swin_.stages[s].merge.empty()) stream = merge(swin_.stages[s], stream);
      for (size_t b = 0; b < swin_.stages[s].blocks; ++b) stream = block(s, b, stream);
    }
    const size_t pooled = add("pool", {layer_norm("norm", "norm", stream, epsilon_)}, MeanRows{0});
    if (swin_.classes > 0)
      output(linear("head", pooled, swin_.classes), "logits", OutputKind::Logits);
    else
      output(pooled, "pooled", OutputKind::Features);
    return std::move(graph_);
  }

 private:
  Norm norm(const std::string& tensor, size_t width) {
    return {tensors_.vector(tensor + ".weight", width), tensors_.vector(tensor + ".bias", width),
            epsilon_};
  }

  std::vector<uint32_t> in_rows() const {
    std::vector<uint32_t> place(map_.area());
    std::iota(place.begin(), place.end(), 0u);
    return place;
  }

  size_t gather(const std::string& name, size_t from, std::vector<uint32_t> index,
                size_t taps = 1) {
    GatherRows rows;
    rows.taps = taps;
    rows.index = std::move(index);
    return add(name, {from}, std::move(rows));
  }

  size_t merge(const Stage& stage, size_t stream) {
    const size_t four = gather(stage.merge + ".rows", stream, merged(map_, place_), 4);
    const size_t normed = layer_norm(stage.merge + ".norm", stage.merge + ".norm", four, epsilon_);
    map_ = {(map_.height + 1) / 2, (map_.width + 1) / 2};
    place_ = in_rows();
    return linear(stage.merge + ".reduction", normed, stage.width);
  }

  size_t block(size_t s, size_t b, size_t stream) {
    const Stage& stage = swin_.stages[s];
    const std::string name = block_name(s, b);
    const size_t window = swin_.window;
    const MapSize shift = b % 2 == 1 ? shift_of(window) : MapSize{};
    const Windows windows = divide(map_, {window, shift, swin_.rolls_first});
    const Matrix bias = bias_of(name, stage);
    EncoderBlock block{stage.heads, stage.hidden, epsilon_, false, &bias};
    block.groups = windows.count;
    block.regions = &windows.regions;
    if (windows.padded) {
      const std::vector<uint32_t> back = places(windows, map_);
      block.windows = &windows.index;
      block.back = &back;
      return encoder_block(name, in_map_order(name, stream), block);
    }
    return encoder_block(name, in_window_order(name, stream, windows), block);
  }

  // A window as large as the map is not moved.
  MapSize shift_of(size_t window) const {
    const size_t by = window / 2;
    if (std::min(map_.height, map_.width) > window) return {by, by};
    if (!swin_.axes_apart) return {};
    return {map_.height > window ? by : 0, map_.width > window ? by : 0};
  }

  size_t in_window_order(const std::string& name, size_t stream, const Windows& windows) {
    std::vector<uint32_t> index, now = places(windows, map_);
    if (now == place_) return stream;
    index.reserve(windows.index.size());
    for (const uint32_t row : windows.index) index.push_back(place_[row]);
    place_ = std::move(now);
    return gather(name + ".windows", stream, std::move(index));
  }

  size_t in_map_order(const std::string& name, size_t stream) {
    std::vector<uint32_t> rows = in_rows();
    if (place_ == rows) return stream;
    std::swap(rows, place_);
    return gather(name + ".map", stream, std::move(rows));
  }

  /// [heads * tokens, tokens] of a table [distances, heads].
  Matrix bias_of(const std::string& block, const Stage& stage) {
    const size_t window = swin_.window, tokens = window * window, reach = 2 * window - 1;
    const float* table =
        tensors_.take(block + ".attn.relative_position_bias_table", {reach * reach, stage.heads});
    Matrix bias(stage.heads * tokens, tokens);
    for (size_t i = 0; i < tokens; ++i)
      for (size_t j = 0; j < tokens; ++j)
        for (size_t h = 0; h < stage.heads; ++h)
          bias.row(h * tokens + i)[j] = table[relative_position(window, i, j) * stage.heads + h];
    return bias;
  }

  const Swin& swin_;
  const float epsilon_;
  MapSize map_;
  std::vector<uint32_t> place_;  // of each row of the map: where it is in the stream
};

void deduce_stages(const CheckedTensors& tensors, Swin& swin) {
  size_t width = tensors.shape("patch_embed.proj.weight", 4)[0];
  const bool after_blocks = tensors.has("stages.0.merge.reduction.weight");
  for (size_t s = 0; s < kMostStages; ++s) {
    Stage stage;
    while (tensors.has(block_name(s, stage.blocks) + ".norm1.weight")) ++stage.blocks;
    if (stage.blocks == 0) break;
    if (s > 0) {
      tensors.check_size("the width of four merged rows,", 4 * width, kLargestWidth);
      stage.merge = stage_name(after_blocks ? s - 1 : s) + ".merge";
      width = tensors.shape(stage.merge + ".reduction.weight", 2)[0];
    }
    stage.width = width;
    const std::string first = block_name(s, 0);
    stage.heads = deduce_heads(tensors, width,
                               tensors.shape(first + ".attn.relative_position_bias_table", 2)[1]);
    stage.hidden = tensors.shape(first + ".mlp.fc1.weight", 2)[0];
    tensors.check_size("its width", width, kLargestWidth);
    tensors.check_size("its MLP's width", stage.hidden, kLargestInput);
    swin.stages.push_back(std::move(stage));
  }
  if (swin.stages.empty()) tensors.refuse("has no blocks in its first stage");
  swin.rolls_first = !after_blocks && swin.stages.size() > 1;
}

size_t window_of(const CheckedTensors& tensors) {
  const size_t rows = tensors.shape(block_name(0, 0) + ".attn.relative_position_bias_table", 2)[0];
  const auto reach = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(rows))));
  if (reach * reach != rows || reach % 2 == 0)
    tensors.refuse("its " + std::to_string(rows) +
                   " relative positions are not those of a square window");
  return (reach + 1) / 2;
}

// No tensor tells the picture's size.
Said<PixelSize> picture_of(const Swin& swin, const FamilyOptions& options) {
  if (options.adapters.image_size != PixelSize{})
    return {options.adapters.image_size, "--image-size", false};
  if (options.config.image_size) return options.config.image_size;
  const size_t side = swin.window * swin.patch << (swin.stages.size() - 1);
  return {{side, side}, "assumed: the last stage is one window", true};
}

Swin deduce(const CheckedTensors& tensors, const FamilyOptions& options, Said<PixelSize>& image) {
  Swin s;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  s.patch = patches[3];
  s.window = window_of(tensors);
  deduce_stages(tensors, s);
  s.patch_norm = tensors.has("patch_embed.norm.weight");
  if (tensors.has("head.weight")) s.classes = tensors.shape("head.weight", 2)[0];
  image = picture_of(s, options);
  s.image = image.value;
  if (s.image.width % s.patch != 0 || s.image.height % s.patch != 0 ||
      std::max(s.image.width, s.image.height) > kLargestPicture || s.image.width == 0 ||
      s.image.height == 0)
    tensors.refuse("a picture of " + setting_of(s.image) + " pixels (" + image.source +
                       ") is not whole patches of " + std::to_string(s.patch),
                   "give another --image-size");
  return s;
}

// Only torchvision fills such maps up; others take smaller windows, which have other tables.
void refuse_small_maps(const CheckedTensors& tensors, const Swin& s, const Said<PixelSize>& image) {
  size_t least = std::min(s.image.height, s.image.width) / s.patch;
  for (size_t stage = 1; stage < s.stages.size(); ++stage) least = (least + 1) / 2;
  if (least < s.window)
    tensors.refuse("of a picture of " + setting_of(s.image) + " pixels (" + image.source +
                       ") the last stage has " + std::to_string(least) +
                       " rows or columns, fewer than the window of " + std::to_string(s.window),
                   "give a larger --image-size");
}

ModelShapes shapes_of(const Swin& s) {
  ModelShapes out;
  out.patch = {s.patch, "the side of the patch embedding", false};
  if (s.classes > 0) out.classes = {s.classes, "the number of rows of the head", false};
  return out;
}

std::string list_of(const Swin& swin, size_t Stage::*member) {
  std::string list;
  for (const Stage& stage : swin.stages)
    list += (list.empty() ? "" : " ") + std::to_string(stage.*member);
  return list;
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  NamesReport names;
  const Views views = canonical_tensors(checkpoint, swin_naming(), &names);
  add_names(checkpoint, names, model);
  refuse_adapters(options.adapters, "Swin");
  const NamedValues saved = options.saved(checkpoint.sha256);

  CheckedTensors tensors(checkpoint.path, swin_naming(), views);
  const Said<float> epsilon =
      epsilon_said(options, saved, {1e-5f, "assumed: usual for Swin", true});
  Said<PixelSize> image;
  Swin swin = deduce(tensors, options, image);
  const bool torchvision = names.spelling == "torchvision";
  swin.rolls_first = swin.rolls_first && names.spelling == "timm";
  swin.axes_apart = swin.rolls_first || torchvision;
  if (!torchvision) refuse_small_maps(tensors, swin, image);
  model.graph = Builder(tensors, swin, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty()) {
    ModelConfig compared;
    compared.patch = options.config.patch;
    if (swin.classes > 0) compared.classes = options.config.classes;
    check_agreement(options.config_path, compared, shapes_of(swin));
  }

  for (Setting& setting : shape_settings(shapes_of(swin)))
    model.settings.push_back(std::move(setting));
  const auto keep = [&model](const char* name, const std::string& value, const std::string& source,
                             bool assumed) {
    model.settings.push_back({name, value, source, assumed});
  };
  keep("image_size", setting_of(swin.image), image.source, image.assumed);
  keep("window", std::to_string(swin.window), "the rows of relative_position_bias_table", false);
  keep("widths", list_of(swin, &Stage::width), "the tensors of each stage", false);
  keep("blocks", list_of(swin, &Stage::blocks), "the tensors of each stage", false);
  keep("heads", list_of(swin, &Stage::heads), "the columns of relative_position_bias_table", false);
  keep("epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed);
  model.values["epsilon"] = {text_of(epsilon.value), epsilon.source, false};
  const Said<std::string> activation =
      options.config.activation ? options.config.activation
                                : Said<std::string>{"gelu", "assumed: usual for Swin", true};
  if (activation.value != "gelu")
    throw InputError(activation.source, "is " + activation.value + ", and Swin has gelu",
                     "give the config.json that was saved with the weights");
  keep("activation", activation.value, activation.source, activation.assumed);
  model.own_classes = swin.classes > 0;
  model.image_size_from = "by its windows";
  return model;
}

TimmArchitecture timm_swin(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("swin_", 0) == 0;
  if (out.known) out.epsilon = 1e-5f;
  return out;
}

}  // namespace

const Family& swin_family() {
  static const Family family{"swin",
                             "Swin Transformer (the first version)",
                             {{"epsilon", "epsilon of every LayerNorm"}},
                             {{"swin", "Swin", 1e-5f, "", false}},
                             timm_swin,
                             "swin_*",
                             swin_naming,
                             build};
  return family;
}

}  // namespace vitro::converter
