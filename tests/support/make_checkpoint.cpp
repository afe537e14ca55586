// SPDX-License-Identifier: Apache-2.0
// Random ViTs whose activations stay at a reasonable size at any depth, so that logits differ from
// picture to picture.
#include "tests/support/make_checkpoint.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace vitro {

using namespace converter;

namespace {

/// splitmix64. Nearly normal numbers are sums of four uniform ones, because the standard library's
/// distributions differ between machines.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  float normal() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    z ^= z >> 31;
    const auto sum =
        static_cast<int32_t>((z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48));
    return static_cast<float>(sum - 2 * 0xffff) * (1.0f / 37837.0f);  // 65536 / sqrt 3
  }

 private:
  uint64_t state_;
};

class Maker {
 public:
  explicit Maker(const RandomVit& options) : o_(options), random_(options.seed) {}

  Checkpoint make() {
    if (o_.names == NamingStyle::HuggingFace && (o_.layer_scale || o_.mean_pooling)) {
      throw std::runtime_error("Hugging Face names no layer scale and no fc_norm");
    }
    const size_t dim = o_.dim, hidden = o_.hidden ? o_.hidden : 4 * dim;
    const size_t width = o_.image_width ? o_.image_width : o_.image,
                 patches_of_picture = (o_.image / o_.patch) * (width / o_.patch);
    const size_t prefix = (o_.class_token ? 1 : 0) + (o_.distillation ? 1 : 0) +
                          (o_.register_positions ? o_.registers : 0);
    const bool hf = o_.names == NamingStyle::HuggingFace;
    const std::string model = !hf ? "" : o_.distillation ? "deit." : "vit.";
    const std::string embeddings = hf ? model + "embeddings." : "";
    const std::string patches =
        embeddings + (hf ? "patch_embeddings.projection" : "patch_embed.proj");
    const float side = static_cast<float>(o_.patch);
    put(patches + ".weight", {dim, 3, o_.patch, o_.patch}, 1 / std::sqrt(3.0f * side * side));
    if (o_.biases) put(patches + ".bias", {dim}, 0.1f);
    if (o_.class_token) put(embeddings + "cls_token", {1, 1, dim}, 0.5f);
    if (o_.distillation)
      put(embeddings + (hf ? "distillation_token" : "dist_token"), {1, 1, dim}, 0.5f);
    if (o_.registers > 0)
      put(embeddings + (hf ? "register_tokens" : "reg_token"), {1, o_.registers, dim}, 0.5f);
    put(embeddings + (hf ? "position_embeddings" : "pos_embed"),
        {1, patches_of_picture + (o_.prefix_positions ? prefix : 0), dim}, 0.3f);
    for (size_t b = 0; b < o_.depth; ++b)
      block(model + (hf ? "encoder.layer." : "blocks.") + std::to_string(b) + ".", dim, hidden);
    norm(hf ? model + "layernorm" : o_.mean_pooling ? "fc_norm" : "norm", dim);
    linear(!hf               ? "head"
           : o_.distillation ? "cls_classifier"
                             : "classifier",
           o_.classes, o_.token_and_mean ? 2 * dim : dim, 1);
    if (o_.distillation) linear(hf ? "distillation_classifier" : "head_dist", o_.classes, dim, 1);
    checkpoint_.path = "random";
    return checkpoint_;
  }

 private:
  CheckpointTensor& put(const std::string& name, const std::vector<size_t>& shape, float deviation,
                        float mean = 0) {
    size_t elements = 1;
    for (const size_t n : shape) elements *= n;
    CheckpointTensor tensor{shape, std::vector<float>(elements)};
    for (float& x : tensor.data) x = mean + deviation * random_.normal();
    return checkpoint_.tensors[name] = std::move(tensor);
  }

  void norm(const std::string& name, size_t dim) {
    put(name + ".weight", {dim}, 0.2f, 1);
    if (o_.biases) put(name + ".bias", {dim}, 0.1f);
  }

  void linear(const std::string& name, size_t n, size_t k, float gain, bool bias = true) {
    put(name + ".weight", {n, k}, gain / std::sqrt(static_cast<float>(k)));
    if (bias && (o_.biases || name.find("attention.attention") != std::string::npos))
      put(name + ".bias", {n}, 0.1f);
  }

