// Translates timm's and Hugging Face's tensor names; only names that are known pass.
#include "models/vit/names.h"

#include <algorithm>

#include "converter/error.h"

namespace vitro {
namespace {

constexpr size_t kListedNames = 5;

struct Pair {
  const char* source;
  const char* canonical;
};

constexpr Pair kTimmModel[] = {
    {"cls_token", "cls_token"},
    {"dist_token", "dist_token"},
    {"pos_embed", "pos_embed"},
    {"patch_embed.proj.weight", "patch_embed.proj.weight"},
    {"patch_embed.proj.bias", "patch_embed.proj.bias"},
    {"norm.weight", "norm.weight"},
    {"norm.bias", "norm.bias"},
    {"fc_norm.weight", "fc_norm.weight"},
    {"fc_norm.bias", "fc_norm.bias"},
    {"head.weight", "head.weight"},
    {"head.bias", "head.bias"},
    {"head_dist.weight", "head_dist.weight"},
    {"head_dist.bias", "head_dist.bias"},
};

constexpr Pair kTimmBlock[] = {
    {"norm1.weight", "norm1.weight"},         {"norm1.bias", "norm1.bias"},
    {"norm2.weight", "norm2.weight"},         {"norm2.bias", "norm2.bias"},
    {"attn.qkv.weight", "attn.qkv.weight"},   {"attn.qkv.bias", "attn.qkv.bias"},
    {"attn.proj.weight", "attn.proj.weight"}, {"attn.proj.bias", "attn.proj.bias"},
    {"mlp.fc1.weight", "mlp.fc1.weight"},     {"mlp.fc1.bias", "mlp.fc1.bias"},
    {"mlp.fc2.weight", "mlp.fc2.weight"},     {"mlp.fc2.bias", "mlp.fc2.bias"},
    {"ls1.gamma", "ls1.gamma"},               {"ls2.gamma", "ls2.gamma"},
};

constexpr Pair kHuggingFaceModel[] = {
    {"embeddings.cls_token", "cls_token"},
    {"embeddings.distillation_token", "dist_token"},
    {"embeddings.position_embeddings", "pos_embed"},
    {"embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"},
    {"embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"},
    {"layernorm.weight", "norm.weight"},
    {"layernorm.bias", "norm.bias"},
};

constexpr Pair kHuggingFaceHead[] = {
    {"classifier.weight", "head.weight"},
    {"classifier.bias", "head.bias"},
    {"cls_classifier.weight", "head.weight"},
    {"cls_classifier.bias", "head.bias"},
    {"distillation_classifier.weight", "head_dist.weight"},
    {"distillation_classifier.bias", "head_dist.bias"},
};

constexpr Pair kHuggingFaceBlock[] = {
    {"layernorm_before.weight", "norm1.weight"},
    {"layernorm_before.bias", "norm1.bias"},
    {"layernorm_after.weight", "norm2.weight"},
    {"layernorm_after.bias", "norm2.bias"},
    {"attention.attention.query.weight", "attn.q.weight"},
    {"attention.attention.query.bias", "attn.q.bias"},
    {"attention.attention.key.weight", "attn.k.weight"},
    {"attention.attention.key.bias", "attn.k.bias"},
    {"attention.attention.value.weight", "attn.v.weight"},
    {"attention.attention.value.bias", "attn.v.bias"},
    {"attention.output.dense.weight", "attn.proj.weight"},
    {"attention.output.dense.bias", "attn.proj.bias"},
    {"intermediate.dense.weight", "mlp.fc1.weight"},
    {"intermediate.dense.bias", "mlp.fc1.bias"},
    {"output.dense.weight", "mlp.fc2.weight"},
    {"output.dense.bias", "mlp.fc2.bias"},
};

bool starts_with(const std::string& text, const std::string& prefix) { return text.compare(0, prefix.size(), prefix) == 0; }

template <size_t n>
std::string look_up(const Pair (&pairs)[n], const std::string& source) {
  for (const Pair& pair : pairs) {
    if (source == pair.source) return pair.canonical;
  }
  return {};
}

/// `name` is prefix, a block number, a dot, a rest: "blocks.N." and what the pairs make of the rest.
template <size_t n>
std::string look_up_block(const Pair (&pairs)[n], const std::string& prefix, const std::string& name) {
  const size_t dot = name.find('.', prefix.size());
  if (!starts_with(name, prefix) || dot == std::string::npos) return {};
  const std::string number = name.substr(prefix.size(), dot - prefix.size());
  const bool digits = std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number.empty() || number.size() > 4 || !digits || (number[0] == '0' && number.size() > 1)) return {};
  const std::string rest = look_up(pairs, name.substr(dot + 1));
  return rest.empty() ? rest : "blocks." + number + "." + rest;
}

std::string canonical_name(const std::string& name) {
  for (const std::string prefix : {"vit.", "deit."}) {
    if (!starts_with(name, prefix)) continue;
    const std::string found = look_up(kHuggingFaceModel, name.substr(prefix.size()));
    return found.empty() ? look_up_block(kHuggingFaceBlock, prefix + "encoder.layer.", name) : found;
  }
  std::string found = look_up(kTimmModel, name);
  if (found.empty()) found = look_up(kHuggingFaceHead, name);
  return found.empty() ? look_up_block(kTimmBlock, "blocks.", name) : found;
}

}  // namespace

int block_number(const std::string& canonical) {
  return starts_with(canonical, "blocks.") ? std::stoi(canonical.substr(7)) : -1;
}

std::map<std::string, TensorView> canonical_tensors(const Checkpoint& checkpoint) {
  std::map<std::string, TensorView> views;
  const auto insert = [&](const std::string& name, const TensorView& view) {
    const auto [at, fresh] = views.emplace(name, view);
    if (!fresh) {
      throw InputError(checkpoint.path, "tensors " + at->second.source + " and " + view.source + " are the same part of a ViT",
                       "remove one of them");
    }
  };
  std::string unknown;
  size_t unknown_count = 0;
  for (const auto& [source, tensor] : checkpoint.tensors) {
    const std::string name = canonical_name(source);
    const TensorView whole{source, tensor.shape, tensor.data.data()};
    const size_t fused = name.find(".attn.qkv.");
    if (name.empty()) {
      if (unknown_count++ < kListedNames) unknown += (unknown.empty() ? "" : ", ") + source;
    } else if (fused == std::string::npos) {
      insert(name, whole);
    } else {
      if (tensor.shape.empty() || tensor.shape[0] % 3 != 0) {
        throw InputError(checkpoint.path, "tensor " + source + " does not consist of three equal parts for q, k and v",
                         "give a checkpoint of a plain ViT or DeiT");
      }
      for (size_t part = 0; part < 3; ++part) {
        TensorView third = whole;
        third.shape[0] /= 3;
        third.data += part * (tensor.data.size() / 3);
        insert(name.substr(0, fused) + ".attn." + "qkv"[part] + name.substr(fused + 9), third);
      }
    }
  }
  if (unknown_count > 0) {
    throw InputError(checkpoint.path,
                     "has " + std::to_string(unknown_count) + (unknown_count == 1 ? " tensor" : " tensors") +
                         " unknown in a ViT or DeiT: " + unknown + (unknown_count > kListedNames ? ", ..." : ""),
                     "give a plain ViT or DeiT classifier with the tensor names of timm or Hugging Face transformers");
  }
  return views;
}

}  // namespace vitro
