// SPDX-License-Identifier: Apache-2.0
// TransFG (arXiv 2103.07976): a ViT, perhaps of overlapping patches, whose last block sees the
// class token and, for each head, the one patch to which the class token attends most through all
// blocks before.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/config/shape.h"
#include "models/heads.h"
#include "models/transfg/names.h"

namespace vitro::converter::transfg {
namespace {

constexpr size_t kUsualSide = 448;   // pixels of the released models' pictures
constexpr size_t kUsualPhoto = 600;  // which are cut out of photos of this size

using Views = std::map<std::string, TensorView>;

struct TransFg {
  size_t patch = 0, stride = 0;  // pixels, square; from one patch to the next
  size_t side = 0;               // patches, of a square picture
  size_t width = 0, heads = 0, blocks = 0, hidden = 0;
  size_t classes = 0;  // 0: there is no head

  size_t patches() const { return side * side; }
  PixelSize image_size() const {
    const size_t pixels = (side - 1) * stride + patch;
    return {pixels, pixels};
  }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const TransFg& model, float epsilon)
      : GraphBuilder(tensors), model_(model), epsilon_(epsilon) {}

  Graph build() {
    set_picture(model_.image_size());
    const EncoderBlock block{model_.heads, model_.hidden, epsilon_};
    size_t stream = tokens();
    for (size_t b = 0; b < model_.blocks; ++b) stream = encoder_block(block_name(b), stream, block);
    const size_t parts = add("parts", {rollout()}, ArgMax{1}),
                 picked = add("part.tokens", {stream, parts}, PickRows{1}),
                 row = add("cls", {encoder_block("part", picked, block)}, SelectRows{0, 1}),
                 normed = layer_norm("norm", "norm", row, epsilon_);
    if (model_.classes > 0)
      output(linear("head", normed, model_.classes), "logits", OutputKind::Logits);
    else
      output(normed, "class", OutputKind::Features);
    return std::move(graph_);
  }

 private:
  static std::string block_name(size_t block) { return "blocks." + std::to_string(block); }

  size_t tokens() {
    const size_t width = model_.width, embedded = patch_embedding(model_.patch, width, stride());
    Matrix prefix(1, width), positions(model_.patches(), width);
    std::copy_n(tensors_.take("cls_token", {1, 1, width}), width, prefix.row(0));
    const float* position = tensors_.take("pos_embed", {1, 1 + model_.patches(), width});
    for (size_t c = 0; c < width; ++c) prefix.row(0)[c] += position[c];
    std::copy_n(position + width, positions.data.size(), positions.data.begin());
    return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
  }

  // 0: side by side.
  size_t stride() const { return model_.stride == model_.patch ? 0 : model_.stride; }

  size_t node(const std::string& name) const {
    size_t i = graph_.nodes.size();
    while (graph_.nodes[--i].name != name) continue;
    return i;
  }

  // The class token's row of the product of all blocks' maps, the last block's first.
  size_t rollout() {
    const Rollout of_block{model_.heads, 1 / std::sqrt(static_cast<float>(model_.width) /
                                                       static_cast<float>(model_.heads))};
    std::vector<size_t> row;
    for (size_t b = model_.blocks; b-- > 0;) {
      std::vector<size_t> inputs = {node(block_name(b) + ".attn.q"),
                                    node(block_name(b) + ".attn.k")};
      inputs.insert(inputs.end(), row.begin(), row.end());
      row = {add(block_name(b) + ".rollout", std::move(inputs), of_block)};
    }
    return row[0];
  }

