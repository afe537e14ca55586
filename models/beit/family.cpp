// SPDX-License-Identifier: Apache-2.0
// BEiT (arXiv 2106.08254) and BEiT v2 (arXiv 2208.06366): a ViT whose attention has a bias for each
// head by the distance of two patches, and whose keys have none.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/beit/names.h"
#include "models/builder.h"
#include "models/encoder.h"
#include "models/heads.h"

namespace vitro::converter::beit {
namespace {

// Rows of a table after those of two patches: from the class token to a patch, back, to itself.
constexpr size_t kOfTheClassToken = 3;

std::string table_of(size_t block) {
  return "blocks." + std::to_string(block) + ".attn.relative_position_bias_table";
}

struct Beit : EncoderSizes {
  size_t grid_height = 0, grid_width = 0;
  bool shared_table = false, positions = false, layer_scale = false;
  bool mean = false;  // the head reads the norm of the patches' mean; else the class token's

  size_t patches() const { return grid_height * grid_width; }
  size_t distances() const {
    return (2 * grid_height - 1) * (2 * grid_width - 1) + kOfTheClassToken;
  }
  PixelSize image_size() const { return {grid_width * patch, grid_height * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Beit& beit, float epsilon)
      : GraphBuilder(tensors), beit_(beit), epsilon_(epsilon) {}

  Graph build() {
    const PixelSize size = beit_.image_size();
    set_picture(size);
    std::fill_n(graph_.preprocessing.mean, 3, 0.5f);
    std::fill_n(graph_.preprocessing.std, 3, 0.5f);
    size_t stream = tokens();
    Matrix bias;
    for (size_t b = 0; b < beit_.blocks; ++b) {
      const std::string name = "blocks." + std::to_string(b);
      if (b == 0 || !beit_.shared_table) bias = bias_of(table_of(b));
      stream = encoder_block(name, stream,
                             {beit_.heads, beit_.hidden, epsilon_, beit_.layer_scale, &bias});
    }
    give_outputs(stream);
    return std::move(graph_);
  }

 private:
  size_t tokens() {
    const size_t width = beit_.width, embedded = patch_embedding(beit_.patch, width);
    Matrix prefix(1, width), positions(beit_.patches(), width);
    std::copy_n(tensors_.take("cls_token", {1, 1, width}), width, prefix.row(0));
    if (beit_.positions) {
      const float* position = tensors_.take("pos_embed", {1, 1 + beit_.patches(), width});
      for (size_t c = 0; c < width; ++c) prefix.row(0)[c] += position[c];
      std::copy_n(position + width, positions.data.size(), positions.data.begin());
    }
    return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
  }

  /// [heads * tokens, tokens] of a table [distances, heads].
  Matrix bias_of(const std::string& table) {
    const float* values = tensors_.take(table, {beit_.distances(), beit_.heads});
    const size_t tokens = 1 + beit_.patches();
    Matrix bias(beit_.heads * tokens, tokens);
    for (size_t i = 0; i < tokens; ++i)
      for (size_t j = 0; j < tokens; ++j) {
        const float* of_heads = values + distance(i, j) * beit_.heads;
        for (size_t h = 0; h < beit_.heads; ++h) bias.row(h * tokens + i)[j] = of_heads[h];
      }
    return bias;
  }

  /// The row of the table for query i and key j.
  size_t distance(size_t i, size_t j) const {
    const size_t after_patches = beit_.distances() - kOfTheClassToken;
    if (i == 0) return after_patches + (j == 0 ? 2 : 0);
    if (j == 0) return after_patches + 1;
    const size_t w = beit_.grid_width, y = (i - 1) / w + beit_.grid_height - 1 - (j - 1) / w,
                 x = (i - 1) % w + w - 1 - (j - 1) % w;
    return y * (2 * w - 1) + x;
  }

  void give_outputs(size_t stream) {
    size_t value = 0;
    if (beit_.mean) {
      value = layer_norm("norm", "fc_norm", add("pool", {stream}, MeanRows{1}), epsilon_);
    } else {
      value = layer_norm("norm", "norm", add("cls", {stream}, SelectRows{0, 1}), epsilon_);
    }
    if (beit_.classes > 0)
      output(linear("head", value, beit_.classes), "logits", OutputKind::Logits);
    else
      output(value, beit_.mean ? "pooled" : "class", OutputKind::Features);
  }

  const Beit& beit_;
  const float epsilon_;
};

// A table has a row for each distance of two patches: of a square picture that tells its side.
void deduce_grid(const CheckedTensors& tensors, const Said<PixelSize>& config, Beit& beit) {
  const size_t rows = tensors.shape(table_of(0), 2)[0];
  beit.grid_height = config.value.height / beit.patch;
  beit.grid_width = config.value.width / beit.patch;
  if (beit.patches() > 0 && beit.distances() == rows) return;
  const size_t of_patches = rows > kOfTheClassToken ? rows - kOfTheClassToken : 0;
  const auto reach = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(of_patches))));
  if (reach * reach != of_patches || reach % 2 == 0)
    tensors.refuse("its " + std::to_string(rows) +
                       " relative positions are not those of a class token and a square picture",
                   "give the model's config.json, which says the picture's size");
  beit.grid_height = beit.grid_width = (reach + 1) / 2;
}

