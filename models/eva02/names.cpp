// SPDX-License-Identifier: Apache-2.0
#include "models/eva02/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::eva02 {
namespace {

// Its authors' too, with the tables of its rotary positions, which are always the same. Gated MLPs
// have two linears before fc2, `gate` and fc1, or both in one.
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
                                  {"patch_embed.proj.bias", "patch_embed.proj.bias"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                                  {"fc_norm.weight", "fc_norm.weight"},
                                  {"fc_norm.bias", "fc_norm.bias"},
                                  {"rope.freqs_cos", "rope.freqs_cos"},
                                  {"rope.freqs_sin", "rope.freqs_sin"},
                              },
                              timm_block({{"attn.q_bias", "attn.q.bias"},
                                          {"attn.v_bias", "attn.v.bias"},
                                          {"attn.q_proj.weight", "attn.q.weight"},
                                          {"attn.q_proj.bias", "attn.q.bias"},
                                          {"attn.k_proj.weight", "attn.k.weight"},
                                          {"attn.v_proj.weight", "attn.v.weight"},
                                          {"attn.v_proj.bias", "attn.v.bias"},
                                          {"attn.norm.weight", "attn.norm.weight"},
                                          {"attn.norm.bias", "attn.norm.bias"},
                                          {"attn.inner_attn_ln.weight", "attn.norm.weight"},
                                          {"attn.inner_attn_ln.bias", "attn.norm.bias"},
                                          {"attn.rope.freqs_cos", "attn.rope.freqs_cos"},
                                          {"attn.rope.freqs_sin", "attn.rope.freqs_sin"},
                                          {"mlp.fc1_g.weight", "mlp.gate.weight"},
                                          {"mlp.fc1_g.bias", "mlp.gate.bias"},
                                          {"mlp.fc1_x.weight", "mlp.fc1.weight"},
                                          {"mlp.fc1_x.bias", "mlp.fc1.bias"},
                                          {"mlp.norm.weight", "mlp.norm.weight"},
                                          {"mlp.norm.bias", "mlp.norm.bias"},
                                          {"mlp.w1.weight", "mlp.gate.weight"},
                                          {"mlp.w1.bias", "mlp.gate.bias"},
                                          {"mlp.w2.weight", "mlp.fc1.weight"},
                                          {"mlp.w2.bias", "mlp.fc1.bias"},
                                          {"mlp.w12.weight", "mlp.fc1.weight"},
                                          {"mlp.w12.bias", "mlp.fc1.bias"},
                                          {"mlp.ffn_ln.weight", "mlp.norm.weight"},
                                          {"mlp.ffn_ln.bias", "mlp.norm.bias"},
                                          {"mlp.w3.weight", "mlp.fc2.weight"},
                                          {"mlp.w3.bias", "mlp.fc2.bias"}})};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"an EVA-02",
                             "an EVA-02 with a gated MLP and rotary positions",
                             {&timm_names()},
                             "blocks.0.attn.v.bias",
                             {},
                             {"lm_head."}};  // of pre-training
  return naming;
}

}  // namespace vitro::converter::eva02