  const TransFg& model_;
  const float epsilon_;
};

// No tensor tells how far patches are apart: the released models' pictures have 448 pixels.
Said<size_t> stride_said(const Said<size_t>& said, const TransFg& m) {
  if (said) return said;
  const std::string of_usual = "assumed: of a picture of " + std::to_string(kUsualSide) + " pixels";
  const size_t gaps = m.side - 1, reach = kUsualSide - std::min(m.patch, kUsualSide);
  if (gaps > 0 && reach % gaps == 0 && reach / gaps > 0 && reach / gaps <= m.patch)
    return {reach / gaps, of_usual, true};
  return {m.patch, "assumed: patches side by side", true};
}

TransFg deduce(const CheckedTensors& tensors, size_t heads) {
  TransFg m;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  m.width = patches[0], m.patch = patches[3];
  m.blocks = tensors.blocks();
  m.heads = deduce_heads(tensors, m.width, heads);
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  m.side = static_cast<size_t>(
      std::llround(std::sqrt(static_cast<double>(std::max(rows, size_t{1}) - 1))));
  if (rows < 2 || m.patches() != rows - 1)
    tensors.refuse("its " + std::to_string(rows) +
                       " positions are not those of a class token and a square picture",
                   "give a model of square pictures");
  m.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  if (tensors.has("head.weight")) m.classes = tensors.shape("head.weight", 2)[0];
  tensors.check_size("its width", m.width, kLargestWidth);
  tensors.check_size("its MLP's width", m.hidden, kLargestInput);
  tensors.check_size("the number of values of a patch,", m.patch * m.patch * 3, kLargestInput);
  tensors.check_size("the number of its tokens,", 1 + m.patches(), kLargestTokens);
  return m;
}

ModelShapes shapes_of(const TransFg& m) {
  ModelShapes out;
  out.patch = {m.patch, "the side of the patch embedding", false};
  out.width = {m.width, "the width of the patch embedding", false};
  out.blocks = {m.blocks + 1, "the number of blocks, part_layer too", false};
  out.mlp = {m.hidden, "the width of the first MLP", false};
  if (m.classes > 0) out.classes = {m.classes, "the number of rows of part_head", false};
  return out;
}

// As the released models were trained: a photo squeezed to a square, of which the middle is seen.
void prepare(Preprocessing& p) {
  p.mode = ResizeMode::Exact;
  p.resize_width = p.resize_height = (p.image_width * kUsualPhoto + kUsualSide / 2) / kUsualSide;
  p.filter = ResizeFilter::Bilinear;
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  NamesReport names;
  const Views views = canonical_tensors(checkpoint, naming(), &names);
  add_names(checkpoint, names, model);
  refuse_adapters(options.adapters, "TransFG");
  refuse_image_size(options.adapters, "TransFG");
  const NamedValues saved = options.saved(checkpoint.sha256);

  CheckedTensors tensors(checkpoint.path, naming(), views);
  const Said<float> epsilon =
      epsilon_said(options, saved, {1e-6f, "assumed: usual for TransFG", true});
  const Said<size_t> heads = settle(whole_value(options.given, "heads", 1, 1024),
                                    options.config.heads, whole_value(saved, "heads", 1, 65536));
  TransFg found = deduce(tensors, heads.value);
  const Said<size_t> stride =
      stride_said(settle(whole_value(options.given, "stride", 1, kMaxPixels), {},
                         whole_value(saved, "stride", 1, kMaxPixels)),
                  found);
  found.stride = stride.value;
  tensors.check_size("the side of its picture", found.image_size().height, kMaxPixels);
  model.graph = Builder(tensors, found, epsilon.value).build();
  prepare(model.graph.preprocessing);
  tensors.refuse_untaken();
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(found));

  for (Setting& setting : shape_settings(shapes_of(found)))
    model.settings.push_back(std::move(setting));
  const auto keep = [&model](const char* name, const std::string& value, const std::string& source,
                             bool assumed) {
    model.settings.push_back({name, value, source, assumed});
    model.values[name] = {value, source, false};
  };
  const Setting of_heads = heads_setting(heads, found.heads, found.width);
  keep("heads", of_heads.value, of_heads.source, of_heads.assumed);
  keep("stride", std::to_string(stride.value), stride.source, stride.assumed);
  keep("epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed);
  model.usual_for = "TransFG";
  model.own_classes = found.classes > 0;
  model.image_size_from = "by its positions and the stride of its patches";
  return model;
}

// timm has none.
TimmArchitecture timm_transfg(const std::string&) { return {}; }

}  // namespace

const Family& family() {
  static const Family family{
      "transfg",
      "TransFG, with patches side by side or overlapping",
      {{"heads", "attention heads"},
       {"stride", "pixels from one patch to the next: 12 of overlapping patches, else the patch's"},
       {"epsilon", "epsilon of every LayerNorm"}},
      {},
      timm_transfg,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::transfg
