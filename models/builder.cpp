// SPDX-License-Identifier: Apache-2.0
#include "models/builder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace vitro::converter {

Activation activation_of(const std::string& word) {
  if (word == "gelu") return Activation::Gelu;
  if (word == "gelu_tanh") return Activation::GeluTanh;
  if (word == "quick_gelu") return Activation::QuickGelu;
  if (word == "swiglu") return Activation::SwiGlu;
  throw std::logic_error("no activation is called " + word);
}

RotaryPositions rotary_positions(const RotaryGrid& grid) {
  const size_t width = grid.x.size(), tokens = grid.prefix + grid.y.size() * width,
               quarter = grid.frequencies.size();
  RotaryPositions out{Matrix(tokens, 2 * quarter), Matrix(tokens, 2 * quarter)};
  for (size_t t = 0; t < tokens; ++t) {
    std::fill_n(out.cosine.row(t), 2 * quarter, 1.0f);
    if (t < grid.prefix) continue;
    const size_t patch = t - grid.prefix;
    for (size_t i = 0; i < 2 * quarter; ++i) {
      const double at = i < quarter ? grid.y[patch / width] : grid.x[patch % width];
      const double angle = at * grid.frequencies[i % quarter];
      out.cosine.row(t)[i] = static_cast<float>(std::cos(angle));
      out.sine.row(t)[i] = static_cast<float>(std::sin(angle));
    }
  }
  return out;
}

std::vector<float> GraphBuilder::bias(const std::string& name, size_t n) {
  return tensors_.expects(name) ? tensors_.vector(name, n) : std::vector<float>(n);
}

size_t GraphBuilder::patch_embedding(size_t patch, size_t dim, size_t stride) {
  Linear embedding;
  embedding.weight = Matrix(dim, patch * patch * 3);
  embedding.bias = bias("patch_embed.proj.bias", dim);
  const float* convolution = tensors_.take("patch_embed.proj.weight", {dim, 3, patch, patch});
  for (size_t n = 0; n < dim; ++n) {
    for (size_t channel = 0; channel < 3; ++channel) {
      for (size_t yx = 0; yx < patch * patch; ++yx)
        embedding.weight.row(n)[yx * 3 + channel] = *convolution++;
    }
  }
  const size_t pixels = add("pixels", {}, PatchRows{patch, patch, 0, false, stride});
  return add("patch_embed", {pixels}, std::move(embedding));
}

size_t GraphBuilder::linear(const std::string& name, size_t input, size_t cols, size_t zeros) {
  Linear linear;
  linear.weight = Matrix(cols, graph_.nodes[input].cols);
  const size_t known = linear.weight.cols - zeros;
  const float* weight = tensors_.take(name + ".weight", {cols, known});
  for (size_t n = 0; n < cols; ++n, weight += known)
    std::copy_n(weight, known, linear.weight.row(n));
  linear.bias = bias(name + ".bias", cols);
  return add(name, {input}, std::move(linear));
}

void GraphBuilder::scale_outputs(const std::vector<float>& scale) {
  auto& linear = graph_.nodes.back().as<Linear>();
  for (size_t n = 0; n < scale.size(); ++n) {
    for (size_t k = 0; k < linear.weight.cols; ++k) linear.weight.row(n)[k] *= scale[n];
    linear.bias[n] *= scale[n];
  }
}

size_t GraphBuilder::mlp(const std::string& name, size_t input, size_t hidden,
                         Activation activation, float epsilon) {
  const size_t dim = cols(input);
  if (activation == Activation::SwiGlu) {
    size_t product = swiglu(name, input, hidden);
    if (tensors_.expects(name + ".norm.weight"))
      product = norm_of_first(name + ".norm", product, hidden, epsilon);
    return linear(name + ".fc2", product, dim, cols(product) - hidden);
  }
  const size_t fc1 = linear(name + ".fc1", input, hidden);
  if (activation != Activation::QuickGelu) {
    const Gelu gelu{activation == Activation::GeluTanh};
    return linear(name + ".fc2", add(name + ".gelu", {fc1}, gelu), dim);
  }
  // quick-GELU of x is SiLU of 1.702 x, divided by 1.702.
  constexpr double kSlope = 1.702;
  scale_outputs(std::vector<float>(hidden, static_cast<float>(kSlope)));
  const size_t fc2 = linear(name + ".fc2", add(name + ".silu", {fc1}, Silu{}), dim);
  for (float& w : graph_.nodes[fc2].as<Linear>().weight.data)
    w = static_cast<float>(static_cast<double>(w) / kSlope);
  return fc2;
}

