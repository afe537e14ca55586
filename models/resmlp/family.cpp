// SPDX-License-Identifier: Apache-2.0
// ResMLP (arXiv 2105.03404) with timm's names and facebookresearch's: x + ls1 (A (alpha x +
// beta)^T)^T, then x + ls2 mlp(alpha x + beta).
#include "models/family.h"
#include "models/builder.h"
#include "models/mixing.h"
#include "models/names/spelling.h"

namespace vitro::converter::resmlp {
namespace {

const Naming& naming() {
  static const Spelling timm{"timm",
                             '.',
                             "stem.proj.weight",
                             {"blocks."},
                             nullptr,
                             {
                                 {"stem.proj.weight", "patch_embed.proj.weight"},
                                 {"stem.proj.bias", "patch_embed.proj.bias"},
                                 {"norm.alpha", "norm.alpha"},
                                 {"norm.beta", "norm.beta"},
                             },
                             {
                                 {"norm1.alpha", "norm1.alpha"},
                                 {"norm1.beta", "norm1.beta"},
                                 {"norm2.alpha", "norm2.alpha"},
                                 {"norm2.beta", "norm2.beta"},
                                 {"linear_tokens.weight", "mixing.weight"},
                                 {"linear_tokens.bias", "mixing.bias"},
                                 {"ls1", "ls1"},
                                 {"ls2", "ls2"},
                                 {"mlp_channels.fc1.weight", "mlp.fc1.weight"},
                                 {"mlp_channels.fc1.bias", "mlp.fc1.bias"},
                                 {"mlp_channels.fc2.weight", "mlp.fc2.weight"},
                                 {"mlp_channels.fc2.bias", "mlp.fc2.bias"},
                             }};
  static const Spelling original{"facebookresearch",
                                 '.',
                                 "patch_embed.proj.weight",
                                 {"blocks."},
                                 nullptr,
                                 {
                                     {"patch_embed.proj.weight", "patch_embed.proj.weight"},
                                     {"patch_embed.proj.bias", "patch_embed.proj.bias"},
                                     {"norm.alpha", "norm.alpha"},
                                     {"norm.beta", "norm.beta"},
                                 },
                                 {
                                     {"norm1.alpha", "norm1.alpha"},
                                     {"norm1.beta", "norm1.beta"},
                                     {"norm2.alpha", "norm2.alpha"},
                                     {"norm2.beta", "norm2.beta"},
                                     {"attn.weight", "mixing.weight"},
                                     {"attn.bias", "mixing.bias"},
                                     {"gamma_1", "ls1"},
                                     {"gamma_2", "ls2"},
                                     {"mlp.fc1.weight", "mlp.fc1.weight"},
                                     {"mlp.fc1.bias", "mlp.fc1.bias"},
                                     {"mlp.fc2.weight", "mlp.fc2.weight"},
                                     {"mlp.fc2.bias", "mlp.fc2.bias"},
                                 }};
  static const Naming naming{"a ResMLP", "a ResMLP classifier", {&timm, &original}};
  return naming;
}

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const MixingShapes& shapes)
      : GraphBuilder(tensors), shapes_(shapes) {}

  Graph build() {
    set_picture(shapes_.image_size());
    size_t stream = patch_embedding(shapes_.patch, shapes_.width);
    for (size_t b = 0; b < shapes_.blocks; ++b)
      stream = block("blocks." + std::to_string(b), stream);
    // The mean of rows commutes with the norm, an affine map of columns.
    const size_t head = linear("head", add("pool", {stream}, MeanRows{0}), shapes_.classes);
    absorb("norm");
    output(head, "logits", OutputKind::Logits);
    return std::move(graph_);
  }

 private:
  /// [width] of facebookresearch, [1, 1, width] of timm.
  std::vector<float> columns(const std::string& name) {
    const size_t width = shapes_.width;
    const bool flat = tensors_.rank(name) == 1;
    const float* data =
        tensors_.take(name, flat ? std::vector<size_t>{width} : std::vector<size_t>{1, 1, width});
    return {data, data + width};
  }

  ColumnAffine affine(const std::string& name) {
    return {columns(name + ".alpha"), columns(name + ".beta")};
  }

  /// The latest node, a linear, reads the values of this norm: an affine map of its columns.
  void absorb(const std::string& name) {
    const ColumnAffine norm = affine(name);
    auto& linear = graph_.nodes.back().as<Linear>();
    for (size_t n = 0; n < linear.weight.rows; ++n) {
      double bias = linear.bias[n];
      for (size_t k = 0; k < linear.weight.cols; ++k) {
        float& weight = linear.weight.row(n)[k];
        bias += static_cast<double>(weight) * static_cast<double>(norm.shift[k]);
        weight *= norm.scale[k];
      }
      linear.bias[n] = static_cast<float>(bias);
    }
  }

  size_t block(const std::string& name, size_t stream) {
    const size_t norm1 = add(name + ".norm1", {stream}, affine(name + ".norm1"));
    const size_t channels = add(name + ".channels", {norm1}, Transpose{});
    const size_t mixing = linear(name + ".mixing", channels, cols(channels));
    const size_t rows = add(name + ".mixed", {mixing}, Transpose{});
    const std::vector<float> ls1 = tensors_.vector(name + ".ls1", shapes_.width);
    const size_t scaled =
        add(name + ".ls1", {rows}, ColumnAffine{ls1, std::vector<float>(ls1.size())});
    const size_t middle = add(name + ".mixing.residual", {stream, scaled}, Add{});
    const size_t fc1 = linear(name + ".mlp.fc1", middle, shapes_.hidden);
    absorb(name + ".norm2");
    const size_t gelu = add(name + ".mlp.gelu", {fc1}, Gelu{});
    const size_t fc2 = linear(name + ".mlp.fc2", gelu, shapes_.width);
    scale_outputs(tensors_.vector(name + ".ls2", shapes_.width));
    return add(name + ".mlp.residual", {middle, fc2}, Add{});
  }

  const MixingShapes& shapes_;
};

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "ResMLP");
  FamilyModel& model = start.model;
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const MixingShapes shapes = mixing_shapes(tensors, "mixing.weight", options);
  model.graph = Builder(tensors, shapes).build();
  tensors.refuse_untaken();
  add_mixing_settings(shapes, options, model);
  return std::move(model);
}

TimmArchitecture timm(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("resmlp_", 0) == 0;
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{"resmlp", "ResMLP classifiers", {},     {},
                             timm,     "resmlp_*",           naming, build};
  return family;
}

}  // namespace vitro::converter::resmlp
