// SPDX-License-Identifier: Apache-2.0
// Whose tensors they are that no family computes: so that a refusal can say what a checkpoint is,
// not only what it is not.
#include "models/names/names.h"

namespace vitro::converter {
namespace {

struct Trait {
  std::vector<const char*> all_of;  // each is part of some name
  const char* what;
};

/// The first that fits; those that tell most come first.
const std::vector<Trait>& traits() {
  static const std::vector<Trait> all{
      {{"lora_", "base_layer."},
       "a PEFT model whose adapter is not merged (save model.merge_and_unload(), or give the base "
       "model and --lora)"},
      {{"modules_to_save."},
       "a PEFT model whose adapter is not merged (save model.merge_and_unload(), or give the base "
       "model and --lora)"},
      {{"lora_"}, "a LoRA adapter, which needs its base model (--lora)"},
      {{"absmax"}, "weights quantised by bitsandbytes (save them as float32)"},
      {{"qzeros"}, "weights quantised by GPTQ or AWQ (save them as float32)"},
      {{"weight_scale"}, "quantised weights (save them as float32)"},
      {{"text_model.", "vision_model."}, "CLIP or SigLIP, with its text model"},
      {{"visual.", "logit_scale"},
       "CLIP, with an image tower that is no ViT with a norm before it"},
      {{"vision_model.", "pre_layrnorm"}, "CLIP"},
      {{"transformer.resblocks."}, "CLIP"},
      {{"class_embedding", "positional_embedding"}, "CLIP"},
      {{"attn_pool."}, "another attention pooling than SigLIP's"},
      {{"pre_logits"}, "a representation layer between trunk and head (pre_logits)"},
      {{"conv_root/"}, "a hybrid of ResNet and ViT"},
      {{"patch_embed.backbone."}, "a hybrid of ResNet and ViT"},
      {{"meta_mlp.", "logit_scale"}, "Swin V2 as timm's swinv2_cr_*, whose positions are others"},
      {{"cpb_mlp."}, "Swin V2"},
      {{"absolute_pos_embed"}, "Swin"},
      {{"relative_position_bias_table", "downsample."}, "Swin"},
      {{"swin."}, "Swin"},
      {{"swinv2."}, "Swin V2"},
      {{"relative_position_bias_table"}, "BEiT or Swin"},
      {{"perceiver."}, "a Perceiver that does not classify pictures"},
      {{"timesformer."}, "TimeSformer without positions in time (space_only)"},
      {{"beit."}, "BEiT"},
      {{"data2vec_vision."}, "data2vec"},
      {{"q_bias", "v_bias"}, "EVA's first version, or of EVA-02 without its patch embedding"},
      {{"blocks_token_only."}, "CaiT, without talking heads or without its patch embedding"},
      {{"reatten_matrix."}, "DeepViT, without its patch embedding or with other names beside"},
      {{"token_mixing"}, "MLP-Mixer"},
      {{"relative_position_bias"}, "a ViT with relative positions"},
      {{"rel_pos."}, "a ViT with relative positions"},
      {{"rope"}, "a ViT with rotary positions that are neither DINOv3's nor EVA-02's"},
      {{"dinov3"}, "DINOv3, with other names than a ViT's"},
      {{"q_norm."}, "a ViT with normalised queries and keys"},
      {{"norm_pre."}, "CLIP's ViT (a norm before the first block)"},
      {{"convnext"}, "ConvNeXt"},
      {{"stages.", "attn.kv."}, "PVT v2"},
      {{"fusion."}, "CrossViT"},
      {{"stages.", ".dwconv."}, "ConvNeXt"},
      {{"stages.", ".conv_dw."}, "ConvNeXt"},
      {{"patch_embed1."}, "PVT or SegFormer"},
      {{"segformer."}, "SegFormer"},
      {{"levit."}, "LeViT"},
      {{"to_patch_embedding."}, "vit-pytorch (lucidrains)"},
      {{"layer1.0.conv1."}, "ResNet"},
      {{"conv_stem."}, "EfficientNet or MobileNet"},
      {{"features.0."}, "a convolutional network of torchvision"},
      {{"lm_head."}, "a language model"},
      {{"embed_tokens."}, "a language model"},
      {{"word_embeddings."}, "a language model"},
      {{"running_mean"}, "a network with batch normalisation"},
      {{"decoder."}, "an encoder with a decoder"},
  };
  return all;
}

bool is_part(const std::string& part, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::string foreign_family(const std::vector<std::string>& names) {
  for (const Trait& trait : traits()) {
    bool fits = true;
    for (const char* part : trait.all_of) fits = fits && is_part(part, names);
    if (fits) return trait.what;
  }
  return {};
}

}  // namespace vitro::converter
