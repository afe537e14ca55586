// SPDX-License-Identifier: Apache-2.0
// The graph that build_vit makes of a checkpoint, and the checkpoints that it refuses.
#include "models/vit/vit.h"

#include <cmath>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

const VitOptions kTwoHeads{2, 1e-6f};

Graph build(const RandomVit& vit, const VitOptions& options = kTwoHeads) {
  return build_vit(make_checkpoint(vit), options);
}

const Node* find(const Graph& graph, const std::string& name) {
  for (const Node& node : graph.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

std::string names_of(const Graph& graph) {
  std::string names;
  for (const Node& node : graph.nodes) {
    names += node.name + "(";
    for (const size_t input : node.inputs)
      names += (input == node.inputs[0] ? "" : ",") + graph.nodes[input].name;
    names += ") ";
  }
  return names;
}

bool same_parameters(const Node& x, const Node& y) {
  if (x.is<Linear>()) {
    const auto &a = x.as<Linear>(), &b = y.as<Linear>();
    return a.weight.data == b.weight.data && a.bias == b.bias;
  }
  if (x.is<Tokens>()) {
    const auto &a = x.as<Tokens>(), &b = y.as<Tokens>();
    return a.prefix.data == b.prefix.data && a.positions.data == b.positions.data;
  }
  if (x.is<LayerNorm>()) {
    const auto &a = x.as<LayerNorm>(), &b = y.as<LayerNorm>();
    return a.gamma == b.gamma && a.beta == b.beta && a.epsilon == b.epsilon;
  }
  if (x.is<Attention>()) {
    const auto &a = x.as<Attention>(), &b = y.as<Attention>();
    return a.heads == b.heads && a.groups == b.groups && a.scale == b.scale;
  }
  if (x.is<SelectRows>()) return x.as<SelectRows>().first_row == y.as<SelectRows>().first_row;
  if (x.is<MeanRows>()) return x.as<MeanRows>().first_row == y.as<MeanRows>().first_row;
  return true;
}

void expect_same(const Graph& a, const Graph& b) {
  ASSERT_EQ(names_of(a), names_of(b));
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const Node &x = a.nodes[i], &y = b.nodes[i];
    ASSERT_TRUE(&x.operation.type() == &y.operation.type() && x.rows == y.rows && x.cols == y.cols)
        << x.name;
    ASSERT_TRUE(same_parameters(x, y)) << x.name;
  }
}

TEST(VitTest, TheWholeGraph) {
  RandomVit vit;
  vit.depth = 1;
  const Graph graph = build(vit);
  EXPECT_EQ(names_of(graph),
            "pixels() patch_embed(pixels) tokens(patch_embed) blocks.0.norm1(tokens) "
            "blocks.0.attn.q(blocks.0.norm1) "
            "blocks.0.attn.k(blocks.0.norm1) blocks.0.attn.v(blocks.0.norm1) "
            "blocks.0.attn.attention(blocks.0.attn.q,blocks.0.attn.k,blocks.0.attn.v) "
            "blocks.0.attn.proj(blocks.0.attn.attention) "
            "blocks.0.attn.residual(tokens,blocks.0.attn.proj) "
            "blocks.0.norm2(blocks.0.attn.residual) blocks.0.mlp.fc1(blocks.0.norm2) "
            "blocks.0.mlp.gelu(blocks.0.mlp.fc1) blocks.0.mlp.fc2(blocks.0.mlp.gelu) "
            "blocks.0.mlp.residual(blocks.0.attn.residual,blocks.0.mlp.fc2) "
            "cls(blocks.0.mlp.residual) norm(cls) head(norm) ");
  EXPECT_EQ(graph.nodes[0].as<PatchRows>().patch_height, 4u);
  EXPECT_EQ(graph.nodes[0].as<PatchRows>().patch_width, 4u);
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.outputs[0].node, graph.nodes.size() - 1);
  EXPECT_EQ(graph.outputs[0].name, "logits");
  EXPECT_EQ(graph.outputs[0].kind, OutputKind::Logits);
  EXPECT_FALSE(graph.folded);
  EXPECT_EQ(graph.preprocessing.image_width, 16u);
  EXPECT_EQ(graph.preprocessing.image_height, 16u);
  const Node* attention = find(graph, "blocks.0.attn.attention");
  EXPECT_EQ(attention->as<Attention>().heads, 2u);
  EXPECT_FLOAT_EQ(attention->as<Attention>().scale, 1 / std::sqrt(32.0f));
  const Node* fc1 = find(graph, "blocks.0.mlp.fc1");
  EXPECT_TRUE(fc1->rows == 17 && fc1->cols == 256 && fc1->as<Linear>().weight.rows == 256 &&
              fc1->as<Linear>().weight.cols == 64 && fc1->as<Linear>().bias.size() == 256);
  EXPECT_EQ(graph.nodes.back().rows, 1u);
  EXPECT_EQ(graph.classes(), 10u);
  EXPECT_EQ(find(graph, "norm")->rows, 1u);
}