  /// q, k and v are drawn separately in both naming styles, so that the numbers do not depend on
  /// the names.
  void block(const std::string& b, size_t dim, size_t hidden) {
    const bool hf = o_.names == NamingStyle::HuggingFace;
    norm(b + (hf ? "layernorm_before" : "norm1"), dim);
    for (const char* part : {"query", "key", "value"}) {
      linear(b + "attention.attention." + part, dim, dim, part[0] == 'v' ? 1.0f : 1.5f,
             o_.qkv_bias);
    }
    if (!hf) fuse(b, "weight");
    if (!hf && o_.qkv_bias) fuse(b, "bias");
    linear(b + (hf ? "attention.output.dense" : "attn.proj"), dim, dim, 0.5f);
    norm(b + (hf ? "layernorm_after" : "norm2"), dim);
    linear(b + (hf ? "intermediate.dense" : "mlp.fc1"), hidden, dim, 1);
    linear(b + (hf ? "output.dense" : "mlp.fc2"), dim, hidden, 0.5f);
    if (!o_.layer_scale) return;
    put(b + "ls1.gamma", {dim}, 0.3f, 0.8f);
    put(b + "ls2.gamma", {dim}, 0.3f, 0.8f);
  }

  void fuse(const std::string& b, const std::string& kind) {
    CheckpointTensor fused;
    for (const char* part : {"query", "key", "value"}) {
      const auto at = checkpoint_.tensors.find(b + "attention.attention." + part + "." + kind);
      fused.shape = at->second.shape;
      fused.data.insert(fused.data.end(), at->second.data.begin(), at->second.data.end());
      checkpoint_.tensors.erase(at);
    }
    fused.shape[0] *= 3;
    checkpoint_.tensors[b + "attn.qkv." + kind] = std::move(fused);
  }

  const RandomVit o_;
  Random random_;
  Checkpoint checkpoint_;
};

uint16_t narrow(float x, StoredDtype dtype) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (dtype == StoredDtype::BF16)
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const float a = std::fabs(x);
  if (a < 0x1p-14f)
    return static_cast<uint16_t>(sign | std::lrint(a * 0x1p24f));  // subnormal in float16
  bits = (bits & 0x7fffffff) + 0xfff + (bits >> 13 & 1) - (112u << 23);
  if (bits >> 13 >= 0x7c00) throw std::runtime_error("a number is too large for float16");
  return static_cast<uint16_t>(sign | bits >> 13);
}

}  // namespace

Checkpoint make_checkpoint(const RandomVit& options) { return Maker(options).make(); }

void write_safetensors(const std::string& path, const Checkpoint& checkpoint, StoredDtype dtype,
                       const std::string& heads) {
  const size_t width = dtype == StoredDtype::F32 ? 4 : 2;
  nlohmann::json header;
  header["__metadata__"] = {{"format", "pt"}};
  if (!heads.empty()) header["__metadata__"]["heads"] = heads;
  size_t offset = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const size_t end = offset + tensor.data.size() * width;
    const char* text = dtype == StoredDtype::F32   ? "F32"
                       : dtype == StoredDtype::F16 ? "F16"
                                                   : "BF16";
    header[name] = {{"dtype", text}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::ofstream file(path, std::ios::binary);
  const uint64_t size = text.size();
  for (int i = 0; i < 8; ++i) file.put(static_cast<char>(size >> 8 * i));
  file << text;
  for (const auto& named : checkpoint.tensors) {
    const std::vector<float>& data = named.second.data;
    if (dtype == StoredDtype::F32) {
      file.write(reinterpret_cast<const char*>(data.data()),
                 static_cast<std::streamsize>(data.size() * 4));
      continue;
    }
    std::vector<uint16_t> halves(data.size());
    for (size_t i = 0; i < data.size(); ++i) halves[i] = narrow(data[i], dtype);
    file.write(reinterpret_cast<const char*>(halves.data()),
               static_cast<std::streamsize>(data.size() * 2));
  }
  file.close();
  if (!file) throw std::runtime_error(path + ": cannot be written");
}

void write_checkpoint(const std::string& path, const RandomVit& options) {
  write_safetensors(path, make_checkpoint(options), options.dtype, std::to_string(options.heads));
}

}  // namespace vitro
