// SPDX-License-Identifier: Apache-2.0
// CaiT (arXiv 2103.17239): blocks over the patches alone, whose attention has talking heads; then
// blocks in which a class token, and nothing else, attends to itself and the patches.
#include "models/family.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/cait/names.h"
#include "models/encoder.h"
#include "runtime/kernels/kernels.h"

namespace vitro::converter::cait {
namespace {

struct Cait : EncoderSizes {
  size_t grid_height = 0, grid_width = 0;
  size_t class_blocks = 0, class_hidden = 0;
  bool layer_scale = false, class_layer_scale = false;

  size_t patches() const { return grid_height * grid_width; }
  PixelSize image_size() const { return {grid_width * patch, grid_height * patch}; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Cait& cait, float epsilon)
      : GraphBuilder(tensors), cait_(cait), epsilon_(epsilon) {}

  Graph build() {
    set_picture(cait_.image_size());
    size_t stream = patches();
    for (size_t b = 0; b < cait_.blocks; ++b) {
      const std::string name = "blocks." + std::to_string(b);
      const HeadMixing mixing = talking_heads(name);
      EncoderBlock block{cait_.heads, cait_.hidden, epsilon_, cait_.layer_scale};
      block.mixing = &mixing;
      stream = encoder_block(name, stream, block);
    }
    size_t token = class_token();
    for (size_t b = 0; b < cait_.class_blocks; ++b) token = class_block(b, token, stream);
    const size_t normed = layer_norm("norm", "norm", token, epsilon_);
    give_class(normed, cait_.classes);
    return std::move(graph_);
  }

 private:
  size_t patches() {
    const size_t width = cait_.width, embedded = patch_embedding(cait_.patch, width);
    Matrix positions(cait_.patches(), width);
    std::copy_n(tensors_.take("pos_embed", {1, cait_.patches(), width}), positions.data.size(),
                positions.data.begin());
    return add("tokens", {embedded}, Tokens{Matrix(0, width), std::move(positions)});
  }

  Matrix heads_by_heads(const std::string& name) {
    Matrix m(cait_.heads, cait_.heads);
    std::copy_n(tensors_.take(name, {cait_.heads, cait_.heads}), m.data.size(), m.data.begin());
    return m;
  }

  // A shift of all scores of a query leaves softmax as it is.
  HeadMixing talking_heads(const std::string& block) {
    bias(block + ".attn.proj_l.bias", cait_.heads);
    return {heads_by_heads(block + ".attn.proj_l.weight"),
            heads_by_heads(block + ".attn.proj_w.weight"),
            bias(block + ".attn.proj_w.bias", cait_.heads)};
  }

  size_t class_token() {
    Matrix row(1, cait_.width);
    std::copy_n(tensors_.take("cls_token", {1, 1, cait_.width}), cait_.width, row.row(0));
    return add("cls_token", {}, Constant{std::move(row)});
  }

  // Above the patches, each in a place that is 0 in the other.
  size_t with_patches(const std::string& name, size_t token, size_t patches) {
    std::vector<uint32_t> first(1 + cait_.patches(), GatherRows::kNoRow), others = first;
    first[0] = 0;
    std::iota(others.begin() + 1, others.end(), 0u);
    const size_t below = add(name + ".patches", {patches}, GatherRows{1, std::move(others), 0, 0}),
                 above = add(name + ".class", {token}, GatherRows{1, std::move(first), 0, 0});
    return add(name + ".tokens", {below, above}, Add{});
  }

  // The rows of patches that it would make are read by nothing.
  size_t class_block(size_t b, size_t token, size_t patches) {
    const std::string name = "class_blocks." + std::to_string(b);
    const size_t tokens = with_patches(name, token, patches);
    const size_t block = encoder_block(
        name, tokens,
        EncoderBlock{cait_.heads, cait_.class_hidden, epsilon_, cait_.class_layer_scale});
    return add(name + ".token", {block}, SelectRows{0, 1});
  }

