// SPDX-License-Identifier: Apache-2.0
// DeepViT (arXiv 2103.11886): a ViT whose heads' attention maps are mixed behind softmax, and what
// comes out is normalised by a batch normalisation over heads (re-attention).
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/deepvit/names.h"
#include "models/encoder.h"
#include "models/heads.h"
#include "runtime/kernels/kernels.h"

namespace vitro::converter::deepvit {
namespace {

constexpr double kNormEpsilon = 1e-5;  // of PyTorch's batch normalisation

std::string block_name(size_t block) { return "blocks." + std::to_string(block); }
std::string matrix_of(size_t block) { return block_name(block) + ".attn.reatten_matrix.weight"; }

struct DeepVit : EncoderSizes {
  size_t grid_height = 0, grid_width = 0;
  size_t mixed_blocks = 0;  // that have re-attention

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
    size_t stream =
        class_and_patches(patch_embedding(model_.patch, model_.width), model_.patches());
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
    give_class(normed, model_.classes);
    return std::move(graph_);
  }

 private:
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
  deduce_patches(tensors, m);
  deduce_blocks(tensors, m);
  for (size_t b = 0; b < m.blocks; ++b) {
    if (!tensors.has(matrix_of(b))) continue;
    ++m.mixed_blocks;
    m.heads = deduce_heads(tensors, m.width, tensors.shape(matrix_of(b), 4)[0]);
  }
  if (m.mixed_blocks == 0) tensors.refuse("no block of it has re-attention (reatten_matrix)");
  deduce_grid(tensors, m);
  check_width(tensors, m);
  // What heads find that are mixed is a mean of all columns at once.
  tensors.check_size("its width", m.width, kLargestHead);
  check_sizes(tensors, m, 1 + m.patches());
  return m;
}

ModelShapes shapes_of(const DeepVit& m) {
  ModelShapes out = encoder_shapes(m);
  out.image_size = {m.image_size(), "the picture's side by the positions", false};
  return out;
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "DeepViT");
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const DeepVit found = deduce(tensors);
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, found, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(found));

  model.show(shapes_of(found));
  model.show("re_attention_blocks",
             {std::to_string(found.mixed_blocks), "the number of reatten_matrix"});
  model.show("heads", {std::to_string(found.heads), "the rows of reatten_matrix"});
  model.keep_epsilon(epsilon);
  model.show("activation", {"gelu", "assumed: usual for DeepViT", true});
  model.usual_for = "DeepViT";
  model.own_classes = found.classes > 0;
  model.image_size_from = "by its positions";
  return std::move(model);
}

}  // namespace

const Family& family() {
  static const Family family{"deepvit",
                             "DeepViT with patches of one convolution",
                             {{"epsilon", "epsilon of every LayerNorm"}},
                             {},
                             not_in_timm,
                             "",
                             naming,
                             build};
  return family;
}

}  // namespace vitro::converter::deepvit
