// SPDX-License-Identifier: Apache-2.0
#include "models/clip/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::clip {
namespace {

// OpenCLIP's and OpenAI's, without `visual.`, which is a prefix like any other.
const Spelling& open_clip_names() {
  static const Spelling names{"OpenCLIP",
                              '.',
                              "conv1.weight",
                              {"transformer.resblocks."},
                              nullptr,
                              {
                                  {"class_embedding", "cls_token"},
                                  {"positional_embedding", "pos_embed"},
                                  {"conv1.weight", "patch_embed.proj.weight"},
                                  {"ln_pre.weight", "norm_pre.weight"},
                                  {"ln_pre.bias", "norm_pre.bias"},
                                  {"ln_post.weight", "norm.weight"},
                                  {"ln_post.bias", "norm.bias"},
                                  {"proj", "head.weight", Layout::Linear},
                              },
                              {
                                  {"ln_1.weight", "norm1.weight"},
                                  {"ln_1.bias", "norm1.bias"},
                                  {"ln_2.weight", "norm2.weight"},
                                  {"ln_2.bias", "norm2.bias"},
                                  {"attn.in_proj_weight", "attn.qkv.weight"},
                                  {"attn.in_proj_bias", "attn.qkv.bias"},
                                  {"attn.out_proj.weight", "attn.proj.weight"},
                                  {"attn.out_proj.bias", "attn.proj.bias"},
                                  {"mlp.c_fc.weight", "mlp.fc1.weight"},
                                  {"mlp.c_fc.bias", "mlp.fc1.bias"},
                                  {"mlp.c_proj.weight", "mlp.fc2.weight"},
                                  {"mlp.c_proj.bias", "mlp.fc2.bias"},
                                  {"ls_1.gamma", "ls1.gamma"},
                                  {"ls_2.gamma", "ls2.gamma"},
                              }};
  return names;
}

// Without `vision_model.`, which transformers 5 leaves out where the tower is saved alone.
const Spelling& hugging_face_names() {
  static const Spelling names{"Hugging Face",
                              '.',
                              "embeddings.patch_embedding.weight",
                              {"encoder.layers."},
                              nullptr,
                              {
                                  {"embeddings.class_embedding", "cls_token"},
                                  {"embeddings.position_embedding.weight", "pos_embed"},
                                  {"embeddings.patch_embedding.weight", "patch_embed.proj.weight"},
                                  {"pre_layrnorm.weight", "norm_pre.weight"},
                                  {"pre_layrnorm.bias", "norm_pre.bias"},
                                  {"post_layernorm.weight", "norm.weight"},
                                  {"post_layernorm.bias", "norm.bias"},
                              },
                              {
                                  {"layer_norm1.weight", "norm1.weight"},
                                  {"layer_norm1.bias", "norm1.bias"},
                                  {"layer_norm2.weight", "norm2.weight"},
                                  {"layer_norm2.bias", "norm2.bias"},
                                  {"self_attn.q_proj.weight", "attn.q.weight"},
                                  {"self_attn.q_proj.bias", "attn.q.bias"},
                                  {"self_attn.k_proj.weight", "attn.k.weight"},
                                  {"self_attn.k_proj.bias", "attn.k.bias"},
                                  {"self_attn.v_proj.weight", "attn.v.weight"},
                                  {"self_attn.v_proj.bias", "attn.v.bias"},
                                  {"self_attn.out_proj.weight", "attn.proj.weight"},
                                  {"self_attn.out_proj.bias", "attn.proj.bias"},
                                  {"mlp.fc1.weight", "mlp.fc1.weight"},
                                  {"mlp.fc1.bias", "mlp.fc1.bias"},
                                  {"mlp.fc2.weight", "mlp.fc2.weight"},
                                  {"mlp.fc2.bias", "mlp.fc2.bias"},
                              }};
  return names;
}

const Spelling& timm_names() {
  static const Spelling names{"timm",
                              '.',
                              "patch_embed.proj.weight",
                              {"blocks."},
                              nullptr,
                              {
                                  {"cls_token", "cls_token"},
                                  {"pos_embed", "pos_embed"},
                                  {"patch_embed.proj.weight", "patch_embed.proj.weight"},
                                  {"norm_pre.weight", "norm_pre.weight"},
                                  {"norm_pre.bias", "norm_pre.bias"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                              },
                              timm_block({{"ls1.gamma", "ls1.gamma"}, {"ls2.gamma", "ls2.gamma"}})};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{
      "CLIP's image tower",
      "CLIP's image tower, a ViT with a norm before its blocks",
      {&open_clip_names(), &hugging_face_names(), &timm_names()},
      "norm_pre.weight",
      {"visual_projection"},
      // The text tower, in OpenCLIP's and in Hugging Face's names.
      {"transformer.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection",
       "text_model.", "text_projection.", "logit_scale", "logit_bias", "attn_mask"}};
  return naming;
}

}  // namespace vitro::converter::clip
