// SPDX-License-Identifier: Apache-2.0
#include "tests/support/spellings.h"

#include <utility>

namespace vitro {

using namespace converter;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The checkpoint with other names: in each name, the first text of every pair is replaced by the
/// second, in order.
Checkpoint renamed(const Checkpoint& checkpoint, const Pairs& pairs) {
  Checkpoint result;
  result.path = checkpoint.path;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    std::string text = name;
    for (const auto& [from, to] : pairs) {
      const size_t at = text.find(from);
      if (at != std::string::npos) text.replace(at, from.size(), to);
    }
    result.tensors[text] = tensor;
  }
  return result;
}

const Pairs kTransformers5{{"encoder.layer.", "layers."},
                           {"attention.attention.query", "attention.q_proj"},
                           {"attention.attention.key", "attention.k_proj"},
                           {"attention.attention.value", "attention.v_proj"},
                           {"attention.output.dense", "attention.o_proj"},
                           {"intermediate.dense", "mlp.fc1"},
                           {"output.dense", "mlp.fc2"}};
const Pairs kTorchvision{{"cls_token", "class_token"},
                         {"pos_embed", "encoder.pos_embedding"},
                         {"patch_embed.proj", "conv_proj"},
                         {"norm1", "ln_1"},
                         {"norm2", "ln_2"},
                         {"norm.", "encoder.ln."},
                         {"attn.qkv.", "self_attention.in_proj_"},
                         {"attn.proj", "self_attention.out_proj"},
                         {"mlp.fc1", "mlp.0"},
                         {"mlp.fc2", "mlp.3"},
                         {"blocks.", "encoder.layers.encoder_layer_"},
                         {"head.", "heads.head."}};

/// A permutation: result[to(i)] = data[i], where i and to(i) count all elements of the shape.
template <class To>
CheckpointTensor permuted(const CheckpointTensor& tensor, const std::vector<size_t>& shape,
                          const To& to) {
  CheckpointTensor result{shape, std::vector<float>(tensor.data.size())};
  for (size_t i = 0; i < tensor.data.size(); ++i) result.data[to(i)] = tensor.data[i];
  return result;
}

CheckpointTensor transposed(const CheckpointTensor& t, const std::vector<size_t>& shape) {
  const size_t rows = t.shape[0], cols = t.data.size() / rows;
  return permuted(t, shape, [&](size_t i) { return i % cols * rows + i / cols; });
}

CheckpointTensor part_of(const CheckpointTensor& fused, size_t part) {
  CheckpointTensor result{fused.shape, {}};
  result.shape[0] /= 3;
  const size_t size = fused.data.size() / 3;
  result.data.assign(fused.data.begin() + static_cast<std::ptrdiff_t>(part * size),
                     fused.data.begin() + static_cast<std::ptrdiff_t>((part + 1) * size));
  return result;
}

/// The checkpoint as google-research/vision_transformer saves it, or as big_vision does.
Checkpoint jax(const Checkpoint& timm, size_t heads, bool big_vision) {
  Checkpoint result;
  result.path = timm.path;
  const std::string attention =
      std::string("MultiHeadDotProductAttention_") + (big_vision ? "0/" : "1/");
  const std::string mlp = std::string("MlpBlock_") + (big_vision ? "0/" : "3/");
  for (const auto& [name, t] : timm.tensors) {
    const bool weight = name.size() > 6 && name.compare(name.size() - 6, 6, "weight") == 0;
    const std::string kind = weight ? "/kernel" : "/bias", scale = weight ? "/scale" : "/bias";
    if (name == "cls_token") {
      result.tensors["cls"] = t;
    } else if (name == "pos_embed") {
      result.tensors[big_vision ? "pos_embedding" : "Transformer/posembed_input/pos_embedding"] = t;
    } else if (name == "patch_embed.proj.weight") {
      const size_t area = t.shape[2] * t.shape[3], in = t.shape[1], out = t.shape[0];
      result.tensors["embedding/kernel"] = permuted(
          t, {t.shape[2], t.shape[3], in, out},
          [&](size_t i) { return (i % area * in + i / area % in) * out + i / (area * in); });
    } else if (name == "patch_embed.proj.bias") {
      result.tensors["embedding/bias"] = t;
    } else if (name.compare(0, 5, "norm.") == 0) {
      result.tensors["Transformer/encoder_norm" + scale] = t;
    } else if (name.compare(0, 5, "head.") == 0) {
      result.tensors["head" + kind] = weight ? transposed(t, {t.shape[1], t.shape[0]}) : t;
    } else {
      const size_t dot = name.find('.', 7);
      const std::string block = "Transformer/encoderblock_" + name.substr(7, dot - 7) + "/",
                        rest = name.substr(dot + 1);
      if (rest.compare(0, 8, "attn.qkv") == 0) {
        for (size_t part = 0; part < 3; ++part) {
          const CheckpointTensor third = part_of(t, part);
          const size_t dim = third.shape[0];
          const std::string to = block + attention +
                                 (part == 0   ? "query"
                                  : part == 1 ? "key"
                                              : "value") +
                                 kind;
          result.tensors[to] = weight ? transposed(third, {dim, heads, dim / heads})
                                      : CheckpointTensor{{heads, dim / heads}, third.data};
        }
      } else if (rest.compare(0, 9, "attn.proj") == 0) {
        const size_t dim = t.shape[0];
        result.tensors[block + attention + "out" + kind] =
            weight ? transposed(t, {heads, dim / heads, dim}) : t;
      } else if (rest.compare(0, 4, "norm") == 0) {
        result.tensors[block +
                       (rest[4] == '1' ? "LayerNorm_0"
                        : big_vision   ? "LayerNorm_1"
                                       : "LayerNorm_2") +
                       scale] = t;
      } else {
        result.tensors[block + mlp + (rest[6] == '1' ? "Dense_0" : "Dense_1") + kind] =
            weight ? transposed(t, {t.shape[1], t.shape[0]}) : t;
      }
    }
  }
  return result;
}

