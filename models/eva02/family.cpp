// SPDX-License-Identifier: Apache-2.0
// EVA-02 (arXiv 2303.11331): a ViT with position embeddings, whose queries and keys are rotated by
// angles of where a patch is on a grid of 16 x 16, whatever the picture's; gated MLPs, with a norm
// inside in the larger ones. CLIP's towers of it have another norm behind attention.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/encoder.h"
#include "models/eva02/names.h"
#include "models/heads.h"

namespace vitro::converter::eva02 {
namespace {

constexpr double kGridOfPositions = 16, kTheta = 10000;
constexpr float kMean[] = {0.48145466f, 0.4578275f, 0.40821073f},
                kStd[] = {0.26862954f, 0.26130258f, 0.27577711f};

using Views = std::map<std::string, TensorView>;

struct Eva : EncoderSizes {
  size_t grid_height = 0, grid_width = 0;
  bool mean = false;   // the norm is of the patches' mean; else of the class token
  bool tower = false;  // of CLIP: the head makes features

  size_t patches() const { return grid_height * grid_width; }
  PixelSize image_size() const { return {grid_width * patch, grid_height * patch}; }
};

std::vector<double> places(size_t count) {
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i)
    out.push_back(static_cast<double>(i) / static_cast<double>(count) * kGridOfPositions);
  return out;
}

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Eva& eva, float epsilon)
      : GraphBuilder(tensors), eva_(eva), epsilon_(epsilon) {}

  Graph build() {
    set_picture(eva_.image_size());
    std::copy_n(kMean, 3, graph_.preprocessing.mean);
    std::copy_n(kStd, 3, graph_.preprocessing.std);
    RotaryGrid grid{1, places(eva_.grid_height), places(eva_.grid_width), {}};
    const size_t quarter = eva_.width / eva_.heads / 4;
    for (size_t i = 0; i < quarter; ++i)
      grid.frequencies.push_back(
          std::pow(kTheta, -static_cast<double>(i) / static_cast<double>(quarter)));
    RotaryPositions rotary = rotary_positions(grid);
    rotary.interleaved = true;
    EncoderBlock block{eva_.heads, eva_.hidden, epsilon_};
    block.activation = Activation::SwiGlu;
    block.rotary = &rotary;
    size_t stream = class_and_patches(patch_embedding(eva_.patch, eva_.width), eva_.patches());
    for (size_t b = 0; b < eva_.blocks; ++b)
      stream = encoder_block("blocks." + std::to_string(b), stream, block);
    give_output(stream);
    return std::move(graph_);
  }

 private:
  void give_output(size_t stream) {
    const size_t read =
        eva_.mean ? add("pool", {stream}, MeanRows{1}) : add("cls", {stream}, SelectRows{0, 1});
    size_t value = layer_norm("norm", eva_.mean ? "fc_norm" : "norm", read, epsilon_);
    if (eva_.classes > 0) value = linear("head", value, eva_.classes);
    if (eva_.classes > 0 && !eva_.tower)
      output(value, "logits", OutputKind::Logits);
    else
      output(value, eva_.mean ? "pooled" : "class", OutputKind::Features);
  }

  const Eva& eva_;
  const float epsilon_;
};

void deduce_grid(const CheckedTensors& tensors, const Said<PixelSize>& config, Eva& eva) {
  const size_t positions = tensors.shape("pos_embed", 3)[1], patches = positions - 1;
  eva.grid_height = config.value.height / eva.patch;
  eva.grid_width = config.value.width / eva.patch;
  if (config && eva.patches() == patches) return;
  const auto side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(patches))));
  if (side * side != patches || side == 0)
    tensors.refuse("its " + std::to_string(positions) +
                       " positions are not those of a class token and a square picture",
                   "give the model's config.json, which says the picture's size");
  eva.grid_height = eva.grid_width = side;
}

bool is_zero(const TensorView& view) {
  size_t count = 1;
  for (const size_t n : view.shape) count *= n;
  return std::all_of(view.data, view.data + count, [](float x) { return x == 0; });
}

