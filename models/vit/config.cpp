// SPDX-License-Identifier: Apache-2.0
// Deduces the configuration of a ViT; nothing but shapes and the presence of tensors is looked at.
#include "models/vit/config.h"

#include <cmath>

#include "converter/base/error.h"
#include "models/heads.h"

namespace vitro::converter::vit {
namespace {

size_t square_root(size_t n) {
  const auto root = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(n))));
  return root * root == n ? root : 0;
}

/// Of a picture of whole patches; else empty.
GridSize grid_of(PixelSize size, size_t patch) {
  if (size.width % patch != 0 || size.height % patch != 0) return {};
  return {size.height / patch, size.width / patch};
}

std::string number_of_positions(size_t rows, const VitConfig& config) {
  return "its " + std::to_string(rows) + " positions, of which " +
         std::to_string(config.class_tokens + config.registers) +
         " may be of class, distillation and register tokens, are ";
}

// Positions are of the patches, of the class tokens too (DINOv2 with registers), or of all tokens.
// No tensor tells a picture's shape: who made the model does, or the number of patches is a square.
// Squares differ by more than a few, so one will fit.
void deduce_grid(const CheckedTensors& tensors, const VitOptions& options, VitConfig& config) {
  if (!tensors.has("pos_embed"))
    tensors.refuse("tensor pos_embed is missing",
                   "give a model with learnt position embeddings: relative biases and rotary "
                   "positions but DINOv3's and EVA-02's are not computed");
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  const std::set<size_t> choices = {0, config.class_tokens, config.class_tokens + config.registers};
  const auto fits = [&](GridSize grid) {
    if (grid.patches() == 0 || rows < grid.patches() || choices.count(rows - grid.patches()) == 0)
      return false;
    config.trained_grid = grid, config.positioned = rows - grid.patches();
    return true;
  };
  if (fits(grid_of(options.trained_size, config.patch))) return;
  size_t squares = 0;
  for (const size_t positioned : choices) {
    const size_t side = rows > positioned ? square_root(rows - positioned) : 0;
    squares += fits({side, side});
  }
  if (squares == 1 || (squares == 0 && fits(grid_of(options.image_size, config.patch)))) return;
  tensors.refuse(
      number_of_positions(rows, config) + (squares == 0 ? "not those of a square picture"
                                                        : "those of more than one square picture"),
      "give the picture's height and width (--image-size 96x160), or the model's config.json");
}

void deduce_tokens(const CheckedTensors& tensors, const VitOptions& options, VitConfig& config) {
  const bool class_token = tensors.has("cls_token"), distillation_token = tensors.has("dist_token");
  if (distillation_token && !class_token)
    tensors.refuse("has a distillation token but no class token");
  config.class_tokens = (class_token ? 1 : 0) + (distillation_token ? 1 : 0);
  if (tensors.has("reg_token")) config.registers = tensors.shape("reg_token", 3)[1];
  if (distillation_token && config.registers > 0)
    tensors.refuse("has a distillation token and registers, which timm leaves out then",
                   "give another model");
  config.prompts = options.prompts.rows;
  if (config.prompts > 0 && options.prompts.cols != config.dim) {
    tensors.refuse("its width of " + std::to_string(config.dim) +
                       " is not that of the prompt tokens, " + std::to_string(options.prompts.cols),
                   "give the prompt tokens of this model");
  }
  deduce_grid(tensors, options, config);
  config.grid = config.trained_grid;
  if (options.image_size == PixelSize{}) return;
  config.resampling = options.resampling;
  config.grid = grid_of(options.image_size, config.patch);
  if (config.grid.patches() == 0) {
    const bool square = options.image_size.width == options.image_size.height;
    tensors.refuse("a picture " +
                       (square ? "of " + setting_of(options.image_size) + " pixels"
                               : text_of(options.image_size)) +
                       " is not whole patches of " + std::to_string(config.patch),
                   "give multiples of " + std::to_string(config.patch) + " (--image-size)");
  }
}

