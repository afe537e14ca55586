// SPDX-License-Identifier: Apache-2.0
// timm's names, and facebookresearch's, which are the same but for LayerScale (DeiT-III),
// registers, SwiGLU and chunks of blocks (DINOv2: blocks.CHUNK.BLOCK).
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Spelling& timm_names() {
  static const Spelling names{"timm",
                              '.',
                              "patch_embed.proj.weight",
                              {"blocks."},
                              nullptr,
                              {
                                  {"cls_token", "cls_token"},
                                  {"dist_token", "dist_token"},
                                  {"reg_token", "reg_token"},
                                  {"register_tokens", "reg_token"},
                                  {"pos_embed", "pos_embed"},
                                  {"patch_embed.proj.weight", "patch_embed.proj.weight"},
                                  {"patch_embed.proj.bias", "patch_embed.proj.bias"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                                  {"fc_norm.weight", "fc_norm.weight"},
                                  {"fc_norm.bias", "fc_norm.bias"},
                                  {"attn_pool.latent", "attn_pool.latent"},
                                  {"attn_pool.q.weight", "attn_pool.attn.q.weight"},
                                  {"attn_pool.q.bias", "attn_pool.attn.q.bias"},
                                  {"attn_pool.kv.weight", "attn_pool.attn.kv.weight"},
                                  {"attn_pool.kv.bias", "attn_pool.attn.kv.bias"},
                                  {"attn_pool.proj.weight", "attn_pool.attn.proj.weight"},
                                  {"attn_pool.proj.bias", "attn_pool.attn.proj.bias"},
                                  {"attn_pool.norm.weight", "attn_pool.norm.weight"},
                                  {"attn_pool.norm.bias", "attn_pool.norm.bias"},
                                  {"attn_pool.mlp.fc1.weight", "attn_pool.mlp.fc1.weight"},
                                  {"attn_pool.mlp.fc1.bias", "attn_pool.mlp.fc1.bias"},
                                  {"attn_pool.mlp.fc2.weight", "attn_pool.mlp.fc2.weight"},
                                  {"attn_pool.mlp.fc2.bias", "attn_pool.mlp.fc2.bias"},
                              },
                              timm_block({{"attn.q.weight", "attn.q.weight"},
                                          {"attn.q.bias", "attn.q.bias"},
                                          {"attn.k.weight", "attn.k.weight"},
                                          {"attn.k.bias", "attn.k.bias"},
                                          {"attn.v.weight", "attn.v.weight"},
                                          {"attn.v.bias", "attn.v.bias"},
                                          {"mlp.w12.weight", "mlp.fc1.weight"},
                                          {"mlp.w12.bias", "mlp.fc1.bias"},
                                          {"mlp.w3.weight", "mlp.fc2.weight"},
                                          {"mlp.w3.bias", "mlp.fc2.bias"},
                                          {"ls1.gamma", "ls1.gamma"},
                                          {"ls2.gamma", "ls2.gamma"},
                                          {"gamma_1", "ls1.gamma"},
                                          {"gamma_2", "ls2.gamma"}})};
  return names;
}

}  // namespace vitro::converter::vit
