// SPDX-License-Identifier: Apache-2.0
// The graph that build_vit makes of a checkpoint.
#include "models/vit/vit.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

const vit::VitOptions kTwoHeads{2, 1e-6f};

Graph build(const RandomVit& vit, const vit::VitOptions& options = kTwoHeads) {
  return vit::build_vit(make_checkpoint(vit), options);
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
  const Graph graph = vit::build_vit(checkpoint, kTwoHeads);
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
  const Graph graph = vit::build_vit(checkpoint, kTwoHeads);
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

  // Hugging Face's DeiTForImageClassification has the distillation token without its head.
  vit.names = NamingStyle::HuggingFace;
  Checkpoint checkpoint = make_checkpoint(vit);
  for (const char* kind : {"weight", "bias"}) {
    checkpoint.tensors.erase(std::string("distillation_classifier.") + kind);
    auto node = checkpoint.tensors.extract(std::string("cls_classifier.") + kind);
    node.key() = std::string("classifier.") + kind;
    checkpoint.tensors.insert(std::move(node));
  }
  const Graph student = vit::build_vit(checkpoint, kTwoHeads);
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
  const Tokens tokens = find(vit::build_vit(with, kTwoHeads), "tokens")->as<Tokens>();
  const std::vector<float>&cls = with.tensors.at("cls_token").data,
        &position = with.tensors.at("pos_embed").data;
  for (size_t c = 0; c < 64; ++c) {
    ASSERT_EQ(tokens.prefix.row(0)[c], cls[c] + position[c]);
    ASSERT_EQ(tokens.positions.row(15)[c], position[16 * 64 + c]);
  }
  vit.prefix_positions = false;
  const Checkpoint without = make_checkpoint(vit);
  const Graph graph = vit::build_vit(without, kTwoHeads);
  EXPECT_EQ(find(graph, "tokens")->as<Tokens>().prefix.data, without.tensors.at("cls_token").data);
  EXPECT_EQ(find(graph, "tokens")->as<Tokens>().positions.data,
            without.tensors.at("pos_embed").data);
  EXPECT_EQ(find(graph, "tokens")->rows, 17u);
}

TEST(VitTest, LayerScaleScalesRows) {
  RandomVit vit;
  vit.layer_scale = true;
  const Checkpoint checkpoint = make_checkpoint(vit);
  const Graph graph = vit::build_vit(checkpoint, kTwoHeads);
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

TEST(VitTest, AsksForHeadsThatWidthDoesNotTell) {
  RandomVit vit;
  vit.dim = 96;
  EXPECT_THROW(build(vit, {}), InputError);
  EXPECT_THROW(build(vit, {5, 1e-6f}), InputError);
  EXPECT_EQ(find(build(vit, {16, 1e-6f}), "blocks.0.attn.attention")->as<Attention>().heads,
            16u);  // each has a width of 6
  EXPECT_EQ(find(build(vit, {3, 1e-6f}), "blocks.0.attn.attention")->as<Attention>().heads, 3u);
}

TEST(VitTest, DeitTiny) {
  const std::string path =
      std::string(VITRO_TEST_DATA) + "/deit_tiny/deit_tiny_patch16_224.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no test data: " << path;
  const Graph graph = vit::build_vit(read_safetensors(path));
  EXPECT_EQ(graph.nodes.size(), 3u + 12 * 12 + 3);
  EXPECT_EQ(find(graph, "blocks.11.attn.attention")->as<Attention>().heads, 3u);
  EXPECT_EQ(find(graph, "tokens")->rows, 197u);
  EXPECT_EQ(graph.preprocessing.resize_width, 256u);
  EXPECT_EQ(graph.classes(), 1000u);
}

}  // namespace
}  // namespace vitro
