// SPDX-License-Identifier: Apache-2.0
#include "models/vit/agreement.h"

#include "converter/base/error.h"

namespace vitro::converter {

namespace {

constexpr char kTogether[] = "give files that belong together";

struct Shapes {
  Said<size_t> image_size, patch, width, blocks, mlp, classes, tokens, registers;
};

Shapes shapes_of(const VitConfig& v) {
  return {{v.trained_grid * v.patch, "the picture's side by the position embeddings", false},
          {v.patch, "the side of the patch embedding", false},
          {v.dim, "the width of the patch embedding", false},
          {v.depth, "the number of blocks", false},
          {v.hidden, "the width of the first MLP", false},
          {v.classes, "the number of rows of the head", false},
          {v.prefix(), "the number of class, distillation, register and prompt tokens", false},
          {v.registers, "the number of register tokens", false}};
}

const char* pooling_of(VitPool pool) {
  return pool == VitPool::Token          ? "class token"
         : pool == VitPool::TokenAndMean ? "class token and mean of the patches"
                                         : "mean of the patches";
}

}  // namespace

void check_agreement(const std::string& path, const ModelConfig& config, const VitConfig& tensors,
                     bool qkv_bias) {
  const Shapes s = shapes_of(tensors);
  check_agreement(path, config.image_size, s.image_size);
  check_agreement(path, config.patch, s.patch);
  check_agreement(path, config.width, s.width);
  check_agreement(path, config.depth, s.blocks);
  check_agreement(path, config.mlp, s.mlp);
  check_agreement(path, config.classes, s.classes);
  check_agreement(path, config.registers, s.registers);
  if (config.qkv_bias && config.qkv_bias.value != qkv_bias)
    throw InputError(path,
                     config.qkv_bias.source + " is " + (config.qkv_bias.value ? "true" : "false") +
                         ", but the tensors have " + (qkv_bias ? "a" : "no") +
                         " bias of query, key and value",
                     kTogether);
}

std::vector<Setting> shape_settings(const std::string& pooling, const VitConfig& tensors) {
  const Shapes s = shapes_of(tensors);
  std::vector<Setting> out;
  const auto add = [&](const char* name, const Said<size_t>& said) {
    out.push_back({name, std::to_string(said.value), "shapes: " + said.source, false});
  };
  add("image_size", s.image_size);
  add("patch", s.patch);
  add("width", s.width);
  add("blocks", s.blocks);
  add("mlp", s.mlp);
  add("prefix_tokens", s.tokens);
  add("classes", s.classes);
  out.push_back({"pooling", pooling_of(tensors.pool),
                 pooling.empty() ? "shapes: norms and tokens" : pooling, false});
  return out;
}

}  // namespace vitro::converter