size_t GraphBuilder::swiglu(const std::string& name, size_t input, size_t hidden) {
  const std::string fc1 = name + ".fc1";
  const size_t wide = tensors_.expects(name + ".norm.weight") ? (hidden + 3) / 4 * 4 : hidden;
  const bool apart = tensors_.expects(name + ".gate.weight");
  const auto part = [&](const char* node, size_t first) {
    const size_t made = apart
                            ? linear(name + (first == 0 ? ".gate" : ".fc1"), input, hidden)
                            : linear_of_rows(name + node, input, {fc1, first, hidden, 2 * hidden});
    return widened(made, wide);
  };
  const size_t silu = add(name + ".silu", {part(".gate", 0)}, Silu{});
  return add(name + ".product", {silu, part(".gated", hidden)}, Multiply{});
}

size_t GraphBuilder::widened(size_t linear, size_t cols) {
  auto& parameters = graph_.nodes[linear].as<Linear>();
  if (parameters.weight.rows == cols) return linear;
  Matrix weight(cols, parameters.weight.cols);
  std::copy(parameters.weight.data.begin(), parameters.weight.data.end(), weight.data.begin());
  parameters.weight = std::move(weight);
  parameters.bias.resize(cols);
  settle_shapes(graph_);
  return linear;
}

// The norm of `width` of `all` columns, exactly, by the norm of all: those beyond are given the
// mean of the others, which leaves the mean as it is and makes the variance width / all of what it
// was.
size_t GraphBuilder::norm_of_first(const std::string& name, size_t input, size_t width,
                                   float epsilon) {
  const size_t all = cols(input);
  if (all == width) return layer_norm(name, name, input, epsilon);
  constexpr size_t kFewest = 4;  // columns that a linear may read
  Linear mean{Matrix(kFewest, all), std::vector<float>(kFewest)},
      fill{Matrix(all, kFewest), std::vector<float>(all)};
  std::fill_n(mean.weight.row(0), width, 1 / static_cast<float>(width));
  for (size_t c = width; c < all; ++c) fill.weight.row(c)[0] = 1;
  const size_t means = add(name + ".mean", {input}, std::move(mean)),
               beyond = add(name + ".beyond", {means}, std::move(fill)),
               filled = add(name + ".filled", {input, beyond}, Add{});
  LayerNorm norm{tensors_.vector(name + ".weight", width), bias(name + ".bias", width), epsilon};
  const double share = static_cast<double>(width) / static_cast<double>(all);
  for (float& gamma : norm.gamma)
    gamma = static_cast<float>(static_cast<double>(gamma) * std::sqrt(share));
  norm.epsilon = static_cast<float>(static_cast<double>(epsilon) * share);
  norm.gamma.resize(all);
  norm.beta.resize(all);
  return add(name, {filled}, std::move(norm));
}

size_t GraphBuilder::linear_of_rows(const std::string& name, size_t input, const RowsOf& rows) {
  Linear part;
  part.weight = Matrix(rows.count, cols(input));
  const float* weight =
      tensors_.take(rows.tensor + ".weight", {rows.all, cols(input)}) + rows.first * cols(input);
  std::copy_n(weight, part.weight.data.size(), part.weight.data.begin());
  const std::vector<float> all = bias(rows.tensor + ".bias", rows.all);
  part.bias.assign(all.data() + rows.first, all.data() + rows.first + rows.count);
  return add(name, {input}, std::move(part));
}

size_t GraphBuilder::attention_rows(const std::string& name, size_t stream,
                                    const EncoderBlock& block) {
  const std::string norm1 = name + ".norm1";
  if (!block.windows)
    return block.post_norm ? stream : layer_norm(norm1, norm1, stream, block.epsilon);
  const size_t rows = block.post_norm ? stream : norm(norm1, stream, block.epsilon);
  return add(name + ".attn.windows", {rows}, GatherRows{1, *block.windows});
}

