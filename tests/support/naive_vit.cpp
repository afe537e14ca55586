// SPDX-License-Identifier: Apache-2.0
// Follows timm's VisionTransformer.forward line by line. It is slow.
#include "tests/support/naive_vit.h"

#include <cmath>

#include "runtime/core/golden.h"

namespace vitro {

using namespace converter;

namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

class NaiveVit {
 public:
  NaiveVit(const Checkpoint& checkpoint, const RandomVit& vit, const Matrix& prompts)
      : checkpoint_(checkpoint), o_(vit), prompts_(prompts) {}

  Row run(const uint8_t* pixels) {
    const size_t class_tokens = (o_.class_token ? 1 : 0) + (o_.distillation ? 1 : 0),
                 prompts = prompts_.rows;
    Rows x;
    if (o_.class_token) x.push_back(row("cls_token"));
    if (o_.distillation) x.push_back(row("dist_token"));
    for (size_t i = 0; i < o_.registers; ++i) x.push_back(part("reg_token", i));
    for (const Row& patch : patches(pixels)) x.push_back(patch);
    const Row positions = row("pos_embed");
    // The range of prefix tokens without a position: all of them, the registers after the class
    // tokens, or none.
    const size_t without_from = o_.prefix_positions ? class_tokens : 0;
    const size_t without_to =
        !o_.prefix_positions || !o_.register_positions ? class_tokens + o_.registers : without_from;
    size_t p = 0;
    for (size_t t = 0; t < x.size(); ++t) {
      if (t >= without_from && t < without_to) continue;
      for (size_t c = 0; c < o_.dim; ++c) x[t][c] += positions[p * o_.dim + c];
      ++p;
    }
    for (size_t i = 0; i < prompts; ++i)
      x.insert(x.begin() + static_cast<ptrdiff_t>(class_tokens + i),
               Row(prompts_.row(i), prompts_.row(i) + o_.dim));
    for (size_t b = 0; b < o_.depth; ++b) block("blocks." + std::to_string(b) + ".", x);
    return classify(std::move(x), class_tokens + prompts + o_.registers);
  }

 private:
  Row classify(Rows x, size_t prefix) const {
    if (o_.mean_pooling) return linear("head", norm("fc_norm", mean(x, prefix)));
    for (Row& token : x) token = norm("norm", token);
    if (!o_.class_token || o_.mean_of_normed) return linear("head", mean(x, prefix));
    if (o_.token_and_mean) {
      const Row patches_mean = mean(x, prefix);
      x[0].insert(x[0].end(), patches_mean.begin(), patches_mean.end());
    }
    Row logits = linear("head", x[0]);
    if (!o_.distillation) return logits;
    const Row other = linear("head_dist", x[1]);
    for (size_t i = 0; i < logits.size(); ++i) logits[i] = (logits[i] + other[i]) / 2;
    return logits;
  }

  Row part(const std::string& name, size_t i) const {
    const Row all = row(name);
    return Row(all.begin() + static_cast<ptrdiff_t>(i * o_.dim),
               all.begin() + static_cast<ptrdiff_t>((i + 1) * o_.dim));
  }

  Row row(const std::string& name) const {
    const std::vector<float>& data = checkpoint_.tensors.at(name).data;
    return Row(data.begin(), data.end());
  }

  Row linear(const std::string& name, const Row& x) const {
    const std::vector<float>& weight = checkpoint_.tensors.at(name + ".weight").data;
    Row y(weight.size() / x.size());
    if (checkpoint_.tensors.count(name + ".bias")) y = row(name + ".bias");
    for (size_t n = 0; n < y.size(); ++n) {
      for (size_t k = 0; k < x.size(); ++k) y[n] += weight[n * x.size() + k] * x[k];
    }
    return y;
  }

  Row norm(const std::string& name, Row x) const {
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    const Row gamma = row(name + ".weight"), beta = checkpoint_.tensors.count(name + ".bias")
                                                        ? row(name + ".bias")
                                                        : Row(x.size());
    for (size_t c = 0; c < x.size(); ++c)
      x[c] = (x[c] - mean) / std::sqrt(variance + 1e-6) * gamma[c] + beta[c];
    return x;
  }

