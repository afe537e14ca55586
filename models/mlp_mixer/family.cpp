// SPDX-License-Identifier: Apache-2.0
// MLP-Mixer (arXiv 2105.01601) with timm's names: x + mix(norm(x)^T)^T, then x + mlp(norm(x)).
#include "models/family.h"
#include "models/builder.h"
#include "models/mixing.h"
#include "models/names/spelling.h"

namespace vitro::converter::mlp_mixer {
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
                                 {"norm.weight", "norm.weight"},
                                 {"norm.bias", "norm.bias"},
                             },
                             {
                                 {"norm1.weight", "norm1.weight"},
                                 {"norm1.bias", "norm1.bias"},
                                 {"norm2.weight", "norm2.weight"},
                                 {"norm2.bias", "norm2.bias"},
                                 {"mlp_tokens.fc1.weight", "mlp_tokens.fc1.weight"},
                                 {"mlp_tokens.fc1.bias", "mlp_tokens.fc1.bias"},
                                 {"mlp_tokens.fc2.weight", "mlp_tokens.fc2.weight"},
                                 {"mlp_tokens.fc2.bias", "mlp_tokens.fc2.bias"},
                                 {"mlp_channels.fc1.weight", "mlp.fc1.weight"},
                                 {"mlp_channels.fc1.bias", "mlp.fc1.bias"},
                                 {"mlp_channels.fc2.weight", "mlp.fc2.weight"},
                                 {"mlp_channels.fc2.bias", "mlp.fc2.bias"},
                             }};
  static const Naming naming{"an MLP-Mixer", "an MLP-Mixer classifier", {&timm}};
  return naming;
}

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const MixingShapes& shapes, float epsilon)
      : GraphBuilder(tensors), shapes_(shapes), epsilon_(epsilon) {}

  Graph build() {
    set_picture(shapes_.image_size());
    size_t stream = patch_embedding(shapes_.patch, shapes_.width);
    for (size_t b = 0; b < shapes_.blocks; ++b)
      stream = block("blocks." + std::to_string(b), stream);
    const size_t pooled = add("pool", {layer_norm("norm", "norm", stream, epsilon_)}, MeanRows{0});
    output(linear("head", pooled, shapes_.classes), "logits", OutputKind::Logits);
    return std::move(graph_);
  }

 private:
  size_t mlp(const std::string& name, size_t input, size_t hidden) {
    const size_t fc1 = linear(name + ".fc1", input, hidden);
    return linear(name + ".fc2", add(name + ".gelu", {fc1}, Gelu{}), cols(input));
  }

  size_t block(const std::string& name, size_t stream) {
    // gamma and beta are of channels, and no linear over tokens can take them.
    const size_t norm1 = add(name + ".norm1", {stream},
                             Norm{tensors_.vector(name + ".norm1.weight", shapes_.width),
                                  bias(name + ".norm1.bias", shapes_.width), epsilon_});
    const size_t columns = add(name + ".channels", {norm1}, Transpose{});
    const size_t mixed = mlp(name + ".mlp_tokens", columns, shapes_.mixing);
    const size_t rows = add(name + ".mixed", {mixed}, Transpose{});
    const size_t middle = add(name + ".mixing.residual", {stream, rows}, Add{});
    const size_t norm2 = layer_norm(name + ".norm2", name + ".norm2", middle, epsilon_);
    const size_t fc2 = mlp(name + ".mlp", norm2, shapes_.hidden);
    return add(name + ".mlp.residual", {middle, fc2}, Add{});
  }

  const MixingShapes& shapes_;
  const float epsilon_;
};

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "an MLP-Mixer");
  FamilyModel& model = start.model;
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const MixingShapes shapes = mixing_shapes(tensors, "mlp_tokens.fc1.weight", options);
  model.graph = Builder(tensors, shapes, epsilon.value).build();
  tensors.refuse_untaken();
  add_mixing_settings(shapes, options, model);
  model.keep_epsilon(epsilon);
  return std::move(model);
}

TimmArchitecture timm(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("mixer_", 0) == 0;
  out.epsilon = 1e-6f;
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{"mlp_mixer",
                             "MLP-Mixer classifiers",
                             {{"epsilon", "epsilon of every LayerNorm"}},
                             {},
                             timm,
                             "mixer_*",
                             naming,
                             build};
  return family;
}

}  // namespace vitro::converter::mlp_mixer
