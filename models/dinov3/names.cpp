// SPDX-License-Identifier: Apache-2.0
#include "models/dinov3/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::dinov3 {
namespace {

// facebookresearch's too, whose biases of keys are masked. Gated MLPs have two linears before fc2,
// `gate` and fc1.
const Spelling& timm_names() {
  static const Spelling names{"timm",
                              '.',
                              "patch_embed.proj.weight",
                              {"blocks."},
                              nullptr,
                              {
                                  {"cls_token", "cls_token"},
                                  {"reg_token", "reg_token"},
                                  {"storage_tokens", "reg_token"},
                                  {"patch_embed.proj.weight", "patch_embed.proj.weight"},
                                  {"patch_embed.proj.bias", "patch_embed.proj.bias"},
                                  {"rope_embed.periods", "rope.periods"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                              },
                              timm_block({{"attn.q_bias", "attn.q.bias"},
                                          {"attn.v_bias", "attn.v.bias"},
                                          {"attn.qkv.bias_mask", "attn.qkv.bias_mask"},
                                          {"gamma_1", "ls1.gamma"},
                                          {"gamma_2", "ls2.gamma"},
                                          {"ls1.gamma", "ls1.gamma"},
                                          {"ls2.gamma", "ls2.gamma"},
                                          {"mlp.fc1_g.weight", "mlp.gate.weight"},
                                          {"mlp.fc1_g.bias", "mlp.gate.bias"},
                                          {"mlp.fc1_x.weight", "mlp.fc1.weight"},
                                          {"mlp.fc1_x.bias", "mlp.fc1.bias"},
                                          {"mlp.w1.weight", "mlp.gate.weight"},
                                          {"mlp.w1.bias", "mlp.gate.bias"},
                                          {"mlp.w2.weight", "mlp.fc1.weight"},
                                          {"mlp.w2.bias", "mlp.fc1.bias"},
                                          {"mlp.w3.weight", "mlp.fc2.weight"},
                                          {"mlp.w3.bias", "mlp.fc2.bias"}})};
  return names;
}

// As released, and with the `model.` of transformers 5's modules.
const Spelling& hugging_face_names() {
  static const Spelling names{"Hugging Face",
                              '.',
                              "embeddings.patch_embeddings.weight",
                              {"layer.", "model.layer."},
                              nullptr,
                              {
                                  {"embeddings.cls_token", "cls_token"},
                                  {"embeddings.register_tokens", "reg_token"},
                                  {"embeddings.patch_embeddings.weight", "patch_embed.proj.weight"},
                                  {"embeddings.patch_embeddings.bias", "patch_embed.proj.bias"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                              },
                              transformers_block({
                                  {"norm1.weight", "norm1.weight"},
                                  {"norm1.bias", "norm1.bias"},
                                  {"norm2.weight", "norm2.weight"},
                                  {"norm2.bias", "norm2.bias"},
                                  {"layer_scale1.lambda1", "ls1.gamma"},
                                  {"layer_scale2.lambda1", "ls2.gamma"},
                                  {"mlp.gate_proj.weight", "mlp.gate.weight"},
                                  {"mlp.gate_proj.bias", "mlp.gate.bias"},
                                  {"mlp.up_proj.weight", "mlp.fc1.weight"},
                                  {"mlp.up_proj.bias", "mlp.fc1.bias"},
                                  {"mlp.down_proj.weight", "mlp.fc2.weight"},
                                  {"mlp.down_proj.bias", "mlp.fc2.bias"},
                              })};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a DINOv3",
                             "a DINOv3 with registers",
                             {&timm_names(), &hugging_face_names()},
                             "reg_token",
                             {},
                             // Of pre-training alone, of another size of crops and of distillation.
                             {"local_cls_norm.", "projectors."}};
  return naming;
}

}  // namespace vitro::converter::dinov3