TEST(VitTest, PatchColumnsAreRowsOfPixels) {
  RandomVit vit;
  const Checkpoint checkpoint = make_checkpoint(vit);
  const Graph graph = build_vit(checkpoint, kTwoHeads);
  const std::vector<float>& convolution = checkpoint.tensors.at("patch_embed.proj.weight").data;
  const Matrix& weight = graph.nodes[1].as<Linear>().weight;
  ASSERT_EQ(weight.cols, 48u);
  for (size_t n = 0; n < 64; ++n) {
    for (size_t y = 0; y < 4; ++y) {
      for (size_t x = 0; x < 4; ++x) {
        for (size_t c = 0; c < 3; ++c)
          ASSERT_EQ(weight.row(n)[(y * 4 + x) * 3 + c], convolution[((n * 3 + c) * 4 + y) * 4 + x]);
      }
    }
  }
}

TEST(VitTest, BothNamingStylesGiveTheSameGraph) {
  for (const bool distillation : {false, true}) {
    for (const bool bias : {false, true}) {
      RandomVit vit;
      vit.distillation = distillation;
      vit.qkv_bias = bias;
      const Graph timm = build(vit);
      vit.names = NamingStyle::HuggingFace;
      expect_same(timm, build(vit));
      EXPECT_EQ(find(timm, "blocks.1.attn.k")->as<Linear>().bias.size(), 64u);
      EXPECT_EQ(find(timm, "blocks.1.attn.k")->as<Linear>().bias == std::vector<float>(64), !bias);
    }
  }
}

TEST(VitTest, QueryKeyAndValueAreTheThirdsOfQkv) {
  const Checkpoint checkpoint = make_checkpoint({});
  const Graph graph = build_vit(checkpoint, kTwoHeads);
  std::vector<float> fused;
  for (const char* part : {"q", "k", "v"}) {
    const std::vector<float>& data =
        find(graph, std::string("blocks.1.attn.") + part)->as<Linear>().weight.data;
    fused.insert(fused.end(), data.begin(), data.end());
  }
  EXPECT_EQ(fused, checkpoint.tensors.at("blocks.1.attn.qkv.weight").data);
}

TEST(VitTest, DistillationAveragesTwoHeads) {
  RandomVit vit;
  vit.distillation = true;
  const Graph graph = build(vit);
  const std::string names = names_of(graph);
  const std::string end =
      "cls(blocks.1.mlp.residual) norm(cls) head(norm) dist(blocks.1.mlp.residual) norm_dist(dist) "
      "head_dist(norm_dist) "
      "logits(head,head_dist) ";
  EXPECT_EQ(names.substr(names.size() - end.size()), end);
  EXPECT_EQ(find(graph, "tokens")->rows, 18u);
  EXPECT_EQ(find(graph, "dist")->as<SelectRows>().first_row, 1u);
  EXPECT_EQ(find(graph, "norm_dist")->as<LayerNorm>().gamma,
            find(graph, "norm")->as<LayerNorm>().gamma);

  // Hugging Face's DeiTForImageClassification: the token without its head.
  vit.names = NamingStyle::HuggingFace;
  Checkpoint checkpoint = make_checkpoint(vit);
  for (const char* kind : {"weight", "bias"}) {
    checkpoint.tensors.erase(std::string("distillation_classifier.") + kind);
    auto node = checkpoint.tensors.extract(std::string("cls_classifier.") + kind);
    node.key() = std::string("classifier.") + kind;
    checkpoint.tensors.insert(std::move(node));
  }
  const Graph student = build_vit(checkpoint, kTwoHeads);
  EXPECT_EQ(student.nodes[student.outputs[0].node].name, "head");
  EXPECT_EQ(find(student, "tokens")->rows, 18u);
}

