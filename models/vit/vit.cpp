// SPDX-License-Identifier: Apache-2.0
// Builds the float graph of a ViT or DeiT.
#include "models/vit/vit.h"

#include <algorithm>
#include <utility>

#include "models/vit/config.h"
#include "models/vit/positions.h"

namespace vitro::converter::vit {
namespace {

class VitBuilder : public GraphBuilder {
 public:
  VitBuilder(CheckedTensors& tensors, const VitConfig& config, const VitOptions& options)
      : GraphBuilder(tensors), config_(config), options_(options) {}

  Graph build() {
    set_picture({config_.grid.width * config_.patch, config_.grid.height * config_.patch});
    size_t stream = tokens();
    const EncoderBlock block{
        config_.heads,    config_.hidden,
        options_.epsilon, config_.layer_scale,
        nullptr,          config_.gated ? Activation::SwiGlu : options_.activation};
    for (size_t b = 0; b < config_.depth; ++b)
      stream = encoder_block("blocks." + std::to_string(b), stream, block);
    if (config_.pool == VitPool::None) {
      give_features(stream);
    } else if (config_.pool == VitPool::Attention) {
      pool_by_attention(stream, block);
    } else {
      classify(stream);
      output(graph_.nodes.size() - 1, "logits", OutputKind::Logits);
    }
    return std::move(graph_);
  }

 private:
  size_t layer_norm(const std::string& name, const std::string& tensor, size_t input) {
    return GraphBuilder::layer_norm(name, tensor, input, options_.epsilon);
  }

  size_t tokens() {
    const size_t dim = config_.dim, embedded = patch_embedding(config_.patch, dim);
    Matrix positions(config_.trained_grid.patches(), dim);
    const float* first = all_positions() + config_.positioned * dim;
    positions.data.assign(first, first + positions.data.size());
    if (config_.grid != config_.trained_grid)
      positions =
          resample_positions(positions, config_.trained_grid, config_.grid, config_.resampling);
    return add("tokens", {embedded}, Tokens{prefix(), std::move(positions)});
  }

  const float* all_positions() {
    return tensors_.take("pos_embed",
                         {1, config_.positioned + config_.trained_grid.patches(), config_.dim});
  }

  /// The class and distillation token, the prompts, the registers; those that have a position with
  /// it.
  Matrix prefix() {
    const size_t dim = config_.dim;
    Matrix rows(config_.prefix(), dim);
    float* to = rows.data.data();
    const auto append = [&](const float* values, size_t count) {
      to = std::copy(values, values + count * dim, to);
    };
    if (config_.class_tokens > 0) append(tensors_.take("cls_token", {1, 1, dim}), 1);
    if (config_.class_tokens > 1) append(tensors_.take("dist_token", {1, 1, dim}), 1);
    append(options_.prompts.data.data(), config_.prompts);
    if (config_.registers > 0)
      append(tensors_.take("reg_token", {1, config_.registers, dim}), config_.registers);
    const float* position = all_positions();
    for (size_t i = 0; i < config_.positioned; ++i) {
      float* row = rows.row(i < config_.class_tokens ? i : i + config_.prompts);
      for (size_t c = 0; c < dim; ++c) row[c] += *position++;
    }
    return rows;
  }

  size_t pooled_mean(size_t input) { return add("pool", {input}, MeanRows{config_.prefix()}); }

  /// LayerNorm works row by row, so that only the rows that a head reads need it.
  size_t normed_row(const std::string& name, const std::string& norm, const std::string& tensor,
                    size_t row, size_t stream) {
    return layer_norm(norm, tensor, add(name, {stream}, SelectRows{row, 1}));
  }

  void give_features(size_t stream) {
    if (config_.class_tokens > 0)
      output(normed_row("cls", "norm", "norm", 0, stream), "class", OutputKind::Features);
    const size_t patches =
        add("patches", {stream}, SelectRows{config_.prefix(), config_.grid.patches()});
    output(layer_norm("norm_patches", "norm", patches), "patches", OutputKind::Features);
  }

  void pool_by_attention(size_t stream, EncoderBlock block) {
    block.hidden = config_.pool_hidden;
    if (config_.prefix() > 0)
      stream = add("patches", {stream}, SelectRows{config_.prefix(), config_.grid.patches()});
    const size_t pooled = attention_pool("attn_pool", layer_norm("norm", "norm", stream), block);
    if (config_.classes == 0)
      output(pooled, "pooled", OutputKind::Features);
    else
      output(linear("head", pooled, config_.classes), "logits", OutputKind::Logits);
  }

  void classify(size_t stream) {
    if (config_.pool == VitPool::MeanThenNorm) {
      linear("head", layer_norm("norm", "fc_norm", pooled_mean(stream)), config_.classes);
    } else if (config_.pool == VitPool::NormThenMean) {
      linear("head", pooled_mean(layer_norm("norm", "norm", stream)), config_.classes);
    } else if (config_.pool == VitPool::TokenAndMean) {
      classify_token_and_mean(stream);
    } else {
      const std::string norm = tensors_.has("fc_norm.weight") ? "fc_norm" : "norm";
      const size_t head =
          linear("head", normed_row("cls", "norm", norm, 0, stream), config_.classes);
      if (!config_.distillation_head) return;
      const size_t head_dist =
          linear("head_dist", normed_row("dist", "norm_dist", norm, 1, stream), config_.classes);
      add("logits", {head, head_dist}, Average{});
    }
  }

  /// W [t, m] + b is the average of 2 W_1 t + b and 2 W_2 m + b.
  void classify_token_and_mean(size_t stream) {
    const size_t head = half_head("head", normed_row("cls", "norm", "norm", 0, stream), 0);
    const size_t head_mean = half_head(
        "head_mean", pooled_mean(layer_norm("norm_patches", "norm", stream)), config_.dim);
    add("logits", {head, head_mean}, Average{});
  }

  size_t half_head(const std::string& name, size_t input, size_t first_column) {
    Linear linear;
    linear.weight = Matrix(config_.classes, config_.dim);
    const float* weight =
        tensors_.take("head.weight", {config_.classes, 2 * config_.dim}) + first_column;
    for (size_t n = 0; n < config_.classes; ++n, weight += 2 * config_.dim) {
      for (size_t c = 0; c < config_.dim; ++c) linear.weight.row(n)[c] = 2 * weight[c];
    }
    linear.bias = bias("head.bias", config_.classes);
    return add(name, {input}, std::move(linear));
  }

  const VitConfig config_;
  const VitOptions& options_;
};

}  // namespace

Graph build_vit(const std::string& path, std::map<std::string, TensorView> by_name,
                const VitOptions& options, VitConfig* deduced) {
  CheckedTensors tensors(path, naming(), std::move(by_name));
  const VitConfig config = deduce_config(tensors, options);
  Graph graph = VitBuilder(tensors, config, options).build();
  tensors.refuse_untaken();
  if (deduced) *deduced = config;
  return graph;
}

Graph build_vit(const Checkpoint& checkpoint, const VitOptions& options, VitConfig* deduced) {
  return build_vit(checkpoint.path, canonical_tensors(checkpoint, naming()), options, deduced);
}

}  // namespace vitro::converter::vit
