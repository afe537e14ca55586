// SPDX-License-Identifier: Apache-2.0
// CLIP's image tower (arXiv 2103.00020), with quick-GELU as OpenAI or GELU as OpenCLIP train it: a
// ViT with a norm before its blocks, of whose class token a norm and a projection without bias make
// the features.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/clip/names.h"
#include "models/encoder.h"
#include "models/heads.h"
#include "models/vit/timm_architectures.h"

namespace vitro::converter::clip {
namespace {

using Views = std::map<std::string, TensorView>;

constexpr float kMean[] = {0.48145466f, 0.4578275f, 0.40821073f},
                kStd[] = {0.26862954f, 0.26130258f, 0.27577711f};

struct Tower : EncoderSizes {
  size_t grid_height = 0, grid_width = 0;
  bool layer_scale = false;
  Activation activation = Activation::Gelu;
  bool classifies = false;  // the head's outputs are logits and not features

  size_t patches() const { return grid_height * grid_width; }
  PixelSize image_size() const { return {grid_width * patch, grid_height * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Tower& tower, float epsilon)
      : GraphBuilder(tensors), tower_(tower), epsilon_(epsilon) {}

  Graph build() {
    const PixelSize size = tower_.image_size();
    set_picture(size);
    Preprocessing& p = graph_.preprocessing;
    p.resize_width = size.width, p.resize_height = size.height;
    std::copy_n(kMean, 3, p.mean);
    std::copy_n(kStd, 3, p.std);
    // What follows adds to the values of this norm, so that its gamma and beta stay with it.
    const size_t width = tower_.width;
    size_t stream = add("norm_pre", {tokens()},
                        Norm{tensors_.vector("norm_pre.weight", width),
                             tensors_.vector("norm_pre.bias", width), epsilon_});
    for (size_t b = 0; b < tower_.blocks; ++b)
      stream = encoder_block(
          "blocks." + std::to_string(b), stream,
          {tower_.heads, tower_.hidden, epsilon_, tower_.layer_scale, nullptr, tower_.activation});
    const size_t token = add("cls", {stream}, SelectRows{0, 1});
    size_t value = layer_norm("norm", "norm", token, epsilon_);
    if (tower_.classes > 0) value = linear("head", value, tower_.classes);
    if (tower_.classifies)
      output(value, "logits", OutputKind::Logits);
    else
      output(value, "class", OutputKind::Features);
    return std::move(graph_);
  }

 private:
  size_t tokens() {
    const size_t width = tower_.width, embedded = patch_embedding(tower_.patch, width);
    const float* token = take_rows("cls_token", 1);
    const float* position = take_rows("pos_embed", 1 + tower_.patches());
    Matrix prefix(1, width), positions(tower_.patches(), width);
    for (size_t c = 0; c < width; ++c) prefix.row(0)[c] = token[c] + position[c];
    std::copy_n(position + width, positions.data.size(), positions.data.begin());
    return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
  }

  /// [rows, width] in OpenCLIP and Hugging Face, a row alone [width]; [1, rows, width] in timm.
  const float* take_rows(const std::string& name, size_t rows) {
    std::vector<size_t> shape = {rows, tower_.width};
    if (tensors_.rank(name) == 1) shape = {tower_.width};
    if (tensors_.rank(name) == 3) shape = {1, rows, tower_.width};
    return tensors_.take(name, shape);
  }

  const Tower& tower_;
  const float epsilon_;
};

void deduce_grid(const CheckedTensors& tensors, const Said<PixelSize>& config, Tower& tower) {
  const size_t rank = tensors.rank("pos_embed") == 3 ? 3 : 2;
  const size_t positions = tensors.shape("pos_embed", rank)[rank - 2], patches = positions - 1;
  tower.grid_height = config.value.height / tower.patch;
  tower.grid_width = config.value.width / tower.patch;
  if (config && tower.patches() == patches) return;
  const auto side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(patches))));
  if (side * side != patches || side == 0)
    tensors.refuse("its " + std::to_string(positions) +
                       " positions are not those of a class token and a square picture",
                   "give the model's config.json, which says the picture's size");
  tower.grid_height = tower.grid_width = side;
}

Tower deduce_tower(const CheckedTensors& tensors, const ModelConfig& config, size_t heads) {
  Tower t;
  deduce_patches(tensors, t);
  deduce_blocks(tensors, t);
  t.heads = deduce_heads(tensors, t.width, heads);
  t.layer_scale = tensors.expects("blocks.0.ls1.gamma") || tensors.expects("blocks.0.ls2.gamma");
  deduce_grid(tensors, config.image_size, t);
  // All three spellings always have them.
  for (const char* part : {"norm_pre", "norm", "blocks.0.norm1", "blocks.0.norm2",
                           "blocks.0.attn.q", "blocks.0.attn.k", "blocks.0.attn.v",
                           "blocks.0.attn.proj", "blocks.0.mlp.fc1", "blocks.0.mlp.fc2"})
    tensors.shape(std::string(part) + ".bias", 1);
  check_width(tensors, t);
  check_sizes(tensors, t, 1 + t.patches());
  return t;
}

