// SPDX-License-Identifier: Apache-2.0
#include "models/vit/agreement.h"

#include "converter/base/error.h"

namespace vitro::converter::vit {

namespace {

ModelShapes shapes_of(const VitConfig& v) {
  ModelShapes s;
  s.image_size = {{v.trained_grid.width * v.patch, v.trained_grid.height * v.patch},
                  "the picture's side by the position embeddings",
                  false};
  s.patch = {v.patch, "the side of the patch embedding", false};
  s.width = {v.dim, "the width of the patch embedding", false};
  s.blocks = {v.depth, "the number of blocks", false};
  s.mlp = {v.hidden, "the width of the first MLP", false};
  s.prefix_tokens = {v.prefix(), "the number of class, distillation, register and prompt tokens",
                     false};
  s.classes = {v.classes, "the number of rows of the head", false};
  s.registers = {v.registers, "the number of register tokens", false};
  return s;
}

const char* pooling_of(VitPool pool) {
  return pool == VitPool::None           ? "none: class token and patches are outputs"
         : pool == VitPool::Token        ? "class token"
         : pool == VitPool::Attention    ? "attention of a learnt query to the patches"
         : pool == VitPool::TokenAndMean ? "class token and mean of the patches"
                                         : "mean of the patches";
}

}  // namespace

void check_agreement(const std::string& path, const ModelConfig& config, const VitConfig& tensors,
                     bool qkv_bias) {
  check_agreement(path, config, shapes_of(tensors));
  if (config.qkv_bias && config.qkv_bias.value != qkv_bias)
    throw InputError(path,
                     config.qkv_bias.source + " is " + (config.qkv_bias.value ? "true" : "false") +
                         ", but the tensors have " + (qkv_bias ? "a" : "no") +
                         " bias of query, key and value",
                     "give files that belong together");
}

std::vector<Setting> shape_settings(const std::string& pooling, const VitConfig& tensors) {
  std::vector<Setting> out = shape_settings(shapes_of(tensors));
  out.push_back({"pooling", pooling_of(tensors.pool),
                 tensors.pool == VitPool::None        ? "shapes: there is no head"
                 : tensors.pool == VitPool::Attention ? "shapes: there is a learnt query"
                 : pooling.empty()                    ? "shapes: norms and tokens"
                                                      : pooling,
                 false});
  return out;
}

}  // namespace vitro::converter::vit
