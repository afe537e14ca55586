// SPDX-License-Identifier: Apache-2.0
// DINOv3 (arXiv 2508.10104): a ViT without position embeddings, whose queries and keys are rotated
// by angles of where a patch is in the picture; class and register tokens are not.
#include "models/family.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/dinov3/names.h"
#include "models/encoder.h"
#include "models/heads.h"

namespace vitro::converter::dinov3 {
namespace {

constexpr size_t kLargestPicture = 65535;  // rows or columns of pixels

constexpr size_t kUsualSide = 224;
constexpr float kUsualTheta = 100;
constexpr double kTurn = 6.283185307179586;

using Views = std::map<std::string, TensorView>;

struct DinoV3 : EncoderSizes {
  PixelSize image;
  size_t registers = 0;
  bool layer_scale = false, gated = false;
  Activation activation = Activation::Gelu;  // of the MLPs
  bool mean = false;            // the head reads the mean of the patches; else the class token
  std::vector<double> periods;  // a quarter of a head's channels

  size_t grid_height() const { return image.height / patch; }
  size_t grid_width() const { return image.width / patch; }
  size_t patches() const { return grid_height() * grid_width(); }
  size_t prefix() const { return 1 + registers; }
};

// The middles of `count` patches, from -1 to 1.
std::vector<double> middles(size_t count) {
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i)
    out.push_back((2 * static_cast<double>(i) + 1) / static_cast<double>(count) - 1);
  return out;
}

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const DinoV3& dino, float epsilon)
      : GraphBuilder(tensors), dino_(dino), epsilon_(epsilon) {}

  Graph build() {
    set_picture(dino_.image);
    RotaryGrid grid{dino_.prefix(), middles(dino_.grid_height()), middles(dino_.grid_width()), {}};
    for (const double period : dino_.periods) grid.frequencies.push_back(kTurn / period);
    const RotaryPositions rotary = rotary_positions(grid);
    EncoderBlock block{dino_.heads, dino_.hidden, epsilon_, dino_.layer_scale};
    block.activation = dino_.activation;
    block.rotary = &rotary;
    size_t stream = tokens();
    for (size_t b = 0; b < dino_.blocks; ++b)
      stream = encoder_block("blocks." + std::to_string(b), stream, block);
    if (dino_.classes == 0)
      give_features(stream);
    else
      output(linear("head", pooled(stream), dino_.classes), "logits", OutputKind::Logits);
    return std::move(graph_);
  }

 private:
  size_t tokens() {
    const size_t width = dino_.width, embedded = patch_embedding(dino_.patch, width);
    Matrix prefix(dino_.prefix(), width);
    std::copy_n(tensors_.take("cls_token", {1, 1, width}), width, prefix.row(0));
    if (dino_.registers > 0)
      std::copy_n(tensors_.take("reg_token", {1, dino_.registers, width}), dino_.registers * width,
                  prefix.row(0) + width);
    return add("tokens", {embedded}, Tokens{std::move(prefix), Matrix(dino_.patches(), width)});
  }

  size_t norm_of_token(size_t stream) {
    return layer_norm("norm", "norm", add("cls", {stream}, SelectRows{0, 1}), epsilon_);
  }

  void give_features(size_t stream) {
    output(norm_of_token(stream), "class", OutputKind::Features);
    const size_t patches = add("patches", {stream}, SelectRows{dino_.prefix(), dino_.patches()});
    output(layer_norm("norm_patches", "norm", patches, epsilon_), "patches", OutputKind::Features);
  }

  size_t pooled(size_t stream) {
    if (!dino_.mean) return norm_of_token(stream);
    return add("pool", {layer_norm("norm", "norm", stream, epsilon_)}, MeanRows{dino_.prefix()});
  }

  const DinoV3& dino_;
  const float epsilon_;
};

// Biases that a mask of ones and zeros leaves of what the file has.
void mask_biases(const Checkpoint& checkpoint, Views& views) {
  for (auto at = views.begin(); at != views.end();) {
    const size_t end = at->first.find(".bias_mask");
    if (end == std::string::npos) {
      ++at;
      continue;
    }
    const TensorView& mask = at->second;
    const auto bias = views.find(at->first.substr(0, end) + ".bias");
    if (bias == views.end() || bias->second.shape != mask.shape || mask.shape.size() != 1)
      throw InputError(checkpoint.path, "has " + mask.source + " without a bias of its size",
                       "give a complete checkpoint");
    auto masked =
        std::make_shared<std::vector<float>>(bias->second.data, bias->second.data + mask.shape[0]);
    for (size_t i = 0; i < mask.shape[0]; ++i) {
      if (mask.data[i] != 0 && mask.data[i] != 1)
        throw InputError(checkpoint.path, "has numbers in " + mask.source + " that are no mask",
                         "give the weights as they were released");
      if (mask.data[i] == 0) (*masked)[i] = 0;
    }
    bias->second.data = masked->data();
    bias->second.owned = std::move(masked);
    at = views.erase(at);
  }
}

