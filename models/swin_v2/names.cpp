// SPDX-License-Identifier: Apache-2.0
#include "models/swin_v2/names.h"

#include "models/names/spelling.h"

namespace vitro::converter {
namespace {

const std::vector<const char*> kStages = {"stages.0.blocks.", "stages.1.blocks.",
                                          "stages.2.blocks.", "stages.3.blocks."};

const Spelling& timm_names() {
  static const Spelling names{
      "timm",
      '.',
      "patch_embed.proj.weight",
      {"layers.0.blocks.", "layers.1.blocks.", "layers.2.blocks.", "layers.3.blocks."},
      nullptr,
      {
          {"patch_embed.proj.weight", "patch_embed.proj.weight"},
          {"patch_embed.proj.bias", "patch_embed.proj.bias"},
          {"patch_embed.norm.weight", "patch_embed.norm.weight"},
          {"patch_embed.norm.bias", "patch_embed.norm.bias"},
          {"layers.0.downsample.norm.weight", "stages.0.merge.norm.weight"},
          {"layers.0.downsample.norm.bias", "stages.0.merge.norm.bias"},
          {"layers.0.downsample.reduction.weight", "stages.0.merge.reduction.weight"},
          {"layers.1.downsample.norm.weight", "stages.1.merge.norm.weight"},
          {"layers.1.downsample.norm.bias", "stages.1.merge.norm.bias"},
          {"layers.1.downsample.reduction.weight", "stages.1.merge.reduction.weight"},
          {"layers.2.downsample.norm.weight", "stages.2.merge.norm.weight"},
          {"layers.2.downsample.norm.bias", "stages.2.merge.norm.bias"},
          {"layers.2.downsample.reduction.weight", "stages.2.merge.reduction.weight"},
          {"layers.3.downsample.norm.weight", "stages.3.merge.norm.weight"},
          {"layers.3.downsample.norm.bias", "stages.3.merge.norm.bias"},
          {"layers.3.downsample.reduction.weight", "stages.3.merge.reduction.weight"},
          {"norm.weight", "norm.weight"},
          {"norm.bias", "norm.bias"},
      },
      timm_block({{"attn.q_bias", "attn.q.bias"},
                  {"attn.v_bias", "attn.v.bias"},
                  {"attn.logit_scale", "attn.logit_scale"},
                  {"attn.cpb_mlp.0.weight", "attn.cpb_mlp.0.weight"},
                  {"attn.cpb_mlp.0.bias", "attn.cpb_mlp.0.bias"},
                  {"attn.cpb_mlp.2.weight", "attn.cpb_mlp.2.weight"},
                  {"attn.relative_coords_table", "attn.relative_coords_table"}}),
      kStages};
  return names;
}

// Without `swinv2.`, which is a prefix like any other.
const Spelling& hugging_face_names() {
  static const Spelling names{
      "Hugging Face",
      '.',
      "embeddings.patch_embeddings.projection.weight",
      {"encoder.layers.0.blocks.", "encoder.layers.1.blocks.", "encoder.layers.2.blocks.",
       "encoder.layers.3.blocks."},
      nullptr,
      {
          {"embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"},
          {"embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"},
          {"embeddings.norm.weight", "patch_embed.norm.weight"},
          {"embeddings.norm.bias", "patch_embed.norm.bias"},
          {"encoder.layers.0.downsample.norm.weight", "stages.0.merge.norm.weight"},
          {"encoder.layers.0.downsample.norm.bias", "stages.0.merge.norm.bias"},
          {"encoder.layers.0.downsample.reduction.weight", "stages.0.merge.reduction.weight"},
          {"encoder.layers.1.downsample.norm.weight", "stages.1.merge.norm.weight"},
          {"encoder.layers.1.downsample.norm.bias", "stages.1.merge.norm.bias"},
          {"encoder.layers.1.downsample.reduction.weight", "stages.1.merge.reduction.weight"},
          {"encoder.layers.2.downsample.norm.weight", "stages.2.merge.norm.weight"},
          {"encoder.layers.2.downsample.norm.bias", "stages.2.merge.norm.bias"},
          {"encoder.layers.2.downsample.reduction.weight", "stages.2.merge.reduction.weight"},
          {"layernorm.weight", "norm.weight"},
          {"layernorm.bias", "norm.bias"},
      },
      {
          {"layernorm_before.weight", "norm1.weight"},
          {"layernorm_before.bias", "norm1.bias"},
          {"layernorm_after.weight", "norm2.weight"},
          {"layernorm_after.bias", "norm2.bias"},
          {"attention.self.query.weight", "attn.q.weight"},
          {"attention.self.query.bias", "attn.q.bias"},
          {"attention.self.key.weight", "attn.k.weight"},
          {"attention.self.value.weight", "attn.v.weight"},
          {"attention.self.value.bias", "attn.v.bias"},
          {"attention.self.logit_scale", "attn.logit_scale"},
          {"attention.self.continuous_position_bias_mlp.0.weight", "attn.cpb_mlp.0.weight"},
          {"attention.self.continuous_position_bias_mlp.0.bias", "attn.cpb_mlp.0.bias"},
          {"attention.self.continuous_position_bias_mlp.2.weight", "attn.cpb_mlp.2.weight"},
          {"attention.self.relative_coords_table", "attn.relative_coords_table"},
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"intermediate.dense.weight", "mlp.fc1.weight"},
          {"intermediate.dense.bias", "mlp.fc1.bias"},
          {"output.dense.weight", "mlp.fc2.weight"},
          {"output.dense.bias", "mlp.fc2.bias"},
      },
      kStages};
  return names;
}

}  // namespace

const Naming& swin_v2_naming() {
  static const Naming naming{"a Swin Transformer V2",
                             "a Swin Transformer V2",
                             {&timm_names(), &hugging_face_names()},
                             "stages.0.blocks.0.attn.logit_scale"};
  return naming;
}

}  // namespace vitro::converter
