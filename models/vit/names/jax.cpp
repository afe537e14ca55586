// SPDX-License-Identifier: Apache-2.0
// google-research's JAX releases: vision_transformer numbers a block's parts 0, 2, 1, 3; big_vision
// 0, 1, 0, 0, and may stack all blocks in one tensor. MAPHead_0 is SigLIP's.
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Spelling& jax_names() {
  static const Spelling names{
      "JAX",
      '/',
      "embedding/kernel",
      {"Transformer/encoderblock_"},
      "Transformer/encoderblock/",
      {
          {"cls", "cls_token"},
          {"Transformer/posembed_input/pos_embedding", "pos_embed"},
          {"pos_embedding", "pos_embed"},
          {"embedding/kernel", "patch_embed.proj.weight", Layout::Convolution},
          {"embedding/bias", "patch_embed.proj.bias"},
          {"Transformer/encoder_norm/scale", "norm.weight"},
          {"Transformer/encoder_norm/bias", "norm.bias"},
          {"MAPHead_0/probe", "attn_pool.latent"},
          {"MAPHead_0/MultiHeadDotProductAttention_0/query/kernel", "attn_pool.attn.q.weight",
           Layout::HeadsIn},
          {"MAPHead_0/MultiHeadDotProductAttention_0/query/bias", "attn_pool.attn.q.bias",
           Layout::HeadsInBias},
          {"MAPHead_0/MultiHeadDotProductAttention_0/key/kernel", "attn_pool.attn.k.weight",
           Layout::HeadsIn},
          {"MAPHead_0/MultiHeadDotProductAttention_0/key/bias", "attn_pool.attn.k.bias",
           Layout::HeadsInBias},
          {"MAPHead_0/MultiHeadDotProductAttention_0/value/kernel", "attn_pool.attn.v.weight",
           Layout::HeadsIn},
          {"MAPHead_0/MultiHeadDotProductAttention_0/value/bias", "attn_pool.attn.v.bias",
           Layout::HeadsInBias},
          {"MAPHead_0/MultiHeadDotProductAttention_0/out/kernel", "attn_pool.attn.proj.weight",
           Layout::HeadsOut},
          {"MAPHead_0/MultiHeadDotProductAttention_0/out/bias", "attn_pool.attn.proj.bias"},
          {"MAPHead_0/LayerNorm_0/scale", "attn_pool.norm.weight"},
          {"MAPHead_0/LayerNorm_0/bias", "attn_pool.norm.bias"},
          {"MAPHead_0/MlpBlock_0/Dense_0/kernel", "attn_pool.mlp.fc1.weight", Layout::Linear},
          {"MAPHead_0/MlpBlock_0/Dense_0/bias", "attn_pool.mlp.fc1.bias"},
          {"MAPHead_0/MlpBlock_0/Dense_1/kernel", "attn_pool.mlp.fc2.weight", Layout::Linear},
          {"MAPHead_0/MlpBlock_0/Dense_1/bias", "attn_pool.mlp.fc2.bias"},
      },
      {
          {"LayerNorm_0/scale", "norm1.weight"},
          {"LayerNorm_0/bias", "norm1.bias"},
          {"LayerNorm_1/scale", "norm2.weight"},
          {"LayerNorm_1/bias", "norm2.bias"},
          {"LayerNorm_2/scale", "norm2.weight"},
          {"LayerNorm_2/bias", "norm2.bias"},
          {"MultiHeadDotProductAttention_0/query/kernel", "attn.q.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_0/query/bias", "attn.q.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_0/key/kernel", "attn.k.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_0/key/bias", "attn.k.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_0/value/kernel", "attn.v.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_0/value/bias", "attn.v.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_0/out/kernel", "attn.proj.weight", Layout::HeadsOut},
          {"MultiHeadDotProductAttention_0/out/bias", "attn.proj.bias"},
          {"MultiHeadDotProductAttention_1/query/kernel", "attn.q.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_1/query/bias", "attn.q.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_1/key/kernel", "attn.k.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_1/key/bias", "attn.k.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_1/value/kernel", "attn.v.weight", Layout::HeadsIn},
          {"MultiHeadDotProductAttention_1/value/bias", "attn.v.bias", Layout::HeadsInBias},
          {"MultiHeadDotProductAttention_1/out/kernel", "attn.proj.weight", Layout::HeadsOut},
          {"MultiHeadDotProductAttention_1/out/bias", "attn.proj.bias"},
          {"MlpBlock_0/Dense_0/kernel", "mlp.fc1.weight", Layout::Linear},
          {"MlpBlock_0/Dense_0/bias", "mlp.fc1.bias"},
          {"MlpBlock_0/Dense_1/kernel", "mlp.fc2.weight", Layout::Linear},
          {"MlpBlock_0/Dense_1/bias", "mlp.fc2.bias"},
          {"MlpBlock_3/Dense_0/kernel", "mlp.fc1.weight", Layout::Linear},
          {"MlpBlock_3/Dense_0/bias", "mlp.fc1.bias"},
          {"MlpBlock_3/Dense_1/kernel", "mlp.fc2.weight", Layout::Linear},
          {"MlpBlock_3/Dense_1/bias", "mlp.fc2.bias"},
      }};
  return names;
}

}  // namespace vitro::converter::vit