// No tensor tells the picture's size.
Said<PixelSize> picture_of(const FamilyOptions& options) {
  if (options.adapters.image_size != PixelSize{})
    return {options.adapters.image_size, "--image-size", false};
  if (options.config.image_size) return options.config.image_size;
  return {{kUsualSide, kUsualSide}, "assumed: usual for DINOv3, which takes any", true};
}

// Heads of 64 channels, and of 128 in the largest.
Said<size_t> heads_of(const CheckedTensors& tensors, size_t width, const FamilyOptions& options,
                      const NamedValues& saved) {
  constexpr size_t kWidthOf7B = 4096;
  if (tensors.has("rope.periods")) {
    const size_t head_dim = 4 * tensors.shape("rope.periods", 1)[0];
    if (width % head_dim != 0)
      tensors.refuse("its width of " + std::to_string(width) + " does not divide into heads of " +
                     std::to_string(head_dim) + " channels, as rope_embed.periods says");
    return {width / head_dim, "the number of rope_embed.periods", false};
  }
  Said<size_t> said = settle(whole_value(options.given, "heads", 1, 1024), options.config.heads,
                             whole_value(saved, "heads", 1, 65536));
  if (said || width % 64 != 0) return said;
  const size_t head_dim = width == kWidthOf7B ? 128 : 64;
  return {width / head_dim, "assumed: DINOv3's heads of " + std::to_string(head_dim) + " channels",
          true};
}

std::vector<double> periods_of(CheckedTensors& tensors, size_t quarter, float theta) {
  std::vector<double> periods;
  const float* given =
      tensors.has("rope.periods") ? tensors.take("rope.periods", {quarter}) : nullptr;
  for (size_t i = 0; i < quarter; ++i) {
    const double exponent = static_cast<double>(i) / static_cast<double>(quarter);
    periods.push_back(given ? static_cast<double>(given[i])
                            : std::pow(static_cast<double>(theta), exponent));
    if (!(periods.back() > 0)) tensors.refuse("a period of its rotary positions is not positive");
  }
  return periods;
}

DinoV3 deduce(const CheckedTensors& tensors, const Said<PixelSize>& image) {
  DinoV3 d;
  deduce_patches(tensors, d);
  d.image = image.value;
  if (d.image.width % d.patch != 0 || d.image.height % d.patch != 0 || d.patches() == 0 ||
      std::max(d.image.width, d.image.height) > kLargestPicture)
    tensors.refuse("a picture of " + setting_of(d.image) + " pixels (" + image.source +
                       ") is not whole patches of " + std::to_string(d.patch),
                   "give another --image-size");
  deduce_blocks(tensors, d);
  d.registers = tensors.has("reg_token") ? tensors.shape("reg_token", 3)[1] : 0;
  d.gated = tensors.expects("blocks.0.mlp.gate.weight");
  d.layer_scale = tensors.expects("blocks.0.ls1.gamma") || tensors.expects("blocks.0.ls2.gamma");
  if (d.classes > 0 && tensors.shape("head.weight", 2)[1] == 2 * d.width)
    tensors.refuse(
        "its head reads the class token and the mean of the patches side by side, "
        "which vitro does not compute of DINOv3",
        "give the model without its head");
  check_sizes(tensors, d, d.prefix() + d.patches());
  return d;
}

ModelShapes shapes_of(const DinoV3& d) {
  ModelShapes out = encoder_shapes(d);
  out.registers = {d.registers, "the number of register tokens", false};
  return out;
}

void check_config(const FamilyOptions& options, const DinoV3& dino) {
  if (options.config_path.empty()) return;
  ModelConfig compared = options.config;
  compared.image_size = {};
  if (dino.classes == 0) compared.classes = {};
  check_agreement(options.config_path, compared, shapes_of(dino));
  if (compared.heads && !compared.heads.assumed)
    check_agreement(options.config_path, compared.heads,
                    {dino.heads, "the heads that are taken", false});
  const Said<std::string>& activation = options.config.activation;
  if (!activation || activation.assumed || (activation.value == "swiglu") == dino.gated) return;
  throw InputError(options.config_path,
                   activation.source + " is " + activation.value + ", but the tensors have " +
                       (dino.gated ? "a gated MLP" : "an MLP without a gate"),
                   "give files that belong together");
}

