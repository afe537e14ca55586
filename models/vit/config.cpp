// Deduces the configuration of a ViT; nothing but shapes and the presence of tensors is looked at.
#include "models/vit/config.h"

#include <cmath>

#include "converter/error.h"
#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

constexpr char kRemedy[] = "give a plain ViT or DeiT classifier";

// The runtime's limits, as its verifier has them: of layer_norm, of a linear's inputs, of attention.
constexpr size_t kLargestWidth = 4096, kLargestInput = 32768, kLargestTokens = 32768;

std::string text_of(const std::vector<size_t>& shape) {
  std::string text = "[";
  for (const size_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

size_t square_root(size_t n) {
  const auto root = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(n))));
  return root * root == n ? root : 0;
}

size_t deduce_depth(const VitTensors& tensors) {
  std::set<int> numbers;
  for (const auto& named : tensors.all()) numbers.insert(block_number(named.first));
  numbers.erase(-1);
  if (numbers.empty()) tensors.refuse("has no transformer blocks", kRemedy);
  int expected = 0;
  for (const int number : numbers) {
    if (number != expected) {
      tensors.refuse("has block " + std::to_string(number) + " but no block " + std::to_string(expected),
                     "the checkpoint is incomplete: save the whole model");
    }
    ++expected;
  }
  return numbers.size();
}

size_t deduce_heads(const VitTensors& tensors, size_t dim, size_t asked) {
  const bool wide = dim == 1280 || dim == 1408 || dim == 1664;  // ViT-H, g and G, whose heads are wider than 64
  const size_t heads = asked ? asked : wide ? 16 : dim % 64 == 0 ? dim / 64 : 0;
  if (heads == 0) tensors.refuse("the number of heads cannot be told from its width of " + std::to_string(dim), "give it (--heads)");
  if (dim % heads != 0) {
    tensors.refuse("its width of " + std::to_string(dim) + " does not divide into " + std::to_string(heads) + " heads", "give another number of heads (--heads)");
  }
  if (dim / heads > kLargestHead) {
    tensors.refuse("its heads of " + std::to_string(dim / heads) + " channels are wider than the " + std::to_string(kLargestHead) + " that attention takes",
                   "give the number of heads (--heads)");
  }
  return heads;
}

void deduce_tokens(const VitTensors& tensors, VitConfig& config) {
  const bool class_token = tensors.has("cls_token"), distillation_token = tensors.has("dist_token");
  if (distillation_token && !class_token) tensors.refuse("has a distillation token but no class token", kRemedy);
  config.prefix = (class_token ? 1 : 0) + (distillation_token ? 1 : 0);
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  // No two squares differ by 1 or 2 (but 0 and 1), so that at most one of these is one.
  config.grid = rows > config.prefix ? square_root(rows - config.prefix) : 0;
  config.prefix_positions = config.grid != 0;
  if (config.grid == 0) config.grid = square_root(rows);
  if (config.grid == 0) {
    tensors.refuse("its " + std::to_string(rows) + " positions, of which " + std::to_string(config.prefix) +
                       " may be of class and distillation tokens, are not those of a square picture",
                   "give a model of square pictures");
  }
}

void deduce_pool(const VitTensors& tensors, VitConfig& config) {
  const bool norm = tensors.has("norm.weight"), pooled_norm = tensors.has("fc_norm.weight");
  if (norm && pooled_norm) tensors.refuse("has both a norm and an fc_norm", kRemedy);
  config.pool = pooled_norm ? VitPool::MeanThenNorm : config.prefix > 0 ? VitPool::Token : VitPool::NormThenMean;
  if (!tensors.has("head.weight")) {
    tensors.refuse("has no classification head (head.weight or classifier.weight)", "give a checkpoint that was trained to classify");
  }
  config.classes = tensors.shape("head.weight", 2)[0];
  config.distillation_head = tensors.has("head_dist.weight");
  if (config.distillation_head && (config.prefix != 2 || config.pool != VitPool::Token)) {
    tensors.refuse("has a distillation head but no distillation token that it could read", kRemedy);
  }
}

