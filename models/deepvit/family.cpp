// SPDX-License-Identifier: Apache-2.0
// DeepViT (arXiv 2103.11886): a ViT whose heads' attention maps are mixed behind softmax, and what
// comes out is normalised by a batch normalisation over heads (re-attention).
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/deepvit/names.h"
#include "models/heads.h"
#include "runtime/kernels/kernels.h"

namespace vitro::converter::deepvit {
namespace {

constexpr double kNormEpsilon = 1e-5;  // of PyTorch's batch normalisation

using Views = std::map<std::string, TensorView>;

std::string block_name(size_t block) { return "blocks." + std::to_string(block); }
std::string matrix_of(size_t block) { return block_name(block) + ".attn.reatten_matrix.weight"; }

struct DeepVit {
  size_t patch = 0;  // pixels, square
  size_t grid_height = 0, grid_width = 0;
  size_t width = 0, heads = 0, blocks = 0, hidden = 0;
  size_t mixed_blocks = 0;  // that have re-attention
  size_t classes = 0;       // 0: there is no head

  size_t patches() const { return grid_height * grid_width; }
  PixelSize image_size() const { return {grid_width * patch, grid_height * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const DeepVit& model, float epsilon)
      : GraphBuilder(tensors), model_(model), epsilon_(epsilon) {}

  Graph build() {
    set_picture(model_.image_size());
    std::fill_n(graph_.preprocessing.mean, 3, 0.5f);
    std::fill_n(graph_.preprocessing.std, 3, 0.5f);
    size_t stream = tokens();
    for (size_t b = 0; b < model_.blocks; ++b) {
      EncoderBlock block{model_.heads, model_.hidden, epsilon_};
      HeadMixing mixing;
      if (tensors_.has(matrix_of(b))) {
        mixing = re_attention(block_name(b) + ".attn");
        block.mixing = &mixing;
      }
      stream = encoder_block(block_name(b), stream, block);
    }
    const size_t row = add("cls", {stream}, SelectRows{0, 1}),
                 normed = layer_norm("norm", "norm", row, epsilon_);
    if (model_.classes > 0)
      output(linear("head", normed, model_.classes), "logits", OutputKind::Logits);
    else
      output(normed, "class", OutputKind::Features);
    return std::move(graph_);
  }

 private:
  size_t tokens() {
    const size_t width = model_.width, embedded = patch_embedding(model_.patch, width);
    Matrix prefix(1, width), positions(model_.patches(), width);
    std::copy_n(tensors_.take("cls_token", {1, 1, width}), width, prefix.row(0));
    const float* position = tensors_.take("pos_embed", {1, 1 + model_.patches(), width});
    for (size_t c = 0; c < width; ++c) prefix.row(0)[c] += position[c];
    std::copy_n(position + width, positions.data.size(), positions.data.begin());
    return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
  }

  // The normalisation is a factor and a shift of each mixed map.
  HeadMixing re_attention(const std::string& attn) {
    const size_t heads = model_.heads;
    const float* matrix = tensors_.take(attn + ".reatten_matrix.weight", {heads, heads, 1, 1});
    const std::vector<float> of_matrix = bias(attn + ".reatten_matrix.bias", heads),
                             gamma = tensors_.vector(attn + ".var_norm.weight", heads),
                             beta = tensors_.vector(attn + ".var_norm.bias", heads),
                             mean = tensors_.vector(attn + ".var_norm.running_mean", heads),
                             variance = tensors_.vector(attn + ".var_norm.running_var", heads);
    HeadMixing mixing;
    mixing.weights = Matrix(heads, heads);
    for (size_t g = 0; g < heads; ++g) {
      const double factor = static_cast<double>(gamma[g]) /
                            std::sqrt(static_cast<double>(variance[g]) + kNormEpsilon);
      for (size_t h = 0; h < heads; ++h)
        mixing.weights.row(g)[h] =
            static_cast<float>(factor * static_cast<double>(matrix[g * heads + h]));
      const double centred = static_cast<double>(of_matrix[g]) - static_cast<double>(mean[g]);
      mixing.shift.push_back(static_cast<float>(factor * centred + static_cast<double>(beta[g])));
    }
    return mixing;
  }

  const DeepVit& model_;
  const float epsilon_;
};

void deduce_grid(const CheckedTensors& tensors, DeepVit& model) {
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  const auto side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(rows - 1))));
  if (rows < 2 || side * side != rows - 1)
    tensors.refuse("its " + std::to_string(rows) +
                       " positions are not those of a class token and a square picture",
                   "give a model of square pictures");
  model.grid_height = model.grid_width = side;
}

