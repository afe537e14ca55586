// SPDX-License-Identifier: Apache-2.0
// Hugging Face's names of SigLIP, without `vision_model.`, which is a prefix like any other.
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Spelling& siglip_names() {
  static const Spelling names{
      "Hugging Face, as SigLIP",
      '.',
      "embeddings.patch_embedding.weight",
      {"encoder.layers."},
      nullptr,
      {
          {"embeddings.position_embedding.weight", "pos_embed", Layout::Rows},
          {"embeddings.patch_embedding.weight", "patch_embed.proj.weight"},
          {"embeddings.patch_embedding.bias", "patch_embed.proj.bias"},
          {"post_layernorm.weight", "norm.weight"},
          {"post_layernorm.bias", "norm.bias"},
          {"head.probe", "attn_pool.latent"},
          {"head.attention.in_proj_weight", "attn_pool.attn.qkv.weight"},
          {"head.attention.in_proj_bias", "attn_pool.attn.qkv.bias"},
          {"head.attention.out_proj.weight", "attn_pool.attn.proj.weight"},
          {"head.attention.out_proj.bias", "attn_pool.attn.proj.bias"},
          {"head.layernorm.weight", "attn_pool.norm.weight"},
          {"head.layernorm.bias", "attn_pool.norm.bias"},
          {"head.mlp.fc1.weight", "attn_pool.mlp.fc1.weight"},
          {"head.mlp.fc1.bias", "attn_pool.mlp.fc1.bias"},
          {"head.mlp.fc2.weight", "attn_pool.mlp.fc2.weight"},
          {"head.mlp.fc2.bias", "attn_pool.mlp.fc2.bias"},
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

}  // namespace vitro::converter::vit
