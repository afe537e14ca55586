// SPDX-License-Identifier: Apache-2.0
#include "models/cait/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::cait {
namespace {

// facebookresearch's too.
const Spelling& timm_names() {
  static const Spelling names{"timm",
                              '.',
                              "patch_embed.proj.weight",
                              {"blocks.", "blocks_token_only."},
                              nullptr,
                              {
                                  {"cls_token", "cls_token"},
                                  {"pos_embed", "pos_embed"},
                                  {"patch_embed.proj.weight", "patch_embed.proj.weight"},
                                  {"patch_embed.proj.bias", "patch_embed.proj.bias"},
                                  {"norm.weight", "norm.weight"},
                                  {"norm.bias", "norm.bias"},
                              },
                              timm_block({{"attn.q.weight", "attn.q.weight"},
                                          {"attn.q.bias", "attn.q.bias"},
                                          {"attn.k.weight", "attn.k.weight"},
                                          {"attn.k.bias", "attn.k.bias"},
                                          {"attn.v.weight", "attn.v.weight"},
                                          {"attn.v.bias", "attn.v.bias"},
                                          {"attn.proj_l.weight", "attn.proj_l.weight"},
                                          {"attn.proj_l.bias", "attn.proj_l.bias"},
                                          {"attn.proj_w.weight", "attn.proj_w.weight"},
                                          {"attn.proj_w.bias", "attn.proj_w.bias"},
                                          {"gamma_1", "ls1.gamma"},
                                          {"gamma_2", "ls2.gamma"}}),
                              {"blocks.", "class_blocks."}};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a CaiT",
                             "a CaiT with talking heads and class attention",
                             {&timm_names()},
                             "blocks.0.attn.proj_l.weight"};
  return naming;
}

}  // namespace vitro::converter::cait
