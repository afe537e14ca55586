// SPDX-License-Identifier: Apache-2.0
#include "models/beit/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::beit {
namespace {

// Of the first block; a table that all blocks share counts as its.
constexpr char kFirstTable[] = "blocks.0.attn.relative_position_bias_table";

// microsoft's too, whose pre-trained models share one table of biases.
const Spelling& timm_names() {
  static const Spelling names{
      "timm",
      '.',
      "patch_embed.proj.weight",
      {"blocks."},
      nullptr,
      {
          {"cls_token", "cls_token"},
          {"pos_embed", "pos_embed"},
          {"patch_embed.proj.weight", "patch_embed.proj.weight"},
          {"patch_embed.proj.bias", "patch_embed.proj.bias"},
          {"rel_pos_bias.relative_position_bias_table", kFirstTable},
          {"norm.weight", "norm.weight"},
          {"norm.bias", "norm.bias"},
          {"fc_norm.weight", "fc_norm.weight"},
          {"fc_norm.bias", "fc_norm.bias"},
      },
      {
          {"norm1.weight", "norm1.weight"},
          {"norm1.bias", "norm1.bias"},
          {"norm2.weight", "norm2.weight"},
          {"norm2.bias", "norm2.bias"},
          {"attn.qkv.weight", "attn.qkv.weight"},
          {"attn.q_bias", "attn.q.bias"},
          {"attn.v_bias", "attn.v.bias"},
          {"attn.relative_position_bias_table", "attn.relative_position_bias_table"},
          {"attn.proj.weight", "attn.proj.weight"},
          {"attn.proj.bias", "attn.proj.bias"},
          {"mlp.fc1.weight", "mlp.fc1.weight"},
          {"mlp.fc1.bias", "mlp.fc1.bias"},
          {"mlp.fc2.weight", "mlp.fc2.weight"},
          {"mlp.fc2.bias", "mlp.fc2.bias"},
          {"gamma_1", "ls1.gamma"},
          {"gamma_2", "ls2.gamma"},
      }};
  return names;
}

// Without `beit.`, which is a prefix like any other.
const Spelling& hugging_face_names() {
  static const Spelling names{
      "Hugging Face",
      '.',
      "embeddings.patch_embeddings.projection.weight",
      {"encoder.layer."},
      nullptr,
      {
          {"embeddings.cls_token", "cls_token"},
          {"embeddings.position_embeddings", "pos_embed"},
          {"embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"},
          {"embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"},
          {"encoder.relative_position_bias.relative_position_bias_table", kFirstTable},
          {"layernorm.weight", "norm.weight"},
          {"layernorm.bias", "norm.bias"},
          {"pooler.layernorm.weight", "fc_norm.weight"},
          {"pooler.layernorm.bias", "fc_norm.bias"},
      },
      {
          {"layernorm_before.weight", "norm1.weight"},
          {"layernorm_before.bias", "norm1.bias"},
          {"layernorm_after.weight", "norm2.weight"},
          {"layernorm_after.bias", "norm2.bias"},
          {"attention.attention.query.weight", "attn.q.weight"},
          {"attention.attention.query.bias", "attn.q.bias"},
          {"attention.attention.key.weight", "attn.k.weight"},
          {"attention.attention.value.weight", "attn.v.weight"},
          {"attention.attention.value.bias", "attn.v.bias"},
          {"attention.attention.relative_position_bias.relative_position_bias_table",
           "attn.relative_position_bias_table"},
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"intermediate.dense.weight", "mlp.fc1.weight"},
          {"intermediate.dense.bias", "mlp.fc1.bias"},
          {"output.dense.weight", "mlp.fc2.weight"},
          {"output.dense.bias", "mlp.fc2.bias"},
          {"lambda_1", "ls1.gamma"},
          {"lambda_2", "ls2.gamma"},
      }};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a BEiT",
                             "a BEiT with relative position biases",
                             {&timm_names(), &hugging_face_names()},
                             kFirstTable,
                             {},
                             {"lm_head."}};  // of pre-training
  return naming;
}

}  // namespace vitro::converter::beit
