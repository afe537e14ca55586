// SPDX-License-Identifier: Apache-2.0
// Attention within windows, moved by half a window in every other block; between stages four
// neighbours become one row (arXiv 2103.14030).
//
// The stream itself is put in the order of the windows, once for each block whose windows differ
// from those before; all else is row by row. Where a map is not whole windows, keys that were
// filled up count as rows of zeros after the norm, so that there the stream keeps its order.
#include "models/swin/swin.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/heads.h"
#include "models/swin/positions.h"
#include "models/swin/windows.h"

namespace vitro::converter::swin {
namespace {

constexpr size_t kLargestPicture = 4096;  // rows or columns of pixels
constexpr size_t kMostStages = 4;

std::string stage_name(size_t stage) { return "stages." + std::to_string(stage); }

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Swin& swin) : GraphBuilder(tensors), swin_(swin) {}

  Graph build() {
    set_picture(swin_.image);
    map_ = {swin_.image.height / swin_.patch, swin_.image.width / swin_.patch};
    place_ = in_rows();
    size_t stream = patch_embedding(swin_.patch, swin_.stages[0].width);
    if (swin_.patch_norm) stream = norm("patch_embed.norm", stream, swin_.merge_epsilon);
    for (size_t s = 0; s < swin_.stages.size(); ++s) {
      if (!swin_.stages[s].merge.empty()) stream = merge(swin_.stages[s], stream);
      for (size_t b = 0; b < swin_.stages[s].blocks; ++b) stream = block(s, b, stream);
    }
    const size_t pooled =
        add("pool", {layer_norm("norm", "norm", stream, swin_.epsilon)}, MeanRows{0});
    if (swin_.classes > 0)
      output(linear("head", pooled, swin_.classes), "logits", OutputKind::Logits);
    else
      output(pooled, "pooled", OutputKind::Features);
    return std::move(graph_);
  }

 private:
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

  size_t merge(const SwinStage& stage, size_t stream) {
    const size_t four = gather(stage.merge + ".rows", stream, merged(map_, place_), 4);
    const std::string norms = stage.merge + ".norm", reduction = stage.merge + ".reduction";
    map_ = {(map_.height + 1) / 2, (map_.width + 1) / 2};
    place_ = in_rows();
    if (swin_.second) return norm(norms, linear(reduction, four, stage.width), swin_.merge_epsilon);
    return linear(reduction, layer_norm(norms, norms, four, swin_.merge_epsilon), stage.width);
  }

  size_t block(size_t s, size_t b, size_t stream) {
    const SwinStage& stage = swin_.stages[s];
    const std::string name = swin_block(s, b);
    const size_t window = stage.window;
    const MapSize shift = b % 2 == 1 ? shift_of(window) : MapSize{};
    const Windows windows = divide(map_, {window, shift, swin_.rolls_first});
    const Matrix bias = bias_of(name, stage);
    const std::vector<float> cosine =
        swin_.second ? factors_of(name, stage.heads) : std::vector<float>();
    EncoderBlock block{stage.heads, stage.hidden, swin_.epsilon, false, &bias};
    block.post_norm = swin_.second;
    if (swin_.second) block.cosine = &cosine;
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
    const bool rows = map_.height > window, columns = map_.width > window;
    if (swin_.moved == MovedAxes::Apart) return {rows ? by : 0, columns ? by : 0};
    if (swin_.moved == MovedAxes::ByHeight && rows) return {by, by};
    return {};
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
  Matrix bias_of(const std::string& block, const SwinStage& stage) {
    const size_t window = stage.window, tokens = window * window, reach = 2 * window - 1;
    const std::vector<float> table =
        swin_.second
            ? continuous_bias(tensors_, block + ".attn", stage)
            : table_of(block + ".attn.relative_position_bias_table", {reach * reach, stage.heads});
    Matrix bias(stage.heads * tokens, tokens);
    for (size_t i = 0; i < tokens; ++i)
      for (size_t j = 0; j < tokens; ++j)
        for (size_t h = 0; h < stage.heads; ++h)
          bias.row(h * tokens + i)[j] = table[relative_position(window, i, j) * stage.heads + h];
    return bias;
  }

  std::vector<float> table_of(const std::string& name, const std::vector<size_t>& shape) {
    const float* const table = tensors_.take(name, shape);
    return {table, table + shape[0] * shape[1]};
  }

  /// By which the cosines of each head are multiplied, at most 100.
  std::vector<float> factors_of(const std::string& block, size_t heads) {
    const float* const logs = tensors_.take(block + ".attn.logit_scale", {heads, 1, 1});
    std::vector<float> factors(logs, logs + heads);
    for (float& factor : factors) factor = std::exp(std::min(factor, std::log(100.0f)));
    return factors;
  }

  const Swin& swin_;
  MapSize map_;
  std::vector<uint32_t> place_;  // of each row of the map: where it is in the stream
};

void deduce_stages(const CheckedTensors& tensors, const SwinHeads& heads, Swin& swin) {
  size_t width = tensors.shape("patch_embed.proj.weight", 4)[0];
  const bool after_blocks = tensors.has("stages.0.merge.reduction.weight");
  for (size_t s = 0; s < kMostStages; ++s) {
    SwinStage stage;
    while (tensors.has(swin_block(s, stage.blocks) + ".norm1.weight")) ++stage.blocks;
    if (stage.blocks == 0) break;
    if (s > 0) {
      tensors.check_size("the width of four merged rows,", 4 * width, kLargestWidth);
      stage.merge = stage_name(after_blocks ? s - 1 : s) + ".merge";
      width = tensors.shape(stage.merge + ".reduction.weight", 2)[0];
    }
    stage.width = width;
    const std::string first = swin_block(s, 0);
    stage.heads =
        deduce_heads(tensors, width, tensors.shape(first + heads.tensor, heads.rank)[heads.axis]);
    stage.hidden = tensors.shape(first + ".mlp.fc1.weight", 2)[0];
    tensors.check_size("its width", width, kLargestWidth);
    tensors.check_size("its MLP's width", stage.hidden, kLargestInput);
    swin.stages.push_back(std::move(stage));
  }
  if (swin.stages.empty()) tensors.refuse("has no blocks in its first stage");
  swin.rolls_first = !after_blocks && swin.stages.size() > 1;
}

ModelShapes shapes_of(const Swin& s) {
  ModelShapes out;
  out.patch = {s.patch, "the side of the patch embedding", false};
  if (s.classes > 0) out.classes = {s.classes, "the number of rows of the head", false};
  return out;
}

std::string list_of(const Swin& swin, size_t SwinStage::*member) {
  std::string list;
  for (const SwinStage& stage : swin.stages)
    list += (list.empty() ? "" : " ") + std::to_string(stage.*member);
  return list;
}

void check_stages(const std::string& path, const Swin& swin, const Said<std::vector<size_t>>& said,
                  size_t SwinStage::*member) {
  std::string list;
  for (const size_t number : said.value) list += (list.empty() ? "" : " ") + std::to_string(number);
  if (said && list != list_of(swin, member))
    throw InputError(path,
                     said.source + " is " + list + ", but the tensors of the stages have " +
                         list_of(swin, member),
                     "give files that belong together");
}

}  // namespace

