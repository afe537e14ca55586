// SPDX-License-Identifier: Apache-2.0
// By the table of names in google-research's vatt/utils/train/restore.py, and by what TensorFlow
// writes of objects with these attributes (tests/models/vatt/checkpoint.py).
#include "models/vatt/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::vatt {
namespace {

const Spelling& google_names() {
  static const Spelling names{
      "google-research",
      '/',
      "voxel_to_patch/kernel",
      {"tx/layers/"},
      nullptr,
      {
          {"voxel_to_patch/kernel", "patch_embed.proj.weight"},
          {"voxel_to_patch/bias", "patch_embed.proj.bias"},
          {"agg_embedding", "agg_token"},
          {"mask_embedding", "mask_token"},
          {"pos_embedding_lookup/temporal_position_embeddings/embeddings", "pos.temporal"},
          {"pos_embedding_lookup/vertical_position_embeddings/embeddings", "pos.vertical"},
          {"pos_embedding_lookup/horizontal_position_embeddings/embeddings", "pos.horizontal"},
          {"pos_embedding_lookup/layernorm/gamma", "pos.norm.weight"},
          {"pos_embedding_lookup/layernorm/beta", "pos.norm.bias"},
          {"tx/final_layer_norm/gamma", "norm.weight"},
          {"tx/final_layer_norm/beta", "norm.bias"},
          {"pre_proj/kernel", "pre_proj.weight"},
          {"pre_proj/bias", "pre_proj.bias"},
          {"post_proj/kernel", "post_proj.weight"},
          {"post_proj/bias", "post_proj.bias"},
      },
      {
          {"layer_norm/gamma", "norm1.weight"},
          {"layer_norm/beta", "norm1.bias"},
          {"mha/q/kernel", "attn.q.weight", Layout::Linear},
          {"mha/q/bias", "attn.q.bias"},
          {"mha/k/kernel", "attn.k.weight", Layout::Linear},
          {"mha/k/bias", "attn.k.bias"},
          {"mha/v/kernel", "attn.v.weight", Layout::Linear},
          {"mha/v/bias", "attn.v.bias"},
          {"mha/o/kernel", "attn.proj.weight", Layout::Linear},
          {"mha/o/bias", "attn.proj.bias"},
          {"feed_forward/layer_norm/gamma", "norm2.weight"},
          {"feed_forward/layer_norm/beta", "norm2.bias"},
          {"feed_forward/mlp/wi/kernel", "mlp.fc1.weight", Layout::Linear},
          {"feed_forward/mlp/wi/bias", "mlp.fc1.bias"},
          {"feed_forward/mlp/wo/kernel", "mlp.fc2.weight", Layout::Linear},
          {"feed_forward/mlp/wo/bias", "mlp.fc2.bias"},
      }};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{
      "a video tower of VATT",
      "VATT's video tower, modality-specific",
      {&google_names()},
      "agg_token",
      {"_ops/cls"},
      {"aud_backbone/", "txt_backbone/", "_head_layer/", "_optimizer/", "save_counter"}};
  return naming;
}

}  // namespace vitro::converter::vatt
