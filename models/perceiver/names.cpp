// SPDX-License-Identifier: Apache-2.0
#include "models/perceiver/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::perceiver {
namespace {

const Spelling& hugging_face_names() {
  static const Spelling names{
      "Hugging Face",
      '.',
      "embeddings.latents",
      {"encoder.self_attends."},
      nullptr,
      {
          {"embeddings.latents", "latents"},
          {"input_preprocessor.convnet_1x1.weight", "inputs.pixels.weight"},
          {"input_preprocessor.convnet_1x1.bias", "inputs.pixels.bias"},
          {"input_preprocessor.convnet.conv.weight", "inputs.conv.weight"},
          {"input_preprocessor.convnet.batchnorm.weight", "inputs.conv_norm.weight"},
          {"input_preprocessor.convnet.batchnorm.bias", "inputs.conv_norm.bias"},
          {"input_preprocessor.convnet.batchnorm.running_mean", "inputs.conv_norm.mean"},
          {"input_preprocessor.convnet.batchnorm.running_var", "inputs.conv_norm.variance"},
          {"input_preprocessor.position_embeddings.position_embeddings", "inputs.positions"},
          {"input_preprocessor.positions_projection.weight", "inputs.projection.weight"},
          {"input_preprocessor.positions_projection.bias", "inputs.projection.bias"},
          {"encoder.cross_attention.attention.self.layernorm1.weight", "cross.norm1.weight"},
          {"encoder.cross_attention.attention.self.layernorm1.bias", "cross.norm1.bias"},
          {"encoder.cross_attention.attention.self.layernorm2.weight", "cross.read.weight"},
          {"encoder.cross_attention.attention.self.layernorm2.bias", "cross.read.bias"},
          {"encoder.cross_attention.attention.self.query.weight", "cross.attn.q.weight"},
          {"encoder.cross_attention.attention.self.query.bias", "cross.attn.q.bias"},
          {"encoder.cross_attention.attention.self.key.weight", "cross.attn.k.weight"},
          {"encoder.cross_attention.attention.self.key.bias", "cross.attn.k.bias"},
          {"encoder.cross_attention.attention.self.value.weight", "cross.attn.v.weight"},
          {"encoder.cross_attention.attention.self.value.bias", "cross.attn.v.bias"},
          {"encoder.cross_attention.attention.output.dense.weight", "cross.attn.proj.weight"},
          {"encoder.cross_attention.attention.output.dense.bias", "cross.attn.proj.bias"},
          {"encoder.cross_attention.layernorm.weight", "cross.norm2.weight"},
          {"encoder.cross_attention.layernorm.bias", "cross.norm2.bias"},
          {"encoder.cross_attention.mlp.dense1.weight", "cross.mlp.fc1.weight"},
          {"encoder.cross_attention.mlp.dense1.bias", "cross.mlp.fc1.bias"},
          {"encoder.cross_attention.mlp.dense2.weight", "cross.mlp.fc2.weight"},
          {"encoder.cross_attention.mlp.dense2.bias", "cross.mlp.fc2.bias"},
          {"decoder.decoder.output_position_encodings.position_embeddings", "decoder.query"},
          {"decoder.decoder.decoding_cross_attention.attention.self.layernorm1.weight",
           "decoder.norm1.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.self.layernorm1.bias",
           "decoder.norm1.bias"},
          {"decoder.decoder.decoding_cross_attention.attention.self.layernorm2.weight",
           "decoder.read.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.self.layernorm2.bias",
           "decoder.read.bias"},
          {"decoder.decoder.decoding_cross_attention.attention.self.query.weight",
           "decoder.attn.q.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.self.query.bias",
           "decoder.attn.q.bias"},
          {"decoder.decoder.decoding_cross_attention.attention.self.key.weight",
           "decoder.attn.k.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.self.key.bias",
           "decoder.attn.k.bias"},
          {"decoder.decoder.decoding_cross_attention.attention.self.value.weight",
           "decoder.attn.v.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.self.value.bias",
           "decoder.attn.v.bias"},
          {"decoder.decoder.decoding_cross_attention.attention.output.dense.weight",
           "decoder.attn.proj.weight"},
          {"decoder.decoder.decoding_cross_attention.attention.output.dense.bias",
           "decoder.attn.proj.bias"},
          {"decoder.decoder.decoding_cross_attention.layernorm.weight", "decoder.norm2.weight"},
          {"decoder.decoder.decoding_cross_attention.layernorm.bias", "decoder.norm2.bias"},
          {"decoder.decoder.decoding_cross_attention.mlp.dense1.weight", "decoder.mlp.fc1.weight"},
          {"decoder.decoder.decoding_cross_attention.mlp.dense1.bias", "decoder.mlp.fc1.bias"},
          {"decoder.decoder.decoding_cross_attention.mlp.dense2.weight", "decoder.mlp.fc2.weight"},
          {"decoder.decoder.decoding_cross_attention.mlp.dense2.bias", "decoder.mlp.fc2.bias"},
      },
      {
          {"attention.self.layernorm1.weight", "norm1.weight"},
          {"attention.self.layernorm1.bias", "norm1.bias"},
          {"attention.self.query.weight", "attn.q.weight"},
          {"attention.self.query.bias", "attn.q.bias"},
          {"attention.self.key.weight", "attn.k.weight"},
          {"attention.self.key.bias", "attn.k.bias"},
          {"attention.self.value.weight", "attn.v.weight"},
          {"attention.self.value.bias", "attn.v.bias"},
          {"attention.output.dense.weight", "attn.proj.weight"},
          {"attention.output.dense.bias", "attn.proj.bias"},
          {"layernorm.weight", "norm2.weight"},
          {"layernorm.bias", "norm2.bias"},
          {"mlp.dense1.weight", "mlp.fc1.weight"},
          {"mlp.dense1.bias", "mlp.fc1.bias"},
          {"mlp.dense2.weight", "mlp.fc2.weight"},
          {"mlp.dense2.bias", "mlp.fc2.bias"},
      }};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a Perceiver",
                             "a Perceiver that classifies pictures by learned or Fourier positions",
                             {&hugging_face_names()},
                             "decoder.query",
                             {"decoder.decoder.final_layer"}};
  return naming;
}

}  // namespace vitro::converter::perceiver