/// The checkpoint with big_vision's scan over blocks: each tensor holds those of all blocks.
Checkpoint stacked(const Checkpoint& checkpoint) {
  Checkpoint result;
  result.path = checkpoint.path;
  const std::string folder = "Transformer/encoderblock_";
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.compare(0, folder.size(), folder) != 0) {
      result.tensors[name] = tensor;
      continue;
    }
    CheckpointTensor& stack =
        result.tensors["Transformer/encoderblock" + name.substr(name.find('/', folder.size()))];
    if (stack.shape.empty()) {
      stack.shape = tensor.shape;
      stack.shape.insert(stack.shape.begin(), 0);
    }
    ++stack.shape[0];
    stack.data.insert(stack.data.end(), tensor.data.begin(), tensor.data.end());
  }
  return result;
}

}  // namespace

Checkpoint with_prefix(const Checkpoint& checkpoint, const std::string& prefix) {
  Checkpoint result;
  result.path = checkpoint.path;
  for (const auto& [name, tensor] : checkpoint.tensors) result.tensors[prefix + name] = tensor;
  return result;
}

std::vector<Spelled> spellings_of(const RandomVit& vit) {
  RandomVit options = vit;
  options.names = NamingStyle::Timm;
  const Checkpoint timm = make_checkpoint(options);
  std::vector<Spelled> all{
      {"timm", timm},
      {"DeiT-III", renamed(timm, {{"ls1.gamma", "gamma_1"}, {"ls2.gamma", "gamma_2"}})},
      {"chunks of blocks", renamed(timm, {{"blocks.", "blocks.0."}})},
      {"head named fc", renamed(timm, {{"head.", "fc."}})},
      {"head in a sequence", renamed(timm, {{"head.", "top.1."}})},
      {"backbone, head beside",
       renamed(with_prefix(timm, "model.backbone."), {{"model.backbone.head", "model.head"}})},
      {"backbone, outer classifier",
       renamed(with_prefix(timm, "backbone."), {{"backbone.head.", "classifier."}})}};
  for (const char* prefix : {"module.", "model.", "_orig_mod.", "module._orig_mod.", "backbone.",
                             "timm_model.", "base_model.model.", "encoder.", "a.b.c.d."}) {
    all.push_back({std::string("timm in ") + prefix, with_prefix(timm, prefix)});
  }
  const bool plain = !vit.mean_pooling && !vit.layer_scale;
  if (plain) {
    options.names = NamingStyle::HuggingFace;
    const Checkpoint released = make_checkpoint(options);
    const Pairs no_prefix{{"vit.", ""}, {"deit.", ""}};
    all.push_back({"Hugging Face", released});
    all.push_back({"transformers 5", renamed(released, kTransformers5)});
    all.push_back({"Hugging Face without prefix", renamed(released, no_prefix)});
    all.push_back(
        {"transformers 5 without prefix", renamed(renamed(released, kTransformers5), no_prefix)});
    all.push_back({"Hugging Face in module.", with_prefix(released, "module.")});
  }
  if (plain && !vit.distillation && vit.class_token && vit.qkv_bias && vit.prefix_positions) {
    const Checkpoint torchvision = renamed(timm, kTorchvision);
    all.push_back({"torchvision", torchvision});
    all.push_back({"torchvision of before 0.13",
                   renamed(torchvision, {{"mlp.0", "mlp.linear_1"}, {"mlp.3", "mlp.linear_2"}})});
    all.push_back(
        {"torchvision, head replaced", renamed(torchvision, {{"heads.head.", "heads."}})});
    all.push_back({"torchvision in module.", with_prefix(torchvision, "module.")});
    all.push_back({"JAX", jax(timm, vit.heads, false)});
    all.push_back({"JAX with optimizer", with_prefix(jax(timm, vit.heads, false), "opt/target/")});
    all.push_back({"big_vision", with_prefix(jax(timm, vit.heads, true), "params/")});
    all.push_back(
        {"big_vision, stacked", with_prefix(stacked(jax(timm, vit.heads, true)), "params/img/")});
  }
  return all;
}

}  // namespace vitro
