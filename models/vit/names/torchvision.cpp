// SPDX-License-Identifier: Apache-2.0
// torchvision's names (vit_b_16 and its like): mlp.0 and mlp.3 today, mlp.linear_1 and mlp.linear_2
// in files of before 0.13.
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Spelling& torchvision_names() {
  static const Spelling names{"torchvision",
                              '.',
                              "conv_proj.weight",
                              {"encoder.layers.encoder_layer_"},
                              nullptr,
                              {
                                  {"class_token", "cls_token"},
                                  {"encoder.pos_embedding", "pos_embed"},
                                  {"conv_proj.weight", "patch_embed.proj.weight"},
                                  {"conv_proj.bias", "patch_embed.proj.bias"},
                                  {"encoder.ln.weight", "norm.weight"},
                                  {"encoder.ln.bias", "norm.bias"},
                              },
                              {
                                  {"ln_1.weight", "norm1.weight"},
                                  {"ln_1.bias", "norm1.bias"},
                                  {"ln_2.weight", "norm2.weight"},
                                  {"ln_2.bias", "norm2.bias"},
                                  {"self_attention.in_proj_weight", "attn.qkv.weight"},
                                  {"self_attention.in_proj_bias", "attn.qkv.bias"},
                                  {"self_attention.out_proj.weight", "attn.proj.weight"},
                                  {"self_attention.out_proj.bias", "attn.proj.bias"},
                                  {"mlp.0.weight", "mlp.fc1.weight"},
                                  {"mlp.0.bias", "mlp.fc1.bias"},
                                  {"mlp.3.weight", "mlp.fc2.weight"},
                                  {"mlp.3.bias", "mlp.fc2.bias"},
                                  {"mlp.linear_1.weight", "mlp.fc1.weight"},
                                  {"mlp.linear_1.bias", "mlp.fc1.bias"},
                                  {"mlp.linear_2.weight", "mlp.fc2.weight"},
                                  {"mlp.linear_2.bias", "mlp.fc2.bias"},
                              }};
  return names;
}

}  // namespace vitro::converter::vit