ModelShapes shapes_of(const Tower& t) {
  ModelShapes out = encoder_shapes(t);
  out.image_size = {t.image_size(), "the picture's side by the position embeddings", false};
  return out;
}

// GELU and quick-GELU have the same tensors, and which was trained is said nowhere but in configs.
Said<std::string> activation_said(const std::string& path, const FamilyOptions& options,
                                  const NamedValues& saved) {
  const std::vector<std::string> words = {"gelu", "quick_gelu"};
  Said<std::string> said =
      settle(word_value(options.given, "activation", words), options.config.activation,
             word_value(saved, "activation", words));
  if (!said || (said.assumed && said.value == "gelu"))  // what timm assumes of a ViT
    throw InputError(
        path,
        "does not say whether its activation is GELU, as in laion's ViT-B-32, or "
        "quick-GELU, as in OpenAI's weights, which have the same tensors",
        "give --set activation=gelu or --set activation=quick_gelu, as it was trained");
  if (said.value == "swiglu")
    throw InputError(said.source, "is swiglu, which CLIP's image towers with these names have not",
                     "give files that belong together");
  return said;
}

// timm's `head` is CLIP's projection, whose bias is zero, or the classifier of a fine-tuned model.
Said<std::string> output_of(const FamilyOptions& options, const NamedValues& saved,
                            const Views& tensors) {
  const std::vector<std::string> words = {"features", "logits"};
  Said<std::string> given =
      settle(word_value(options.given, "output", words), {}, word_value(saved, "output", words));
  if (given) return given;
  const auto bias = tensors.find("head.bias");
  if (bias == tensors.end()) return {"features", "the head has no bias", false};
  size_t count = 1;
  for (const size_t n : bias->second.shape) count *= n;
  const float* values = bias->second.data;
  if (std::all_of(values, values + count, [](float b) { return b == 0; }))
    return {"features", "the head's bias is zero, as of CLIP's projection in timm", false};
  return {"logits", "the head has a bias", false};
}

void refuse_head_over_patches(const Checkpoint& checkpoint, const std::string& spelling,
                              const Views& tensors) {
  const auto head = tensors.find("head.weight");
  if (spelling != "Hugging Face" || head == tensors.end()) return;
  if (head->second.source.find("visual_projection") == std::string::npos)
    throw InputError(checkpoint.path,
                     "has a classifier, " + in_quotes(head->second.source) +
                         ", which in transformers reads the mean of the patches: vitro does not "
                         "compute it",
                     "give the image tower with its projection");
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "CLIP");
  FamilyModel& model = start.model;
  start.refuse_adapters("CLIP's image tower");
  start.refuse_image_size("CLIP's image tower");
  refuse_head_over_patches(checkpoint, start.names.spelling, start.views);
  ModelConfig config = options.config;
  if (config.pool && config.pool.value != "token")
    throw InputError(config.pool.source, "is " + config.pool.value,
                     "give a model that reads the class token (token)");
  const Said<std::string> activation = activation_said(checkpoint.path, options, start.saved);
  const Said<std::string> output = output_of(options, start.saved, start.views);

  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const size_t width = tensors.shape("patch_embed.proj.weight", 4)[0];
  if (config.heads_at_width && config.heads_at_width != width) config.heads = {};
  const Said<size_t> heads = settle(whole_value(options.given, "heads", 1, 1024), config.heads,
                                    whole_value(start.saved, "heads", 1, 65536));
  const Said<float> epsilon = start.epsilon(1e-5f);
  Tower tower = deduce_tower(tensors, config, heads.value);
  tower.activation = activation_of(activation.value);
  tower.classifies = output.value == "logits" && tower.classes > 0;
  model.graph = Builder(tensors, tower, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty()) check_agreement(options.config_path, config, shapes_of(tower));

  model.show(shapes_of(tower));
  model.keep("activation", activation);
  model.keep("output", output);
  model.keep_heads(heads, tower.heads, tower.width);
  model.keep_epsilon(epsilon);
  model.usual_for = "CLIP";
  model.own_classes = tower.classifies;
  model.image_size_from = "by its position embeddings";
  return std::move(model);
}

}  // namespace

const Family& family() {
  static const Family family{
      "clip",
      "CLIP's image tower: OpenAI's and OpenCLIP's",
      {{"activation", "gelu, or quick_gelu as in OpenAI's weights, where no file says which"},
       {"output", "what the head gives: features (the projection) or logits (a classifier)"},
       {"heads", "attention heads"},
       {"epsilon", "epsilon of every LayerNorm"}},
      {{"clip_vision_model", "CLIPVisionModel", 1e-5f, "", false, "CLIPImageProcessor",
        "quick_gelu", nullptr, false},
       {"clip", "CLIPModel", 1e-5f, "", false, "CLIPImageProcessor", "quick_gelu", "vision_config",
        false}},
      vit::timm_vit,  // whose names those of vit_*_clip_* are, and any may have a norm_pre
      "vit_*_clip_*",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::clip