TEST(VitTest, MeanPooling) {
  RandomVit vit;
  vit.depth = 1;
  vit.mean_pooling = true;
  const Graph with_class = build(vit);
  EXPECT_NE(names_of(with_class).find("pool(blocks.0.mlp.residual) norm(pool) head(norm) "),
            std::string::npos);
  EXPECT_EQ(find(with_class, "pool")->as<MeanRows>().first_row, 1u);
  vit.class_token = false;
  EXPECT_EQ(find(build(vit), "pool")->as<MeanRows>().first_row, 0u);
  EXPECT_EQ(find(build(vit), "tokens")->rows, 16u);
  vit.mean_pooling = false;
  const Graph norm_first = build(vit);
  EXPECT_NE(names_of(norm_first).find("norm(blocks.0.mlp.residual) pool(norm) head(pool) "),
            std::string::npos);
  EXPECT_EQ(find(norm_first, "norm")->rows, 16u);
}

TEST(VitTest, PositionsOfThePatchesAlone) {
  RandomVit vit;
  const Checkpoint with = make_checkpoint(vit);
  const Tokens tokens = find(build_vit(with, kTwoHeads), "tokens")->as<Tokens>();
  const std::vector<float>&cls = with.tensors.at("cls_token").data,
        &position = with.tensors.at("pos_embed").data;
  for (size_t c = 0; c < 64; ++c) {
    ASSERT_EQ(tokens.prefix.row(0)[c], cls[c] + position[c]);
    ASSERT_EQ(tokens.positions.row(15)[c], position[16 * 64 + c]);
  }
  vit.prefix_positions = false;
  const Checkpoint without = make_checkpoint(vit);
  const Graph graph = build_vit(without, kTwoHeads);
  EXPECT_EQ(find(graph, "tokens")->as<Tokens>().prefix.data, without.tensors.at("cls_token").data);
  EXPECT_EQ(find(graph, "tokens")->as<Tokens>().positions.data,
            without.tensors.at("pos_embed").data);
  EXPECT_EQ(find(graph, "tokens")->rows, 17u);
}

TEST(VitTest, LayerScaleScalesRows) {
  RandomVit vit;
  vit.layer_scale = true;
  const Checkpoint checkpoint = make_checkpoint(vit);
  const Graph graph = build_vit(checkpoint, kTwoHeads);
  const std::pair<const char*, const char*> kScaled[] = {
      {"blocks.1.attn.proj", "blocks.1.ls1.gamma"}, {"blocks.0.mlp.fc2", "blocks.0.ls2.gamma"}};
  for (const auto& [node, gamma] : kScaled) {
    const Matrix& weight = find(graph, node)->as<Linear>().weight;
    const std::vector<float>& scale = checkpoint.tensors.at(gamma).data;
    for (size_t n = 0; n < 64; ++n) {
      ASSERT_EQ(find(graph, node)->as<Linear>().bias[n],
                checkpoint.tensors.at(std::string(node) + ".bias").data[n] * scale[n]);
      ASSERT_EQ(weight.row(n)[5],
                checkpoint.tensors.at(std::string(node) + ".weight").data[n * weight.cols + 5] *
                    scale[n]);
    }
  }
}