void refuse_convolutions(const CheckedTensors& tensors) {
  if (tensors.has("patch_embed.conv1.weight"))
    tensors.refuse(
        "its patches are made by three convolutions (patch_embed.conv1, bn1, conv2, bn2, proj), as "
        "of DeepViT-S and L, which vitro does not compute",
        "give a DeepViT with plain patches: deepvit_patch16_224_re_attn_16b, 24b or 32b");
}

DeepVit deduce(const CheckedTensors& tensors) {
  refuse_convolutions(tensors);
  DeepVit m;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  m.width = patches[0], m.patch = patches[3];
  m.blocks = tensors.blocks();
  for (size_t b = 0; b < m.blocks; ++b) {
    if (!tensors.has(matrix_of(b))) continue;
    ++m.mixed_blocks;
    m.heads = deduce_heads(tensors, m.width, tensors.shape(matrix_of(b), 4)[0]);
  }
  if (m.mixed_blocks == 0) tensors.refuse("no block of it has re-attention (reatten_matrix)");
  deduce_grid(tensors, m);
  m.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  if (tensors.has("head.weight")) m.classes = tensors.shape("head.weight", 2)[0];
  if (m.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(m.width) + " is not a multiple of 4");
  // What heads find that are mixed is a mean of all columns at once.
  tensors.check_size("its width", m.width, kLargestHead);
  tensors.check_size("its MLP's width", m.hidden, kLargestInput);
  tensors.check_size("the number of values of a patch,", m.patch * m.patch * 3, kLargestInput);
  tensors.check_size("the number of its tokens,", 1 + m.patches(), kLargestTokens);
  return m;
}

ModelShapes shapes_of(const DeepVit& m) {
  ModelShapes out;
  out.image_size = {m.image_size(), "the picture's side by the positions", false};
  out.patch = {m.patch, "the side of the patch embedding", false};
  out.width = {m.width, "the width of the patch embedding", false};
  out.blocks = {m.blocks, "the number of blocks", false};
  out.mlp = {m.hidden, "the width of the first MLP", false};
  if (m.classes > 0) out.classes = {m.classes, "the number of rows of the head", false};
  return out;
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  NamesReport names;
  const Views views = canonical_tensors(checkpoint, naming(), &names);
  add_names(checkpoint, names, model);
  refuse_adapters(options.adapters, "DeepViT");
  refuse_image_size(options.adapters, "DeepViT");
  const NamedValues saved = options.saved(checkpoint.sha256);

  CheckedTensors tensors(checkpoint.path, naming(), views);
  const Said<float> epsilon =
      epsilon_said(options, saved, {1e-6f, "assumed: usual for DeepViT", true});
  const DeepVit deep = deduce(tensors);
  model.graph = Builder(tensors, deep, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(deep));

  for (Setting& setting : shape_settings(shapes_of(deep)))
    model.settings.push_back(std::move(setting));
  model.settings.push_back({"re_attention_blocks", std::to_string(deep.mixed_blocks),
                            "the number of reatten_matrix", false});
  model.settings.push_back(
      {"heads", std::to_string(deep.heads), "the rows of reatten_matrix", false});
  model.settings.push_back({"epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed});
  model.values["epsilon"] = {text_of(epsilon.value), epsilon.source, false};
  model.usual_for = "DeepViT";
  model.own_classes = deep.classes > 0;
  model.image_size_from = "by its positions";
  return model;
}

// timm has none.
TimmArchitecture timm_deepvit(const std::string&) { return {}; }

}  // namespace

const Family& family() {
  static const Family family{"deepvit",
                             "DeepViT with patches of one convolution",
                             {{"epsilon", "epsilon of every LayerNorm"}},
                             {},
                             timm_deepvit,
                             "",
                             naming,
                             build};
  return family;
}

}  // namespace vitro::converter::deepvit