Beit deduce(const CheckedTensors& tensors, const ModelConfig& config) {
  Beit b;
  deduce_patches(tensors, b);
  deduce_blocks(tensors, b);
  b.shared_table = !tensors.has(table_of(1));
  b.heads = deduce_heads(tensors, b.width, tensors.shape(table_of(0), 2)[1]);
  deduce_grid(tensors, config.image_size, b);
  b.layer_scale = tensors.expects("blocks.0.ls1.gamma") || tensors.expects("blocks.0.ls2.gamma");
  b.positions = tensors.has("pos_embed");
  b.mean = tensors.has("fc_norm.weight");
  check_sizes(tensors, b, 1 + b.patches());
  return b;
}

ModelShapes shapes_of(const Beit& b) {
  ModelShapes out = encoder_shapes(b);
  out.image_size = {b.image_size(), "the picture's side by the relative positions", false};
  return out;
}

// The config counts classes whether or not there is a head.
void check_config(const FamilyOptions& options, const ModelConfig& config, const Beit& beit) {
  if (config.pool && (config.pool.value == "token") == beit.mean)
    throw InputError(config.pool.source,
                     "is " + config.pool.value + ", but the model's norm is that of " +
                         (beit.mean ? "the mean of the patches" : "the class token"),
                     "give the config.json that was saved with the weights");
  if (config.heads)
    check_agreement(options.config_path, config.heads,
                    {beit.heads, "the columns of relative_position_bias_table", false});
  ModelConfig compared = config;
  if (beit.classes == 0) compared.classes = {};
  check_agreement(options.config_path, compared, shapes_of(beit));
}

// transformers reads a table of (2 height - 1) x (2 width - 1) distances with its sides exchanged,
// and resamples it.
void check_square(const CheckedTensors& tensors, const std::string& spelling, const Beit& beit) {
  if (spelling == "Hugging Face" && beit.grid_height != beit.grid_width)
    tensors.refuse("is of pictures of " + setting_of(beit.image_size()) +
                       " pixels, whose relative positions transformers takes in another order, "
                       "which vitro does not compute",
                   "give a model of square pictures");
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "BEiT");
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const Beit beit = deduce(tensors, options.config);
  check_square(tensors, start.names.spelling, beit);
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, beit, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty()) check_config(options, options.config, beit);

  model.show(shapes_of(beit));
  model.show("pooling", {beit.mean ? "mean of the patches" : "class token",
                         beit.mean ? "the model has fc_norm" : "the model has norm"});
  model.show("heads", {std::to_string(beit.heads), "the columns of relative_position_bias_table"});
  model.keep_epsilon(epsilon);
  model.show("activation", start.only_gelu());
  model.usual_for = "BEiT";
  model.own_classes = beit.classes > 0;
  model.image_size_from = "by its relative positions";
  return std::move(model);
}

TimmArchitecture timm_beit(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("beit_", 0) == 0 || name.rfind("beitv2_", 0) == 0;
  if (out.known) out.epsilon = 1e-6f;
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{
      "beit",
      "BEiT and BEiT v2",
      {{"epsilon", "epsilon of every LayerNorm"}},
      {{"beit",
        "Beit",
        1e-12f,
        "",
        false,
        "BeitImageProcessor",
        "gelu",
        nullptr,
        true,
        {"use_relative_position_bias", "use_shared_relative_position_bias", "use_mean_pooling"}},
       {"data2vec-vision",
        "Data2VecVision",
        1e-12f,
        "",
        false,
        "BeitImageProcessor",
        "gelu",
        nullptr,
        true,
        {"use_relative_position_bias", "use_shared_relative_position_bias", "use_mean_pooling"}}},
      timm_beit,
      "beit_* and beitv2_*",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::beit