TEST(VitTest, HeadsByWidth) {
  RandomVit vit;
  vit.depth = 1, vit.hidden = 16, vit.image = 8;
  const std::pair<size_t, size_t> kWidths[] = {{192, 3},   {384, 6},   {768, 12}, {1024, 16},
                                               {1280, 16}, {1408, 16}, {1664, 16}};
  for (const auto& [dim, heads] : kWidths) {
    vit.dim = dim;
    EXPECT_EQ(find(build(vit, {}), "blocks.0.attn.attention")->as<Attention>().heads, heads);
  }
}

TEST(VitTest, ResizeFollowsTheImageSize) {
  RandomVit vit;
  vit.depth = 1, vit.patch = 16;
  const std::pair<size_t, size_t> kSizes[] = {{224, 256}, {384, 439}, {64, 73}, {32, 32}, {48, 48}};
  for (const auto& [image, resize] : kSizes) {
    vit.image = image;
    EXPECT_EQ(build(vit).preprocessing.image_width, image);
    EXPECT_EQ(build(vit).preprocessing.image_height, image);
    EXPECT_EQ(build(vit).preprocessing.resize_width, resize);
  }
}

using Tensors = std::map<std::string, CheckpointTensor>;

CheckpointTensor zeros(const std::vector<size_t>& shape) {
  size_t n = 1;
  for (const size_t s : shape) n *= s;
  return {shape, std::vector<float>(n)};
}

