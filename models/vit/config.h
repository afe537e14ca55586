// What the shapes of a checkpoint's tensors say about a ViT, and checked access to the tensors.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/vit/names.h"
#include "models/vit/vit.h"

namespace vitro {

/// The tensors by canonical name. Keeps account of those that were taken: what nobody takes is not part of the model.
class VitTensors {
 public:
  explicit VitTensors(const Checkpoint& checkpoint) : path_(checkpoint.path), views_(canonical_tensors(checkpoint)) {}

  bool has(const std::string& name) const { return views_.count(name) != 0; }
  const std::map<std::string, TensorView>& all() const { return views_; }
  /// The shape, of `rank` dimensions, none of which is 0. Throws InputError if the tensor is missing or otherwise.
  const std::vector<size_t>& shape(const std::string& name, size_t rank) const;
  /// The data. Throws InputError if the tensor is missing or its shape is another one.
  const float* take(const std::string& name, const std::vector<size_t>& shape);
  void refuse_untaken() const;
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const;

 private:
  const TensorView& find(const std::string& name) const;

  std::string path_;
  std::map<std::string, TensorView> views_;
  std::set<std::string> taken_;
};

enum class VitPool {
  Token,         // LayerNorm of the class token (and of the distillation token)
  NormThenMean,  // LayerNorm of all tokens, then the mean of the patches
  MeanThenNorm,  // timm's fc_norm: the mean of the patches, then LayerNorm
};

struct VitConfig {
  size_t dim = 0, depth = 0, heads = 0, hidden = 0, classes = 0;
  size_t patch = 0;   // pixels, square
  size_t grid = 0;    // patches a side
  size_t prefix = 0;  // tokens before the patches: 0, 1 (class) or 2 (and distillation)
  VitPool pool = VitPool::Token;
  bool prefix_positions = false;  // false: only patches have a position
  bool qkv_bias = false, layer_scale = false, distillation_head = false;
};

/// Throws InputError if the shapes contradict a ViT, or if the runtime could not execute it.
VitConfig deduce_config(const VitTensors& tensors, const VitOptions& options);

}  // namespace vitro