size_t GraphBuilder::self_attention(const std::string& name, size_t rows, size_t stream,
                                    const EncoderBlock& block) {
  const size_t dim = cols(rows);
  size_t q = rotated(linear(name + ".q", rows, dim), block), k = 0;
  if (block.cosine && block.windows) {
    // Keys of rows that are filled up have no direction: exactly zeros, which a linear layer in
    // int8 would not make of zeros.
    k = add(name + ".k.windows", {linear(name + ".k", stream, dim)}, GatherRows{1, *block.windows});
  } else {
    k = rotated(linear(name + ".k", rows, dim), block);
  }
  const size_t v = linear(name + ".v", rows, dim);
  if (block.cosine) {
    constexpr float kEpsilon = 1e-24f;  // PyTorch's normalize: at least 1e-12 for the length
    q = add(name + ".q_norm", {q}, HeadNorm{*block.cosine, kEpsilon});
    k = add(name + ".k_norm", {k}, HeadNorm{std::vector<float>(block.heads, 1), kEpsilon});
  }
  return inner_norm(name, attend(name + ".attention", {q, k, v}, block), block);
}

size_t GraphBuilder::encoder_block(const std::string& name, size_t stream,
                                   const EncoderBlock& block) {
  const size_t dim = cols(stream);
  const auto layer_scale = [&](const std::string& part) {
    if (block.layer_scale) scale_outputs(tensors_.vector(name + part, dim));
  };
  const size_t rows = attention_rows(name, stream, block);
  MixedAttention mixed{};
  if (block.mixing)
    mixed = attend_mixed(name + ".attn", rows, *block.mixing);
  else
    mixed.value = self_attention(name + ".attn", rows, stream, block);
  size_t proj = linear(name + ".attn.proj", mixed.value, dim);
  layer_scale(".ls1.gamma");
  if (block.windows) proj = add(name + ".attn.back", {proj}, GatherRows{1, *block.back});
  if (block.post_norm) proj = norm(name + ".norm1", proj, block.epsilon);
  size_t middle = add(name + ".attn.residual", {stream, proj}, Add{});
  if (block.mixing) middle = add_mean_of_values(name, middle, mixed, block);

  const std::string norm2 = name + ".norm2";
  const size_t read = block.post_norm ? middle : layer_norm(norm2, norm2, middle, block.epsilon);
  size_t fc2 = mlp(name + ".mlp", read, block.hidden, block.activation, block.epsilon);
  layer_scale(".ls2.gamma");
  if (block.post_norm) fc2 = norm(norm2, fc2, block.epsilon);
  return add(name + ".mlp.residual", {middle, fc2}, Add{});
}

size_t GraphBuilder::attend(const std::string& name, std::vector<size_t> qkv,
                            const EncoderBlock& block) {
  Attention attention;
  attention.heads = block.heads;
  attention.groups = block.groups;
  if (block.bias) attention.bias = *block.bias;
  if (block.regions) attention.regions = *block.regions;
  const size_t head_dim = cols(qkv[0]) / block.heads;
  attention.scale =
      block.cosine ? 1 : static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)));
  return add(name, std::move(qkv), attention);
}

// Pairs 2i and 2i + 1 become i and i + half by the order of the linear's outputs, of queries and
// keys alike, which no score sees.
size_t GraphBuilder::rotated(size_t linear, const EncoderBlock& block) {
  if (!block.rotary) return linear;
  const size_t head_dim = cols(linear) / block.heads, half = head_dim / 2;
  if (block.rotary->interleaved) {
    auto& parameters = graph_.nodes[linear].as<Linear>();
    const Linear before = parameters;
    for (size_t n = 0; n < before.weight.rows; ++n) {
      const size_t i = n % head_dim, to = n - i + i / 2 + i % 2 * half;
      std::copy_n(before.weight.row(n), before.weight.cols, parameters.weight.row(to));
      parameters.bias[to] = before.bias[n];
    }
  }
  return add(graph_.nodes[linear].name + ".rotated", {linear},
             RotatePairs{block.heads, block.rotary->cosine, block.rotary->sine});
}

