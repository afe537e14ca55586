// SPDX-License-Identifier: Apache-2.0
#include "models/swin/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::swin {
namespace {

const std::vector<const char*> kStages = {"stages.0.blocks.", "stages.1.blocks.",
                                          "stages.2.blocks.", "stages.3.blocks."};

const Spelling& timm_names() {
  static const Spelling names =
      swin_timm_names({{"attn.relative_position_bias_table", "attn.relative_position_bias_table"}});
  return names;
}

const Spelling& hugging_face_names() {
  static const Spelling names = swin_hugging_face_names(transformers_block(
      {{"attention.self.key.bias", "attn.k.bias"},
       {"attention.self.relative_position_bias_table", "attn.relative_position_bias_table"},
       // As transformers 5 names its modules.
       {"attention.relative_position_bias.relative_position_bias_table",
        "attn.relative_position_bias_table"},
       {"mlp.fc1.weight", "mlp.fc1.weight"},
       {"mlp.fc1.bias", "mlp.fc1.bias"},
       {"mlp.fc2.weight", "mlp.fc2.weight"},
       {"mlp.fc2.bias", "mlp.fc2.bias"}}));
  return names;
}

const Spelling& torchvision_names() {
  static const Spelling names{
      "torchvision",
      '.',
      "features.0.0.weight",
      {"features.1.", "features.3.", "features.5.", "features.7."},
      nullptr,
      {
          {"features.0.0.weight", "patch_embed.proj.weight"},
          {"features.0.0.bias", "patch_embed.proj.bias"},
          {"features.0.2.weight", "patch_embed.norm.weight"},
          {"features.0.2.bias", "patch_embed.norm.bias"},
          {"features.2.norm.weight", "stages.0.merge.norm.weight"},
          {"features.2.norm.bias", "stages.0.merge.norm.bias"},
          {"features.2.reduction.weight", "stages.0.merge.reduction.weight"},
          {"features.4.norm.weight", "stages.1.merge.norm.weight"},
          {"features.4.norm.bias", "stages.1.merge.norm.bias"},
          {"features.4.reduction.weight", "stages.1.merge.reduction.weight"},
          {"features.6.norm.weight", "stages.2.merge.norm.weight"},
          {"features.6.norm.bias", "stages.2.merge.norm.bias"},
          {"features.6.reduction.weight", "stages.2.merge.reduction.weight"},
          {"norm.weight", "norm.weight"},
          {"norm.bias", "norm.bias"},
      },
      {
          {"norm1.weight", "norm1.weight"},
          {"norm1.bias", "norm1.bias"},
          {"norm2.weight", "norm2.weight"},
          {"norm2.bias", "norm2.bias"},
          {"attn.qkv.weight", "attn.qkv.weight"},
          {"attn.qkv.bias", "attn.qkv.bias"},
          {"attn.relative_position_bias_table", "attn.relative_position_bias_table"},
          {"attn.proj.weight", "attn.proj.weight"},
          {"attn.proj.bias", "attn.proj.bias"},
          {"mlp.0.weight", "mlp.fc1.weight"},
          {"mlp.0.bias", "mlp.fc1.bias"},
          {"mlp.3.weight", "mlp.fc2.weight"},
          {"mlp.3.bias", "mlp.fc2.bias"},
      },
      kStages};
  return names;
}

}  // namespace

Spelling swin_timm_names(const std::vector<Name>& more) {
  return {"timm",
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
          timm_block(more),
          kStages};
}

Spelling swin_hugging_face_names(const std::vector<Name>& more) {
  Spelling names{
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
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"intermediate.dense.weight", "mlp.fc1.weight"},
          {"intermediate.dense.bias", "mlp.fc1.bias"},
          {"output.dense.weight", "mlp.fc2.weight"},
          {"output.dense.bias", "mlp.fc2.bias"},
      },
      kStages};
  names.block.insert(names.block.end(), more.begin(), more.end());
  return names;
}

const Naming& naming() {
  static const Naming naming{"a Swin Transformer",
                             "a Swin Transformer (the first version)",
                             {&timm_names(), &hugging_face_names(), &torchvision_names()},
                             "stages.0.blocks.0.attn.relative_position_bias_table"};
  return naming;
}

}  // namespace vitro::converter::swin
