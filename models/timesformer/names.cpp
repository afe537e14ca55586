// SPDX-License-Identifier: Apache-2.0
#include "models/timesformer/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::timesformer {
namespace {

const Spelling& facebookresearch_names() {
  static const Spelling names{
      "facebookresearch",
      '.',
      "patch_embed.proj.weight",
      {"blocks."},
      nullptr,
      {
          {"cls_token", "cls_token"},
          {"pos_embed", "pos_embed"},
          {"time_embed", "time_embed"},
          {"patch_embed.proj.weight", "patch_embed.proj.weight"},
          {"patch_embed.proj.bias", "patch_embed.proj.bias"},
          {"norm.weight", "norm.weight"},
          {"norm.bias", "norm.bias"},
      },
      timm_block({{"temporal_norm1.weight", "temporal.norm1.weight"},
                  {"temporal_norm1.bias", "temporal.norm1.bias"},
                  {"temporal_attn.qkv.weight", "temporal.attn.qkv.weight"},
                  {"temporal_attn.qkv.bias", "temporal.attn.qkv.bias"},
                  {"temporal_attn.proj.weight", "temporal.attn.proj.weight"},
                  {"temporal_attn.proj.bias", "temporal.attn.proj.bias"},
                  {"temporal_fc.weight", "temporal.fc.weight"},
                  {"temporal_fc.bias", "temporal.fc.bias"}})};
  return names;
}

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
          {"embeddings.time_embeddings", "time_embed"},
          {"embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"},
          {"embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"},
          {"layernorm.weight", "norm.weight"},
          {"layernorm.bias", "norm.bias"},
      },
      {
          {"layernorm_before.weight", "norm1.weight"},
          {"layernorm_before.bias", "norm1.bias"},
          {"layernorm_after.weight", "norm2.weight"},
          {"layernorm_after.bias", "norm2.bias"},
          {"attention.attention.qkv.weight", "attn.qkv.weight"},
          {"attention.attention.qkv.bias", "attn.qkv.bias"},
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"intermediate.dense.weight", "mlp.fc1.weight"},
          {"intermediate.dense.bias", "mlp.fc1.bias"},
          {"output.dense.weight", "mlp.fc2.weight"},
          {"output.dense.bias", "mlp.fc2.bias"},
          {"temporal_layernorm.weight", "temporal.norm1.weight"},
          {"temporal_layernorm.bias", "temporal.norm1.bias"},
          {"temporal_attention.attention.qkv.weight", "temporal.attn.qkv.weight"},
          {"temporal_attention.attention.qkv.bias", "temporal.attn.qkv.bias"},
          {"temporal_attention.output.dense.weight", "temporal.attn.proj.weight"},
          {"temporal_attention.output.dense.bias", "temporal.attn.proj.bias"},
          {"temporal_dense.weight", "temporal.fc.weight"},
          {"temporal_dense.bias", "temporal.fc.bias"},
      }};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a TimeSformer",
                             "a TimeSformer with positions in time",
                             {&facebookresearch_names(), &hugging_face_names()},
                             "time_embed"};
  return naming;
}

}  // namespace vitro::converter::timesformer