void deduce_pool(const CheckedTensors& tensors, const VitOptions& options, VitConfig& config) {
  const bool norm = tensors.has("norm.weight"), pooled_norm = tensors.has("fc_norm.weight");
  if (norm && pooled_norm) tensors.refuse("has both a norm and an fc_norm");
  if (tensors.has("attn_pool.latent")) {
    if (const size_t queries = tensors.shape("attn_pool.latent", 3)[1]; queries != 1)
      tensors.refuse("its attention pooling has " + std::to_string(queries) +
                     " queries, and not one");
    config.pool = VitPool::Attention;
    config.pool_hidden = tensors.shape("attn_pool.mlp.fc1.weight", 2)[0];
    tensors.check_size("the width of its attention pooling's MLP", config.pool_hidden,
                       kLargestInput);
    if (tensors.has("head.weight")) config.classes = tensors.shape("head.weight", 2)[0];
    return;
  }
  if (!tensors.has("head.weight")) {
    if (!norm)
      tensors.refuse("has neither a classification head nor a norm after the last block",
                     "give a complete checkpoint");
    config.pool = VitPool::None;
    return;
  }
  const std::vector<size_t>& head = tensors.shape("head.weight", 2);
  config.classes = head[0];
  const bool token = options.pooling == Pooling::Token || (options.pooling == Pooling::ByShapes &&
                                                           !pooled_norm && config.class_tokens > 0);
  if (token && config.class_tokens == 0)
    tensors.refuse("has no class token, which is what its classifier is said to read",
                   "give the configuration of this model");
  config.pool = token         ? VitPool::Token
                : pooled_norm ? VitPool::MeanThenNorm
                              : VitPool::NormThenMean;
  if (options.pooling == Pooling::ByShapes && norm && config.class_tokens == 1 &&
      head[1] == 2 * config.dim)
    config.pool = VitPool::TokenAndMean;
  config.distillation_head = tensors.has("head_dist.weight");
  if (config.distillation_head && (config.class_tokens != 2 || config.pool != VitPool::Token)) {
    tensors.refuse("has a distillation head but no distillation token that it could read");
  }
  if (config.distillation_head && pooled_norm)
    tensors.refuse("has a distillation head and an fc_norm, which timm does not apply then");
}

}  // namespace

VitConfig deduce_config(const CheckedTensors& tensors, const VitOptions& options) {
  VitConfig config;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  config.dim = patches[0], config.patch = patches[3];
  if (patches[1] != 3) {
    tensors.refuse("its pictures have " + std::to_string(patches[1]) + " channels, not 3",
                   "give a model of RGB pictures");
  }
  if (patches[2] != patches[3]) {
    tensors.refuse("its patches of " + std::to_string(patches[2]) + "x" +
                   std::to_string(patches[3]) + " are not square");
  }
  config.depth = tensors.blocks();
  config.heads = deduce_heads(tensors, config.dim, options.heads);
  config.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  if (config.hidden == 2 * tensors.shape("blocks.0.mlp.fc2.weight", 2)[1])
    config.gated = true, config.hidden /= 2;
  deduce_tokens(tensors, options, config);
  deduce_pool(tensors, options, config);
  tensors.check_size("its width", config.dim, kLargestWidth);
  tensors.check_size("its MLP's width", config.hidden, kLargestInput);
  tensors.check_size("the number of values of a patch,", config.patch * config.patch * 3,
                     kLargestInput);
  tensors.check_size("the number of its tokens,", config.prefix() + config.grid.patches(),
                     kLargestTokens);
  config.layer_scale =
      tensors.expects("blocks.0.ls1.gamma") || tensors.expects("blocks.0.ls2.gamma");
  config.norm_bias = tensors.expects("blocks.0.norm1.bias");
  return config;
}

}  // namespace vitro::converter::vit