std::string swin_block(size_t stage, size_t block) {
  return stage_name(stage) + ".blocks." + std::to_string(block);
}

Swin deduce_swin(const CheckedTensors& tensors, const SwinHeads& heads) {
  Swin s;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  s.patch = patches[3];
  deduce_stages(tensors, heads, s);
  s.patch_norm = tensors.has("patch_embed.norm.weight");
  if (tensors.has("head.weight")) s.classes = tensors.shape("head.weight", 2)[0];
  return s;
}

void set_image(const CheckedTensors& tensors, const Said<PixelSize>& image, Swin& swin) {
  swin.image = image.value;
  const auto [width, height] = std::pair(swin.image.width, swin.image.height);
  if (width % swin.patch != 0 || height % swin.patch != 0 ||
      std::max(width, height) > kLargestPicture || width == 0 || height == 0)
    tensors.refuse("a picture of " + setting_of(swin.image) + " pixels (" + image.source +
                       ") is not whole patches of " + std::to_string(swin.patch),
                   "give another --image-size");
}

void set_epsilon(const FamilyStart& start, const Said<float>& epsilon, Swin& swin) {
  constexpr float kOfPyTorch = 1e-5f;
  const bool by_transformers = start.names.spelling == "Hugging Face" &&
                               epsilon.source == start.options.config.epsilon.source;
  swin.epsilon = epsilon.value;
  swin.merge_epsilon = by_transformers ? kOfPyTorch : epsilon.value;
}

Graph build_swin(CheckedTensors& tensors, const Swin& swin) {
  Graph graph = Builder(tensors, swin).build();
  tensors.refuse_untaken();
  return graph;
}

void add_swin_settings(const Swin& swin, const SwinSources& sources, const FamilyOptions& options,
                       FamilyModel& model) {
  if (!options.config_path.empty()) {
    ModelConfig compared;
    compared.patch = options.config.patch;
    if (swin.classes > 0) compared.classes = options.config.classes;
    check_agreement(options.config_path, compared, shapes_of(swin));
    check_stages(options.config_path, swin, options.config.stage_blocks, &SwinStage::blocks);
    check_stages(options.config_path, swin, options.config.stage_heads, &SwinStage::heads);
  }
  model.show(shapes_of(swin));
  model.show("image_size", {setting_of(swin.image), sources.image.source, sources.image.assumed});
  model.show("widths", {list_of(swin, &SwinStage::width), "the tensors of each stage"});
  model.show("blocks", {list_of(swin, &SwinStage::blocks), "the tensors of each stage"});
  model.show("heads", {list_of(swin, &SwinStage::heads), sources.heads_from});
  model.keep_epsilon(sources.epsilon);
  const Said<std::string> activation =
      options.config.activation ? options.config.activation
                                : Said<std::string>{"gelu", "assumed: usual for Swin", true};
  if (activation.value != "gelu")
    throw InputError(activation.source, "is " + activation.value + ", and Swin has gelu",
                     "give the config.json that was saved with the weights");
  model.show("activation", activation);
  model.own_classes = swin.classes > 0;
}

}  // namespace vitro::converter::swin