Eva deduce(const CheckedTensors& tensors, const ModelConfig& config, const Views& views) {
  Eva e;
  deduce_patches(tensors, e);
  deduce_blocks(tensors, e);
  deduce_grid(tensors, config.image_size, e);
  const size_t fc1 = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0],
               fc2 = tensors.shape("blocks.0.mlp.fc2.weight", 2)[1];
  const bool apart = tensors.expects("blocks.0.mlp.gate.weight");
  if (!apart && fc1 == fc2)
    tensors.refuse(
        "its MLP has no gate: EVA's first version, whose positions are not rotary, is not "
        "computed");
  e.hidden = apart ? fc1 : fc1 / 2;
  e.mean = tensors.has("fc_norm.weight");
  const auto bias = views.find("head.bias");
  e.tower = tensors.expects("blocks.0.attn.norm.weight") && e.classes > 0 &&
            (bias == views.end() || is_zero(bias->second));
  check_sizes(tensors, e, 1 + e.patches());
  return e;
}

ModelShapes shapes_of(const Eva& e) {
  ModelShapes out = encoder_shapes(e);
  out.image_size = {e.image_size(), "the picture's side by the position embeddings", false};
  return out;
}

void check_config(const FamilyOptions& options, const Eva& eva) {
  const ModelConfig& config = options.config;
  if (options.config_path.empty()) return;
  if (config.pool && config.pool.value != (eva.mean ? "avg" : "token"))
    throw InputError(config.pool.source,
                     "is " + config.pool.value + ", but the model's norm is that of " +
                         (eva.mean ? "the mean of the patches" : "the class token"),
                     "give the config.json that was saved with the weights");
  if (config.activation && !config.activation.assumed && config.activation.value != "swiglu")
    throw InputError(config.activation.source,
                     "is " + config.activation.value + ", and EVA-02 has swiglu",
                     "give files that belong together");
  ModelConfig compared = config;
  if (eva.classes == 0) compared.classes = {};
  check_agreement(options.config_path, compared, shapes_of(eva));
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "EVA-02");
  start.refuse_adapters();
  start.refuse_image_size();
  Views& views = start.views;
  for (auto at = views.begin(); at != views.end();)
    at = at->first.find("rope.freqs_") == std::string::npos ? std::next(at) : views.erase(at);

  CheckedTensors tensors(checkpoint.path, naming(), views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  Eva eva = deduce(tensors, options.config, views);
  const Said<size_t> heads = start.heads();
  eva.heads = deduce_heads(tensors, eva.width, heads.value);
  if (eva.width / eva.heads % 4 != 0)
    tensors.refuse("its heads of " + std::to_string(eva.width / eva.heads) +
                       " channels do not divide into pairs of two axes",
                   "give the number of heads (--heads)");
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, eva, epsilon.value).build();
  tensors.refuse_untaken();
  check_config(options, eva);

  model.show(shapes_of(eva));
  model.show("pooling", {eva.mean ? "mean of the patches" : "class token",
                         eva.mean ? "the model has fc_norm" : "the model has norm"});
  model.keep_heads(heads, eva.heads, eva.width);
  model.keep_epsilon(epsilon);
  model.show("activation", {"swiglu", "shapes: the MLP has a gate"});
  model.usual_for = "EVA-02";
  model.own_classes = eva.classes > 0 && !eva.tower;
  model.image_size_from = "by its position embeddings";
  return std::move(model);
}

TimmArchitecture timm_eva02(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("eva02_", 0) == 0;
  if (!out.known) return out;
  out.epsilon = 1e-6f;
  out.activation = "swiglu";
  if (name.find("_enormous_") != std::string::npos)
    out.fault = "it norms after attention and MLP, which vitro does not compute";
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{
      "eva02",
      "EVA-02: tiny, small, base and large, and EVA-02-CLIP's image towers",
      {{"heads", "attention heads"}, {"epsilon", "epsilon of every LayerNorm"}},
      {},
      timm_eva02,
      "eva02_*",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::eva02