  const Cait& cait_;
  const float epsilon_;
};

void deduce_grid(const CheckedTensors& tensors, const Said<PixelSize>& config, Cait& cait) {
  const size_t rows = tensors.shape("pos_embed", 3)[1];
  cait.grid_height = config.value.height / cait.patch;
  cait.grid_width = config.value.width / cait.patch;
  if (cait.patches() == rows) return;
  const auto side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(rows))));
  if (side * side != rows)
    tensors.refuse("its " + std::to_string(rows) + " positions are not those of a square picture",
                   "give the model's config.json, which says the picture's size");
  cait.grid_height = cait.grid_width = side;
}

void check_channels(const CheckedTensors& tensors, const Cait& c) {
  if (c.width % c.heads != 0 || c.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(c.width) +
                   " is not a multiple of 4 and of its " + std::to_string(c.heads) + " heads");
  // Heads that are mixed compare and average all columns at once.
  if (c.width > kLargestHead)
    tensors.refuse("its talking heads mix " + std::to_string(c.width) +
                       " channels, and attention takes at most " + std::to_string(kLargestHead) +
                       " at once",
                   "give a narrower model: CaiT-XXS, XS or S");
  tensors.check_size("its MLP's width", std::max(c.hidden, c.class_hidden), kLargestInput);
  tensors.check_size("the number of values of a patch,", c.patch * c.patch * 3, kLargestInput);
  tensors.check_size("the number of its tokens,", 1 + c.patches(), kLargestTokens);
}

Cait deduce(const CheckedTensors& tensors, const ModelConfig& config) {
  Cait c;
  deduce_patches(tensors, c);
  deduce_blocks(tensors, c);
  c.heads = tensors.shape("blocks.0.attn.proj_l.weight", 2)[0];
  while (tensors.has("class_blocks." + std::to_string(c.class_blocks) + ".norm1.weight"))
    ++c.class_blocks;
  if (c.class_blocks == 0) tensors.refuse("has no blocks of class attention (blocks_token_only)");
  deduce_grid(tensors, config.image_size, c);
  c.class_hidden = tensors.shape("class_blocks.0.mlp.fc1.weight", 2)[0];
  c.layer_scale = tensors.expects("blocks.0.ls1.gamma") || tensors.expects("blocks.0.ls2.gamma");
  c.class_layer_scale = tensors.has("class_blocks.0.ls1.gamma");
  check_channels(tensors, c);
  return c;
}

ModelShapes shapes_of(const Cait& c) {
  ModelShapes out = encoder_shapes(c);
  out.image_size = {c.image_size(), "the picture's side by the positions", false};
  out.blocks = {c.blocks, "the number of blocks over patches", false};
  return out;
}

constexpr char kOfHeads[] = "the rows of proj_l";

void check_config(const FamilyOptions& options, const Cait& cait) {
  const ModelConfig& config = options.config;
  if (config.pool && config.pool.value != "token")
    throw InputError(config.pool.source,
                     "is " + config.pool.value + ", and CaiT's head reads the class token",
                     "give a model whose head does");
  if (config.heads)
    check_agreement(options.config_path, config.heads, {cait.heads, kOfHeads, false});
  ModelConfig compared = config;
  if (cait.classes == 0) compared.classes = {};
  check_agreement(options.config_path, compared, shapes_of(cait));
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "CaiT");
  start.refuse_adapters();
  start.refuse_image_size();
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  const Said<float> epsilon = start.epsilon(1e-6f);
  const Cait cait = deduce(tensors, options.config);
  FamilyModel& model = start.model;
  model.graph = Builder(tensors, cait, epsilon.value).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty()) check_config(options, cait);

  model.show(shapes_of(cait));
  model.show("class_blocks",
             {std::to_string(cait.class_blocks), "the number of blocks_token_only"});
  model.show("heads", {std::to_string(cait.heads), kOfHeads});
  model.keep_epsilon(epsilon);
  model.show("activation", start.only_gelu());
  model.own_classes = cait.classes > 0;
  model.image_size_from = "by its positions";
  return std::move(model);
}

TimmArchitecture timm_cait(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("cait_", 0) == 0;
  if (out.known) out.epsilon = 1e-6f;
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{"cait", "CaiT",    {{"epsilon", "epsilon of every LayerNorm"}},
                             {},     timm_cait, "cait_*",
                             naming, build};
  return family;
}

}  // namespace vitro::converter::cait