void check_size(const VitTensors& tensors, const char* what, size_t size, size_t largest) {
  if (size > largest) tensors.refuse(std::string(what) + " of " + std::to_string(size) + " is beyond the runtime's " + std::to_string(largest), "give a smaller model");
}

}  // namespace

void VitTensors::refuse(const std::string& fault, const std::string& remedy) const { throw InputError(path_, fault, remedy); }

const TensorView& VitTensors::find(const std::string& name) const {
  const auto at = views_.find(name);
  if (at == views_.end()) refuse("tensor " + name + " is missing", "give a complete checkpoint of a ViT or DeiT");
  return at->second;
}

const std::vector<size_t>& VitTensors::shape(const std::string& name, size_t rank) const {
  const TensorView& view = find(name);
  bool good = view.shape.size() == rank;
  for (const size_t n : view.shape) good = good && n > 0;
  if (!good) {
    refuse("tensor " + view.source + " should have " + std::to_string(rank) + " dimensions of at least 1, found " + text_of(view.shape),
           kRemedy);
  }
  return view.shape;
}

const float* VitTensors::take(const std::string& name, const std::vector<size_t>& shape) {
  const TensorView& view = find(name);
  if (view.shape != shape) {
    // Of a fused qkv the canonical name tells which third is meant, and why the shape is a third of the file's.
    refuse("tensor " + view.source + (view.part ? " (its part " + name + ")" : "") + ": expected shape " + text_of(shape) + ", found " +
               text_of(view.shape),
           kRemedy);
  }
  taken_.insert(name);
  return view.data;
}

void VitTensors::refuse_untaken() const {
  std::string names;
  size_t count = 0;
  for (const auto& [name, view] : views_) {
    if (taken_.count(name) == 0 && count++ < 5) names += (names.empty() ? "" : ", ") + view.source;
  }
  if (count > 0) {
    refuse("has " + std::to_string(count) + " superfluous tensor" + (count == 1 ? "" : "s") + ": " + names + (count > 5 ? ", ..." : ""),
           kRemedy);
  }
}

VitConfig deduce_config(const VitTensors& tensors, const VitOptions& options) {
  VitConfig config;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  config.dim = patches[0], config.patch = patches[3];
  if (patches[1] != 3) {
    tensors.refuse("its pictures have " + std::to_string(patches[1]) + " channels, not 3", "give a model of RGB pictures");
  }
  if (patches[2] != patches[3]) {
    tensors.refuse("its patches of " + std::to_string(patches[2]) + "x" + std::to_string(patches[3]) + " are not square", kRemedy);
  }
  config.depth = deduce_depth(tensors);
  config.heads = deduce_heads(tensors, config.dim, options.heads);
  config.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  deduce_tokens(tensors, config);
  deduce_pool(tensors, config);
  check_size(tensors, "its width", config.dim, kLargestWidth);
  check_size(tensors, "its MLP's width", config.hidden, kLargestInput);
  check_size(tensors, "the number of values of a patch,", config.patch * config.patch * 3, kLargestInput);
  check_size(tensors, "the number of its tokens,", config.prefix + config.grid * config.grid, kLargestTokens);
  // What one block has, every block must have.
  for (const auto& named : tensors.all()) {
    const std::string& name = named.first;
    if (block_number(name) < 0) continue;
    for (const char* bias : {".attn.q.bias", ".attn.k.bias", ".attn.v.bias"}) {
      config.qkv_bias = config.qkv_bias || name.find(bias) != std::string::npos;
    }
    for (const char* gamma : {".ls1.gamma", ".ls2.gamma"}) {
      config.layer_scale = config.layer_scale || name.find(gamma) != std::string::npos;
    }
  }
  return config;
}

}  // namespace vitro
