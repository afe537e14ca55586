// SPDX-License-Identifier: Apache-2.0
#include "models/transfg/names.h"

#include "models/names/spelling.h"

namespace vitro::converter::transfg {
namespace {

std::vector<Name> block_names() {
  return {
      {"attention_norm.weight", "norm1.weight"}, {"attention_norm.bias", "norm1.bias"},
      {"ffn_norm.weight", "norm2.weight"},       {"ffn_norm.bias", "norm2.bias"},
      {"attn.query.weight", "attn.q.weight"},    {"attn.query.bias", "attn.q.bias"},
      {"attn.key.weight", "attn.k.weight"},      {"attn.key.bias", "attn.k.bias"},
      {"attn.value.weight", "attn.v.weight"},    {"attn.value.bias", "attn.v.bias"},
      {"attn.out.weight", "attn.proj.weight"},   {"attn.out.bias", "attn.proj.bias"},
      {"ffn.fc1.weight", "mlp.fc1.weight"},      {"ffn.fc1.bias", "mlp.fc1.bias"},
      {"ffn.fc2.weight", "mlp.fc2.weight"},      {"ffn.fc2.bias", "mlp.fc2.bias"},
  };
}

// Those of the last block stand beside the others' folder.
const Spelling& original_names() {
  static const Spelling names{"TACJu/TransFG",
                              '.',
                              "embeddings.patch_embeddings.weight",
                              {"encoder.layer."},
                              nullptr,
                              {
                                  {"embeddings.cls_token", "cls_token"},
                                  {"embeddings.position_embeddings", "pos_embed"},
                                  {"embeddings.patch_embeddings.weight", "patch_embed.proj.weight"},
                                  {"embeddings.patch_embeddings.bias", "patch_embed.proj.bias"},
                                  {"encoder.part_norm.weight", "norm.weight"},
                                  {"encoder.part_norm.bias", "norm.bias"},
                                  {"encoder.part_layer.attention_norm.weight", "part.norm1.weight"},
                                  {"encoder.part_layer.attention_norm.bias", "part.norm1.bias"},
                                  {"encoder.part_layer.ffn_norm.weight", "part.norm2.weight"},
                                  {"encoder.part_layer.ffn_norm.bias", "part.norm2.bias"},
                                  {"encoder.part_layer.attn.query.weight", "part.attn.q.weight"},
                                  {"encoder.part_layer.attn.query.bias", "part.attn.q.bias"},
                                  {"encoder.part_layer.attn.key.weight", "part.attn.k.weight"},
                                  {"encoder.part_layer.attn.key.bias", "part.attn.k.bias"},
                                  {"encoder.part_layer.attn.value.weight", "part.attn.v.weight"},
                                  {"encoder.part_layer.attn.value.bias", "part.attn.v.bias"},
                                  {"encoder.part_layer.attn.out.weight", "part.attn.proj.weight"},
                                  {"encoder.part_layer.attn.out.bias", "part.attn.proj.bias"},
                                  {"encoder.part_layer.ffn.fc1.weight", "part.mlp.fc1.weight"},
                                  {"encoder.part_layer.ffn.fc1.bias", "part.mlp.fc1.bias"},
                                  {"encoder.part_layer.ffn.fc2.weight", "part.mlp.fc2.weight"},
                                  {"encoder.part_layer.ffn.fc2.bias", "part.mlp.fc2.bias"},
                              },
                              block_names()};
  return names;
}

}  // namespace

const Naming& naming() {
  static const Naming naming{"a TransFG",
                             "a TransFG of RGB pictures",
                             {&original_names()},
                             "part.norm1.weight",
                             {"part_head"}};
  return naming;
}

}  // namespace vitro::converter::transfg