// Without a head class token and patches are outputs.
Said<std::string> pooling_of(const FamilyOptions& options, const NamedValues& saved,
                             const DinoV3& dino) {
  const std::vector<std::string> words = {"token", "mean"};
  Said<std::string> given = word_value(options.given, "pooling", words), config;
  if (dino.classes == 0) {
    if (given)
      throw InputError(given.source, "is given, but the model has no head", "leave it out");
    return {"none: class token and patches are outputs", "shapes: there is no head", false};
  }
  if (options.config.pool) config = options.config.pool;
  if (config.value == "avg") config.value = "mean";
  if (config && config.value != "token" && config.value != "mean")
    throw InputError(config.source,
                     "is " + config.value + ", which vitro does not compute of DINOv3",
                     "give a model that reads the class token or the mean of the patches");
  const Said<std::string> said = settle(given, config, word_value(saved, "pooling", words));
  return said ? said : Said<std::string>{"mean", "assumed: timm's default", true};
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "DINOv3");
  FamilyModel& model = start.model;
  start.refuse_adapters();
  mask_biases(checkpoint, start.views);

  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-5f);
  const Said<PixelSize> image = picture_of(options);
  DinoV3 dino = deduce(tensors, image);
  const Said<size_t> heads = heads_of(tensors, dino.width, options, start.saved);
  dino.heads = deduce_heads(tensors, dino.width, heads.value);
  if (dino.width / dino.heads % 4 != 0)
    tensors.refuse("its heads of " + std::to_string(dino.width / dino.heads) +
                       " channels do not divide into pairs of two axes",
                   "give the number of heads (--heads)");
  const Said<float> theta = options.config.rope_theta
                                ? options.config.rope_theta
                                : Said<float>{kUsualTheta, "assumed: DINOv3's", true};
  const bool periods_given = tensors.has("rope.periods");
  dino.periods = periods_of(tensors, dino.width / dino.heads / 4, theta.value);
  const Said<std::string> activation =
      dino.gated ? Said<std::string>{"swiglu", "shapes: the MLP has a gate", false}
                 : start.activation();
  dino.activation = activation_of(activation.value);
  check_config(options, dino);
  const Said<std::string> pooling = pooling_of(options, start.saved, dino);
  dino.mean = pooling.value == "mean";
  model.graph = Builder(tensors, dino, epsilon.value).build();
  tensors.refuse_untaken();

  model.show(shapes_of(dino));
  model.show("image_size", {setting_of(dino.image), image.source, image.assumed});
  model.show("registers", {std::to_string(dino.registers), "shapes: the register tokens"});
  if (dino.classes > 0)
    model.keep("pooling", pooling);
  else
    model.show("pooling", {pooling.value, pooling.source});
  model.keep_heads(heads, dino.heads, dino.width);
  model.keep_epsilon(epsilon);
  if (periods_given)
    model.show("rotary_positions", {"periods of the file", "the tensor rope_embed.periods"});
  else
    model.show("rotary_positions",
               {"periods to the base of " + text_of(theta.value), theta.source, theta.assumed});
  model.show("activation", activation);
  model.own_classes = dino.classes > 0;
  model.image_size_from =
      image.assumed ? "as is usual for DINOv3 (--image-size gives another)" : "by " + image.source;
  return std::move(model);
}

// LingBot-Vision has DINOv3's architecture.
TimmArchitecture timm_dinov3(const std::string& name) {
  TimmArchitecture out;
  const auto has = [&name](const char* part) { return name.find(part) != std::string::npos; };
  out.known = name.rfind("vit_", 0) == 0 && (has("_dinov3") || has("_lingbot"));
  if (!out.known) return out;
  out.epsilon = 1e-5f;
  for (const char* gated : {"_plus_", "_7b_", "_giant_"})
    if (has(gated)) out.activation = "swiglu";
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{
      "dinov3",
      "DINOv3: small to 7B, with and without a gated MLP",
      {{"heads", "attention heads"},
       {"epsilon", "epsilon of every LayerNorm"},
       {"pooling", "what a head reads: token (the class token) or mean (of the patches)"}},
      {{"dinov3_vit",
        "DINOv3ViT",
        1e-5f,
        "",
        true,
        "DINOv3ViTImageProcessor",
        "gelu",
        nullptr,
        true,
        {"rope_theta", "use_gated_mlp"}}},
      timm_dinov3,
      "vit_*_dinov3* and vit_*_lingbot",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::dinov3
