// SPDX-License-Identifier: Apache-2.0
// Checkpoints that build_vit refuses, each with one fault.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

using NamedTensors = std::map<std::string, CheckpointTensor>;

CheckpointTensor zeros(const std::vector<size_t>& shape) {
  size_t n = 1;
  for (const size_t s : shape) n *= s;
  return {shape, std::vector<float>(n)};
}

TEST(VitRefusals, OneThingAmiss) {
  const struct {
    const char* fault;
    std::function<void(NamedTensors&)> damage;
  } kCases[] = {
      {"has 1 tensor unknown in a plain ViT or DeiT, names of a ViT with normalised queries and "
       "keys: 'blocks.0.attn.q_norm.weight'",
       [](NamedTensors& t) { t["blocks.0.attn.q_norm.weight"] = zeros({32}); }},
      {"1 tensor unknown in a plain ViT or DeiT: 'blocks.01.norm1.weight'",
       [](NamedTensors& t) { t["blocks.01.norm1.weight"] = zeros({64}); }},
      {"1 tensor unknown in a plain ViT or DeiT: 'blocks.99999.norm1.bias'",
       [](NamedTensors& t) { t["blocks.99999.norm1.bias"] = zeros({64}); }},
      {"are the same part of a ViT",
       [](NamedTensors& t) {
         t["classifier.weight"] = zeros({10, 64});
       }},
      {"tensor pos_embed is missing", [](NamedTensors& t) { t.erase("pos_embed"); }},
      {"its patch embedding patch_embed.proj.weight is missing",
       [](NamedTensors& t) { t.erase("patch_embed.proj.weight"); }},
      {"tensor blocks.1.mlp.fc2.bias is missing",
       [](NamedTensors& t) { t.erase("blocks.1.mlp.fc2.bias"); }},
      {"tensor blocks.1.attn.q.bias is missing",
       [](NamedTensors& t) { t.erase("blocks.1.attn.qkv.bias"); }},
      {"tensor blocks.0.attn.proj.bias is missing",
       [](NamedTensors& t) { t.erase("blocks.0.attn.proj.bias"); }},
      {"tensor norm.weight is missing", [](NamedTensors& t) { t.erase("norm.weight"); }},
      {"has no transformer blocks",
       [](NamedTensors& t) {
         for (auto at = t.begin(); at != t.end();) at = at->first[0] == 'b' ? t.erase(at) : ++at;
       }},
      {"has block 3 but no block 2",
       [](NamedTensors& t) { t["blocks.3.norm1.weight"] = zeros({64}); }},
      {"has neither a classification head nor a norm after the last block",
       [](NamedTensors& t) {
         for (const char* name : {"head.weight", "head.bias", "norm.weight", "norm.bias"})
           t.erase(name);
       }},
      {"should have 4 dimensions of at least 1, found [64, 3, 4]",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 4});
       }},
      {"pictures have 1 channels, not 3",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 1, 4, 4});
       }},
      {"patches of 4x8 are not square",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 4, 8});
       }},
      {"its 15 positions",
       [](NamedTensors& t) {
         t["pos_embed"] = zeros({1, 15, 64});
       }},
      {"should have 2 dimensions of at least 1, found [0, 64]",
       [](NamedTensors& t) {
         t["head.weight"] = zeros({0, 64});
       }},
      {"width of 71 does not divide into 2 heads",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({71, 3, 4, 4});
       }},
      {"heads of 513 channels are wider than the 512",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({1026, 3, 4, 4});
       }},
      {"its MLP's width of 32769 is beyond the runtime's 32768",
       [](NamedTensors& t) {
         t["blocks.0.mlp.fc1.weight"] = zeros({32769, 1});
       }},
      {"the number of values of a patch, of 33075 is beyond",
       [](NamedTensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 105, 105});
       }},
      {"tensor blocks.1.mlp.fc2.weight: expected shape [64, 256], found [256, 64]",
       [](NamedTensors& t) {
         t["blocks.1.mlp.fc2.weight"] = zeros({256, 64});
       }},
      {"tensor blocks.0.attn.qkv.weight (its part blocks.0.attn.q.weight): expected shape [64, "
       "64], found [32, 64]",
       [](NamedTensors& t) {
         t["blocks.0.attn.qkv.weight"] = zeros({96, 64});
       }},
      {"does not consist of three equal parts",
       [](NamedTensors& t) { t["blocks.0.attn.qkv.bias"] = zeros({64}); }},
      {"expected shape [10], found [11]", [](NamedTensors& t) { t["head.bias"] = zeros({11}); }},
      {"both a norm and an fc_norm", [](NamedTensors& t) { t["fc_norm.weight"] = zeros({64}); }},
      {"1 superfluous tensor: fc_norm.bias",
       [](NamedTensors& t) { t["fc_norm.bias"] = zeros({64}); }},
      {"a distillation token and registers, which timm leaves out",
       [](NamedTensors& t) {
         t["dist_token"] = zeros({1, 1, 64}), t["reg_token"] = zeros({1, 2, 64});
       }},
      {"distillation head but no distillation token",
       [](NamedTensors& t) {
         t["head_dist.weight"] = zeros({10, 64}), t["head_dist.bias"] = zeros({10});
       }},
      {"distillation token but no class token",
       [](NamedTensors& t) {
         t["dist_token"] = zeros({1, 1, 64}), t.erase("cls_token");
       }},
      {"tensor blocks.0.ls2.gamma is missing",
       [](NamedTensors& t) { t["blocks.0.ls1.gamma"] = zeros({64}); }},
  };
  for (const auto& damaged : kCases) {
    SCOPED_TRACE(damaged.fault);
    Checkpoint checkpoint = make_checkpoint({});
    damaged.damage(checkpoint.tensors);
    try {
      vit::build_vit(checkpoint, vit::VitOptions{2, 1e-6f});
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(damaged.fault), std::string::npos) << e.what();
    }
  }
}

}  // namespace
}  // namespace vitro
