// SPDX-License-Identifier: Apache-2.0
// TransFG (arXiv 2103.07976): a ViT, perhaps of overlapping patches, whose last block sees the
// class token and, for each head, the one patch to which the class token attends most through all
// blocks before.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/shape.h"
#include "models/encoder.h"
#include "models/heads.h"
#include "models/transfg/names.h"

namespace vitro::converter::transfg {
namespace {

constexpr size_t kUsualSide = 448;   // pixels of the released models' pictures
constexpr size_t kUsualPhoto = 600;  // which are cut out of photos of this size

struct TransFg : EncoderSizes {
  size_t stride = 0;  // pixels from one patch to the next
  size_t side = 0;    // patches, of a square picture

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
    size_t stream =
        class_and_patches(patch_embedding(model_.patch, model_.width, stride()), model_.patches());
    for (size_t b = 0; b < model_.blocks; ++b) stream = encoder_block(block_name(b), stream, block);
    const size_t parts = add("parts", {rollout()}, ArgMax{1}),
                 picked = add("part.tokens", {stream, parts}, PickRows{1}),
                 row = add("cls", {encoder_block("part", picked, block)}, SelectRows{0, 1}),
                 normed = layer_norm("norm", "norm", row, epsilon_);
    give_class(normed, model_.classes);
    return std::move(graph_);
  }

 private:
  static std::string block_name(size_t block) { return "blocks." + std::to_string(block); }

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
  deduce_patches(tensors, m);
  deduce_blocks(tensors, m);
  m.heads = deduce_heads(tensors, m.width, heads);
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  m.side = static_cast<size_t>(
      std::llround(std::sqrt(static_cast<double>(std::max(rows, size_t{1}) - 1))));
  if (rows < 2 || m.patches() != rows - 1)
    tensors.refuse("its " + std::to_string(rows) +
                       " positions are not those of a class token and a square picture",
                   "give a model of square pictures");
  check_sizes(tensors, m, 1 + m.patches());
  return m;
}

ModelShapes shapes_of(const TransFg& m) {
  ModelShapes out = encoder_shapes(m);
  out.blocks = {m.blocks + 1, "the number of blocks, part_layer too", false};
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
  FamilyStart start(checkpoint, options, naming(), "TransFG");
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const Said<size_t> heads = start.heads();
  TransFg found = deduce(tensors, heads.value);
  const Said<size_t> stride =
      stride_said(settle(whole_value(options.given, "stride", 1, kMaxPixels), {},
                         whole_value(start.saved, "stride", 1, kMaxPixels)),
                  found);
  found.stride = stride.value;
  tensors.check_size("the side of its picture", found.image_size().height, kMaxPixels);
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, found, epsilon.value).build();
  prepare(model.graph.preprocessing);
  tensors.refuse_untaken();
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(found));

  model.show(shapes_of(found));
  model.keep_heads(heads, found.heads, found.width);
  model.keep("stride", stride);
  model.keep_epsilon(epsilon);
  model.show("activation", {"gelu", "assumed: usual for TransFG", true});
  model.usual_for = "TransFG";
  model.own_classes = found.classes > 0;
  model.image_size_from = "by its positions and the stride of its patches";
  return std::move(model);
}

}  // namespace

const Family& family() {
  static const Family family{
      "transfg",
      "TransFG, with patches side by side or overlapping",
      {{"heads", "attention heads"},
       {"stride", "pixels from one patch to the next: 12 of overlapping patches, else the patch's"},
       {"epsilon", "epsilon of every LayerNorm"}},
      {},
      not_in_timm,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::transfg