TEST(VitTest, RefusesWhatIsNoVit) {
  const struct {
    const char* fault;
    std::function<void(Tensors&)> damage;
  } kCases[] = {
      {"has 1 tensor unknown in a plain ViT or DeiT, names of a ViT with normalised queries and "
       "keys: 'blocks.0.attn.q_norm.weight'",
       [](Tensors& t) { t["blocks.0.attn.q_norm.weight"] = zeros({32}); }},
      {"1 tensor unknown in a plain ViT or DeiT: 'blocks.01.norm1.weight'",
       [](Tensors& t) { t["blocks.01.norm1.weight"] = zeros({64}); }},
      {"1 tensor unknown in a plain ViT or DeiT: 'blocks.99999.norm1.bias'",
       [](Tensors& t) { t["blocks.99999.norm1.bias"] = zeros({64}); }},
      {"are the same part of a ViT",
       [](Tensors& t) {
         t["classifier.weight"] = zeros({10, 64});
       }},
      {"tensor pos_embed is missing", [](Tensors& t) { t.erase("pos_embed"); }},
      {"its patch embedding patch_embed.proj.weight is missing",
       [](Tensors& t) { t.erase("patch_embed.proj.weight"); }},
      {"tensor blocks.1.mlp.fc2.bias is missing",
       [](Tensors& t) { t.erase("blocks.1.mlp.fc2.bias"); }},
      {"tensor blocks.1.attn.q.bias is missing",
       [](Tensors& t) { t.erase("blocks.1.attn.qkv.bias"); }},
      {"tensor blocks.0.attn.proj.bias is missing",
       [](Tensors& t) { t.erase("blocks.0.attn.proj.bias"); }},
      {"tensor norm.weight is missing", [](Tensors& t) { t.erase("norm.weight"); }},
      {"has no transformer blocks",
       [](Tensors& t) {
         for (auto at = t.begin(); at != t.end();) at = at->first[0] == 'b' ? t.erase(at) : ++at;
       }},
      {"has block 3 but no block 2", [](Tensors& t) { t["blocks.3.norm1.weight"] = zeros({64}); }},
      {"has neither a classification head nor a norm after the last block",
       [](Tensors& t) {
         for (const char* name : {"head.weight", "head.bias", "norm.weight", "norm.bias"})
           t.erase(name);
       }},
      {"should have 4 dimensions of at least 1, found [64, 3, 4]",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 4});
       }},
      {"pictures have 1 channels, not 3",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 1, 4, 4});
       }},
      {"patches of 4x8 are not square",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 4, 8});
       }},
      {"its 15 positions",
       [](Tensors& t) {
         t["pos_embed"] = zeros({1, 15, 64});
       }},
      {"should have 2 dimensions of at least 1, found [0, 64]",
       [](Tensors& t) {
         t["head.weight"] = zeros({0, 64});
       }},
      {"width of 71 does not divide into 2 heads",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({71, 3, 4, 4});
       }},
      {"heads of 513 channels are wider than the 512",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({1026, 3, 4, 4});
       }},
      {"its MLP's width of 32769 is beyond the runtime's 32768",
       [](Tensors& t) {
         t["blocks.0.mlp.fc1.weight"] = zeros({32769, 1});
       }},
      {"the number of values of a patch, of 33075 is beyond",
       [](Tensors& t) {
         t["patch_embed.proj.weight"] = zeros({64, 3, 105, 105});
       }},
      {"tensor blocks.1.mlp.fc2.weight: expected shape [64, 256], found [256, 64]",
       [](Tensors& t) {
         t["blocks.1.mlp.fc2.weight"] = zeros({256, 64});
       }},
      {"tensor blocks.0.attn.qkv.weight (its part blocks.0.attn.q.weight): expected shape [64, "
       "64], found [32, 64]",
       [](Tensors& t) {
         t["blocks.0.attn.qkv.weight"] = zeros({96, 64});
       }},
      {"does not consist of three equal parts",
       [](Tensors& t) { t["blocks.0.attn.qkv.bias"] = zeros({64}); }},
      {"expected shape [10], found [11]", [](Tensors& t) { t["head.bias"] = zeros({11}); }},
      {"both a norm and an fc_norm", [](Tensors& t) { t["fc_norm.weight"] = zeros({64}); }},
      {"1 superfluous tensor: fc_norm.bias", [](Tensors& t) { t["fc_norm.bias"] = zeros({64}); }},
      {"distillation head but no distillation token",
       [](Tensors& t) {
         t["head_dist.weight"] = zeros({10, 64}), t["head_dist.bias"] = zeros({10});
       }},
      {"distillation token but no class token",
       [](Tensors& t) {
         t["dist_token"] = zeros({1, 1, 64}), t.erase("cls_token");
       }},
      {"tensor blocks.0.ls2.gamma is missing",
       [](Tensors& t) { t["blocks.0.ls1.gamma"] = zeros({64}); }},
  };
  for (const auto& damaged : kCases) {
    SCOPED_TRACE(damaged.fault);
    Checkpoint checkpoint = make_checkpoint({});
    damaged.damage(checkpoint.tensors);
    try {
      build_vit(checkpoint, kTwoHeads);
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(damaged.fault), std::string::npos) << e.what();
    }
  }
}

TEST(VitTest, AsksForHeadsThatWidthDoesNotTell) {
  RandomVit vit;
  vit.dim = 96;
  EXPECT_THROW(build(vit, {}), InputError);
  EXPECT_THROW(build(vit, {5, 1e-6f}), InputError);
  EXPECT_EQ(find(build(vit, {16, 1e-6f}), "blocks.0.attn.attention")->as<Attention>().heads,
            16u);  // of width 6
  EXPECT_EQ(find(build(vit, {3, 1e-6f}), "blocks.0.attn.attention")->as<Attention>().heads, 3u);
}

TEST(VitTest, DeitTiny) {
  const std::string path =
      std::string(VITRO_TEST_DATA) + "/deit_tiny/deit_tiny_patch16_224.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no test data: " << path;
  const Graph graph = build_vit(read_safetensors(path));
  EXPECT_EQ(graph.nodes.size(), 3u + 12 * 12 + 3);
  EXPECT_EQ(find(graph, "blocks.11.attn.attention")->as<Attention>().heads, 3u);
  EXPECT_EQ(find(graph, "tokens")->rows, 197u);
  EXPECT_EQ(graph.preprocessing.resize_width, 256u);
  EXPECT_EQ(graph.classes(), 1000u);
}

}  // namespace
}  // namespace vitro