// What attention writes has a unit for each column, a norm wants one for all: a column affine that
// changes nothing stands between.
size_t GraphBuilder::inner_norm(const std::string& name, size_t value, const EncoderBlock& block) {
  if (!tensors_.expects(name + ".norm.weight")) return value;
  const size_t width = cols(value);
  const size_t even = add(name + ".even", {value},
                          ColumnAffine{std::vector<float>(width, 1), std::vector<float>(width)});
  return layer_norm(name + ".norm", name + ".norm", even, block.epsilon);
}

// As the bias of a linear that multiplies nothing, so that what makes queries of it, in whatever
// form and basis, is a linear like any other.
size_t GraphBuilder::class_and_patches(size_t embedded, size_t patches) {
  const size_t width = cols(embedded);
  const float* token = tensors_.take("cls_token", {1, 1, width});
  const float* position = tensors_.take("pos_embed", {1, 1 + patches, width});
  Matrix prefix(1, width), positions(patches, width);
  for (size_t c = 0; c < width; ++c) prefix.row(0)[c] = token[c] + position[c];
  std::copy_n(position + width, positions.data.size(), positions.data.begin());
  return add("tokens", {embedded}, Tokens{std::move(prefix), std::move(positions)});
}

void GraphBuilder::give_class(size_t row, size_t classes) {
  if (classes > 0)
    output(linear("head", row, classes), "logits", OutputKind::Logits);
  else
    output(row, "class", OutputKind::Features);
}

size_t GraphBuilder::constant_row(const std::string& name, std::vector<float> values) {
  constexpr size_t kFewest = 4;  // columns that a linear may read
  const size_t none = add(name + ".none", {}, Constant{Matrix(1, kFewest)});
  return add(name, {none}, Linear{Matrix(values.size(), kFewest), std::move(values)});
}

size_t GraphBuilder::attention_pool(const std::string& name, size_t input,
                                    const EncoderBlock& block) {
  const size_t dim = cols(input);
  const std::string attn = name + ".attn";
  const bool packed = tensors_.has(attn + ".kv.weight");
  const auto operand = [&](const char* part, size_t first) {
    if (!packed) return linear(attn + part, input, dim);
    return linear_of_rows(attn + part, input, {attn + ".kv", first, dim, 2 * dim});
  };
  const size_t k = operand(".k", 0), v = operand(".v", dim);
  const float* latent = tensors_.take(name + ".latent", {1, 1, dim});
  const float* weight = tensors_.take(attn + ".q.weight", {dim, dim});
  std::vector<float> query = bias(attn + ".q.bias", dim);
  for (size_t n = 0; n < dim; ++n, weight += dim) {
    double sum = static_cast<double>(query[n]);
    for (size_t c = 0; c < dim; ++c)
      sum += static_cast<double>(weight[c]) * static_cast<double>(latent[c]);
    query[n] = static_cast<float>(sum);
  }
  const size_t q = constant_row(attn + ".q", std::move(query));
  const size_t attention = attend(attn + ".attention", {q, k, v}, block);
  const size_t pooled = linear(attn + ".proj", attention, dim);
  const size_t norm = layer_norm(name + ".norm", name + ".norm", pooled, block.epsilon);
  const size_t fc2 = mlp(name + ".mlp", norm, block.hidden, block.activation, block.epsilon);
  return add(name + ".residual", {pooled, fc2}, Add{});
}

size_t GraphBuilder::norm(const std::string& name, size_t input, float epsilon) {
  const size_t dim = cols(input);
  return add(name, {input},
             Norm{tensors_.vector(name + ".weight", dim), bias(name + ".bias", dim), epsilon});
}

size_t GraphBuilder::layer_norm(const std::string& name, const std::string& tensor, size_t input,
                                float epsilon) {
  LayerNorm norm;
  norm.gamma = tensors_.vector(tensor + ".weight", cols(input));
  norm.beta = bias(tensor + ".bias", cols(input));
  norm.epsilon = epsilon;
  return add(name, {input}, std::move(norm));
}

}  // namespace vitro::converter
