// SPDX-License-Identifier: Apache-2.0
// Hugging Face's names, without `vit.` or `deit.`, which is a prefix like any other: as releases
// and save_pretrained() spell them (encoder.layer.N.attention.attention.query), and as transformers
// 5 names its modules (layers.N.attention.q_proj).
#include "models/vit/names/spellings.h"

namespace vitro::converter::vit {

const Spelling& hugging_face_names() {
  static const Spelling names{
      "Hugging Face",
      '.',
      "embeddings.patch_embeddings.projection.weight",
      {"encoder.layer.", "layers."},
      nullptr,
      {
          {"embeddings.cls_token", "cls_token"},
          {"embeddings.distillation_token", "dist_token"},
          {"embeddings.register_tokens", "reg_token"},
          {"embeddings.position_embeddings", "pos_embed"},
          {"embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"},
          {"embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"},
          {"layernorm.weight", "norm.weight"},
          {"layernorm.bias", "norm.bias"},
      },
      transformers_block({
          {"layernorm_before.weight", "norm1.weight"},
          {"layernorm_before.bias", "norm1.bias"},
          {"layernorm_after.weight", "norm2.weight"},
          {"layernorm_after.bias", "norm2.bias"},
          {"norm1.weight", "norm1.weight"},
          {"norm1.bias", "norm1.bias"},
          {"norm2.weight", "norm2.weight"},
          {"norm2.bias", "norm2.bias"},
          {"attention.attention.query.weight", "attn.q.weight"},
          {"attention.attention.query.bias", "attn.q.bias"},
          {"attention.attention.key.weight", "attn.k.weight"},
          {"attention.attention.key.bias", "attn.k.bias"},
          {"attention.attention.value.weight", "attn.v.weight"},
          {"attention.attention.value.bias", "attn.v.bias"},
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"intermediate.dense.weight", "mlp.fc1.weight"},
          {"intermediate.dense.bias", "mlp.fc1.bias"},
          {"output.dense.weight", "mlp.fc2.weight"},
          {"output.dense.bias", "mlp.fc2.bias"},
          {"mlp.fc1.weight", "mlp.fc1.weight"},
          {"mlp.fc1.bias", "mlp.fc1.bias"},
          {"mlp.fc2.weight", "mlp.fc2.weight"},
          {"mlp.fc2.bias", "mlp.fc2.bias"},
          {"mlp.weights_in.weight", "mlp.fc1.weight"},
          {"mlp.weights_in.bias", "mlp.fc1.bias"},
          {"mlp.weights_out.weight", "mlp.fc2.weight"},
          {"mlp.weights_out.bias", "mlp.fc2.bias"},
          {"layer_scale1.lambda1", "ls1.gamma"},
          {"layer_scale2.lambda1", "ls2.gamma"},
      })};
  return names;
}

}  // namespace vitro::converter::vit