  static Row mean(const Rows& x, size_t first) {
    Row y(x[0].size());
    for (size_t t = first; t < x.size(); ++t) {
      for (size_t c = 0; c < y.size(); ++c) y[c] += x[t][c] / static_cast<double>(x.size() - first);
    }
    return y;
  }

  /// Conv2d with stride = kernel, in the tensor's own order (channel, y, x).
  Rows patches(const uint8_t* pixels) const {
    const double kMean[3] = {0.485, 0.456, 0.406}, kStd[3] = {0.229, 0.224, 0.225};
    Rows rows;
    for (size_t gy = 0; gy < o_.image; gy += o_.patch) {
      for (size_t gx = 0; gx < o_.image; gx += o_.patch) {
        Row x;
        for (size_t c = 0; c < 3; ++c) {
          for (size_t i = 0; i < o_.patch * o_.patch; ++i) {
            const size_t at = (gy + i / o_.patch) * o_.image + gx + i % o_.patch;
            x.push_back((pixels[at * 3 + c] / 255.0 - kMean[c]) / kStd[c]);
          }
        }
        rows.push_back(linear("patch_embed.proj", x));
      }
    }
    return rows;
  }

  Rows attention(const std::string& name, const Rows& x) const {
    const size_t dim = o_.dim, head = dim / o_.heads, count = x.size();
    Rows qkv, y(count, Row(dim));
    for (const Row& token : x) qkv.push_back(linear(name + "qkv", token));
    for (size_t h = 0; h < o_.heads; ++h) {
      for (size_t t = 0; t < count; ++t) {
        Row weight(count);
        double total = 0;
        for (size_t s = 0; s < count; ++s) {
          for (size_t c = 0; c < head; ++c)
            weight[s] += qkv[t][h * head + c] * qkv[s][dim + h * head + c];
          weight[s] = std::exp(weight[s] / std::sqrt(static_cast<double>(head)));
          total += weight[s];
        }
        for (size_t s = 0; s < count; ++s) {
          for (size_t c = 0; c < head; ++c)
            y[t][h * head + c] += weight[s] / total * qkv[s][2 * dim + h * head + c];
        }
      }
    }
    for (Row& token : y) token = linear(name + "proj", token);
    return y;
  }

  void add(const std::string& scale, const Row& y, Row& x) const {
    const Row gamma = o_.layer_scale ? row(scale) : Row(x.size(), 1.0);
    for (size_t c = 0; c < x.size(); ++c) x[c] += gamma[c] * y[c];
  }

  void block(const std::string& b, Rows& x) const {
    Rows normed;
    for (const Row& token : x) normed.push_back(norm(b + "norm1", token));
    const Rows y = attention(b + "attn.", normed);
    for (size_t t = 0; t < x.size(); ++t) {
      add(b + "ls1.gamma", y[t], x[t]);
      Row hidden = linear(b + "mlp.fc1", norm(b + "norm2", x[t]));
      for (double& v : hidden) v = v * std::erfc(-v / std::sqrt(2.0)) / 2;
      add(b + "ls2.gamma", linear(b + "mlp.fc2", hidden), x[t]);
    }
  }

  const Checkpoint& checkpoint_;
  const RandomVit o_;
  const Matrix& prompts_;
};

}  // namespace

std::vector<uint8_t> random_picture(const RandomVit& vit, uint32_t seed) {
  std::vector<uint8_t> pixels(vit.image * vit.image * 3);
  golden_picture(seed, pixels.data(), pixels.size());
  return pixels;
}

std::vector<double> naive_vit(const Checkpoint& checkpoint, const RandomVit& vit,
                              const uint8_t* pixels, const Matrix& prompts) {
  return NaiveVit(checkpoint, vit, prompts).run(pixels);
}

}  // namespace vitro
