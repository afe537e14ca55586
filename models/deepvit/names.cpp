// SPDX-License-Identifier: Apache-2.0
#include "models/deepvit/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::deepvit {
namespace {

// Its authors', who built on timm.
const Spelling& original_names() {
  static const Spelling names{
      "zhoudaquan/dvit_repo",
      '.',
      "patch_embed.proj.weight",
      {"blocks."},
      nullptr,
      {
          {"cls_token", "cls_token"},
          {"pos_embed", "pos_embed"},
          {"patch_embed.proj.weight", "patch_embed.proj.weight"},
          {"patch_embed.proj.bias", "patch_embed.proj.bias"},
          // Of the convolutions before them, which are refused.
          {"patch_embed.conv1.weight", "patch_embed.conv1.weight"},
          {"patch_embed.bn1.weight", "patch_embed.bn1.weight"},
          {"patch_embed.bn1.bias", "patch_embed.bn1.bias"},
          {"patch_embed.bn1.running_mean", "patch_embed.bn1.running_mean"},
          {"patch_embed.bn1.running_var", "patch_embed.bn1.running_var"},
          {"patch_embed.conv2.weight", "patch_embed.conv2.weight"},
          {"patch_embed.bn2.weight", "patch_embed.bn2.weight"},
          {"patch_embed.bn2.bias", "patch_embed.bn2.bias"},
          {"patch_embed.bn2.running_mean", "patch_embed.bn2.running_mean"},
          {"patch_embed.bn2.running_var", "patch_embed.bn2.running_var"},
          {"norm.weight", "norm.weight"},
          {"norm.bias", "norm.bias"},
      },
      timm_block({{"attn.reatten_matrix.weight", "attn.reatten_matrix.weight"},
                  {"attn.reatten_matrix.bias", "attn.reatten_matrix.bias"},
                  {"attn.var_norm.weight", "attn.var_norm.weight"},
                  {"attn.var_norm.bias", "attn.var_norm.bias"},
                  {"attn.var_norm.running_mean", "attn.var_norm.running_mean"},
                  {"attn.var_norm.running_var", "attn.var_norm.running_var"}})};
  return names;
}

}  // namespace

// No mark: which of its blocks have re-attention differs. Of a plain ViT the family of that name
// knows as many names and comes first.
const Naming& naming() {
  static const Naming naming{
      "a DeepViT", "a DeepViT with patches of one convolution", {&original_names()}};
  return naming;
}

}  // namespace vitro::converter::deepvit
