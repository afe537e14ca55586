// SPDX-License-Identifier: Apache-2.0
#include "models/adapters/lora.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "converter/base/shown.h"
#include "models/names/spelling.h"
#include "models/names/tensors.h"

namespace vitro::converter {
namespace {

constexpr char kOther[] = "give an adapter that was trained for this model";
constexpr char kDamaged[] =
    "copy the adapter again, or save it again with PEFT's save_pretrained()";

const std::string kSaved = ".modules_to_save.";

using Tensors = std::map<std::string, TensorView>;

void remove(std::string& text, const std::string& part) {
  const size_t at = text.find(part);
  if (at != std::string::npos) text.erase(at, part.size());
}

/// One module that LoRA changes. A [rank, inputs] or, of a convolution, [rank, channels, y, x]; B
/// [outputs, rank] or [outputs, rank, 1, 1].
struct Target {
  const CheckpointTensor *a = nullptr, *b = nullptr, *bias = nullptr;
};

/// The adapter's tensors by the name that the base's module or tensor has in its own spelling.
struct Parts {
  std::map<std::string, Target> targets;
  std::map<std::string, const CheckpointTensor*> replacements;
  std::string adapter;  // its name among the tensors' names, if they have it
};

// "base_model.model.MODULE.lora_A.weight", with the adapter's name before ".weight" where a
// state_dict was saved by hand. All others are tensors of the base.
void sort_tensor(const LoraAdapter& adapter, const std::string& source,
                 const CheckpointTensor& tensor, Parts& parts) {
  std::string name = source;
  if (starts_with(name, "base_model.")) name.erase(0, 11);
  if (starts_with(name, "model.") && starts_with(source, "base_model.")) name.erase(0, 6);
  const size_t lora = name.find(".lora_");
  if (lora == std::string::npos) {
    if (name.find(".original_module.") != std::string::npos)
      return;  // what a module of modules_to_save was before
    const size_t saved =
        name.find(kSaved);  // then comes the adapter's name, if it was saved by hand
    if (saved != std::string::npos) {
      const size_t next = name.find('.', saved + kSaved.size());
      name.erase(saved, (next == std::string::npos ? saved + kSaved.size() - 1 : next) - saved);
    }
    remove(name, ".base_layer");
    const auto [at, fresh] = parts.replacements.emplace(name, &tensor);
    if (!fresh && (at->second->shape != tensor.shape || at->second->data != tensor.data))
      throw InputError(adapter.weights.path,
                       "holds " + in_quotes(name) + " twice, with different numbers", kDamaged);
    return;
  }
  const std::string matrix = name.substr(lora + 6, 2), kind = name.substr(name.rfind('.'));
  // PEFT's own state_dict() names the adapter: lora_A.default.weight.
  const std::string which = name.size() - kind.size() > lora + 8
                                ? name.substr(lora + 8, name.size() - kind.size() - lora - 8)
                                : "";
  if (!which.empty() && !parts.adapter.empty() && which != parts.adapter)
    throw InputError(adapter.weights.path,
                     "holds two adapters, " + in_quotes(parts.adapter) + " and " + in_quotes(which),
                     "save the one that is meant with save_pretrained()");
  if (!which.empty()) parts.adapter = which;
  Target& target = parts.targets[name.substr(0, lora)];
  if (matrix == "A." && kind == ".weight") {
    target.a = &tensor;
  } else if (matrix == "B." && kind == ".weight") {
    target.b = &tensor;
  } else if (matrix == "B." && kind == ".bias") {
    target.bias = &tensor;
  } else {
    throw InputError(adapter.weights.path, "tensor " + in_quotes(source) + " is not of plain LoRA",
                     "merge it with PEFT's merge_and_unload() and give the merged model");
  }
}

Parts sort_tensors(const LoraAdapter& adapter) {
  Parts parts;
  for (const auto& [source, tensor] : adapter.weights.tensors)
    sort_tensor(adapter, source, tensor, parts);
  if (parts.targets.empty() && parts.replacements.empty())
    throw InputError(adapter.weights.path, "holds no tensors of an adapter", kDamaged);
  return parts;
}

size_t elements(const std::vector<size_t>& shape, size_t from) {
  size_t n = 1;
  for (size_t i = from; i < shape.size(); ++i) n *= shape[i];
  return n;
}

/// view += scaling * b a: b [n, rank], a [rank, k]. False where a float cannot hold the sum.
bool add_product(TensorView& view, const float* a, const float* b, size_t rank, double scaling) {
  const size_t n = view.shape[0], k = elements(view.shape, 1);
  auto data = std::make_shared<std::vector<float>>(view.data, view.data + n * k);
  std::vector<double> sum(k);
  for (size_t i = 0; i < n; ++i) {
    float* row = data->data() + i * k;
    std::copy(row, row + k, sum.begin());
    for (size_t r = 0; r < rank; ++r) {
      const double factor = scaling * static_cast<double>(b[i * rank + r]);
      for (size_t c = 0; c < k; ++c) sum[c] += factor * static_cast<double>(a[r * k + c]);
    }
    for (const double v : sum)
      if (!(std::abs(v) <= std::numeric_limits<float>::max())) return false;
    std::transform(sum.begin(), sum.end(), row, [](double v) { return static_cast<float>(v); });
  }
  view.data = data->data();
  view.owned = std::move(data);
  return true;
}

class Merger {
 public:
  Merger(const LoraAdapter& adapter, const Naming& naming, const std::string& path,
         Tensors& tensors)
      : adapter_(adapter), naming_(naming), path_(path), tensors_(tensors) {}

  bool run() {
    const Parts parts = sort_tensors(adapter_);
    // What PEFT saved of the base (base_layer.bias, modules_to_save) is what LoRA changes.
    std::string head;
    bool distillation_head = false;
    for (const auto& [name, tensor] : parts.replacements) {
      const std::string canonical = canonical_of(name);
      if (canonical == "head.weight") head = name;
      distillation_head = distillation_head || canonical == "head_dist.weight";
      replace(name, canonical, *tensor);
    }
    if (!head.empty() && !distillation_head) settle_distillation_head(head);
    if (!head.empty() && !replaced_head_bias_) tensors_.erase("head.bias");
    for (const auto& [module, target] : parts.targets) change(module, target);
    return !head.empty();
  }

 private:
  /// A new head alone: transformers' DeiTForImageClassification, which has a `classifier`, reads
  /// the class token of a distilled model; other classes have the mean of both heads.
  void settle_distillation_head(const std::string& head) {
    const auto base = tensors_.find("head_dist.weight");
    if (base == tensors_.end()) return;
    if (head == "classifier.weight" || ends_with(head, ".classifier.weight")) {
      tensors_.erase(base);
      tensors_.erase("head_dist.bias");
      return;
    }
    const size_t classes = tensors_.at("head.weight").shape[0];
    if (base->second.shape.empty() || base->second.shape[0] != classes)
      refuse("has a head of " + std::to_string(classes) +
                 " classes and no distillation head, and that of " + path_ + " is of others",
             "save both heads with the adapter (modules_to_save)");
  }

  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy = kOther) const {
    throw InputError(adapter_.weights.path, fault, remedy);
  }

  /// The adapter may name the trunk with a prefix that the checkpoint has lost, or with another
  /// one: the first words that leave a known name are taken off, the same for all tensors of
  /// blocks.
  std::string canonical_of(const std::string& name) {
    for (size_t at = 0; at != std::string::npos;) {
      std::string canonical = canonical_name(naming_, name.substr(at));
      if (!canonical.empty()) {
        if (block_number(canonical) >= 0) check_prefix(name.substr(0, at));
        return canonical;
      }
      const size_t dot = name.find('.', at);
      at = dot == std::string::npos ? dot : dot + 1;
    }
    refuse("changes " + in_quotes(name) + ", which " + naming_.plain + " does not have");
  }

  void check_prefix(const std::string& prefix) {
    if (!has_prefix_) prefix_ = prefix, has_prefix_ = true;
    if (prefix != prefix_)
      refuse("changes blocks of two models, " + in_quotes(prefix_) + " and " + in_quotes(prefix));
  }

  /// A fused qkv stands as three parts among canonical tensors. `shape` becomes that of the whole.
  std::vector<TensorView*> find(const std::string& name, const std::string& canonical,
                                std::vector<size_t>& shape) {
    std::vector<std::string> names = {canonical};
    const size_t fused = canonical.find(".attn.qkv.");
    if (fused != std::string::npos) {
      names.clear();
      for (const char part : {'q', 'k', 'v'})
        names.push_back(canonical.substr(0, fused) + ".attn." + part + canonical.substr(fused + 9));
    }
    std::vector<TensorView*> views;
    for (const std::string& part : names) {
      const auto at = tensors_.find(part);
      if (at == tensors_.end() || at->second.shape.empty())
        refuse("changes " + in_quotes(name) + ", which " + path_ + " does not have");
      if (views.empty())
        shape = at->second.shape;
      else
        shape[0] += at->second.shape[0];
      views.push_back(&at->second);
    }
    return views;
  }

  void change(const std::string& module, const Target& target) {
    if (!target.a || !target.b)
      refuse("has only one of lora_A and lora_B, or a bias alone, for " + in_quotes(module),
             kDamaged);
    const std::vector<size_t>&a = target.a->shape, &b = target.b->shape;
    const bool linear = a.size() == 2 && b.size() == 2,
               convolution = a.size() == 4 && b.size() == 4 && b[2] == 1 && b[3] == 1;
    if ((!linear && !convolution) || a[0] != b[1] || a[0] == 0) {
      refuse("has a lora_A of " + shape_text(a) + " and a lora_B of " + shape_text(b) + " for " +
                 in_quotes(module) + ", which do not fit each other",
             kDamaged);
    }
    const double rank =
        by_pattern(adapter_.config.ranks, module, static_cast<double>(adapter_.config.rank));
    if (rank != static_cast<double>(a[0])) {
      throw InputError(adapter_.config.path,
                       "says a rank of " + std::to_string(static_cast<size_t>(rank)) + " for " +
                           in_quotes(module) + ", whose lora_A is " + shape_text(a),
                       "give files that belong together");
    }
    const double alpha = by_pattern(adapter_.config.alphas, module, adapter_.config.alpha),
                 scaling = alpha / (adapter_.config.rank_stabilised ? std::sqrt(rank) : rank);
    std::vector<size_t> change = a;
    change[0] = b[0];
    const std::string canonical = canonical_of(module + ".weight");
    add(module, canonical, change, target.a->data.data(), target.b->data.data(), a[0], scaling);
    const float one = 1;
    if (target.bias)
      add(module + ".bias", canonical.substr(0, canonical.size() - 6) + "bias", target.bias->shape,
          &one, target.bias->data.data(), 1, scaling);
  }

  void add(const std::string& name, const std::string& canonical, const std::vector<size_t>& change,
           const float* a, const float* b, size_t rank, double scaling) {
    std::vector<size_t> shape;
    const std::vector<TensorView*> views = find(name, canonical, shape);
    if (shape != change)
      refuse("changes " + in_quotes(name) + " of shape " + shape_text(change) + ", which in " +
             path_ + " is " + shape_text(shape));
    for (TensorView* view : views) {
      if (!add_product(*view, a, b, rank, scaling))
        refuse("makes numbers of " + in_quotes(name) + " that float32 cannot hold",
               "give the adapter as it was saved: its lora_alpha or its numbers are too large");
      b += view->shape[0] * rank;
    }
  }

  void replace(const std::string& name, const std::string& canonical,
               const CheckpointTensor& tensor) {
    if (starts_with(canonical, "head")) {  // of any number of classes
      replaced_head_bias_ = replaced_head_bias_ || canonical == "head.bias";
      TensorView& view = tensors_[canonical];
      view = {};
      view.source = name, view.shape = tensor.shape;
      view.data = own(view, tensor.data);
      return;
    }
    std::vector<size_t> shape;
    const std::vector<TensorView*> views = find(name, canonical, shape);
    if (shape != tensor.shape)
      refuse("replaces " + in_quotes(name) + " by one of shape " + shape_text(tensor.shape) +
             ", which in " + path_ + " is " + shape_text(shape));
    const float* from = tensor.data.data();
    for (TensorView* view : views) {
      const size_t count = elements(view->shape, 0);
      view->data = own(*view, {from, from + count});
      from += count;
    }
  }

  static const float* own(TensorView& view, std::vector<float> data) {
    view.owned = std::make_shared<const std::vector<float>>(std::move(data));
    return view.owned->data();
  }

  const LoraAdapter& adapter_;
  const Naming& naming_;
  const std::string& path_;
  Tensors& tensors_;
  std::string prefix_;
  bool has_prefix_ = false, replaced_head_bias_ = false;
};

}  // namespace

LoraAdapter read_lora(const std::string& folder) {
  namespace fs = std::filesystem;
  if (what_is(folder) != Found::Folder)
    throw InputError(folder, "is not the folder of an adapter",
                     "give the folder that holds adapter_config.json (--lora DIR)");
  const fs::path config = fs::path(folder) / "adapter_config.json";
  if (what_is(config.string()) == Found::Nothing)
    throw InputError(folder, "has no adapter_config.json",
                     "give the folder of a PEFT adapter (--lora DIR)");
  LoraAdapter adapter;
  adapter.config = read_lora_config(config.string());
  for (const char* name : {"adapter_model.safetensors", "adapter_model.bin"}) {
    const fs::path weights = fs::path(folder) / name;
    if (what_is(weights.string()) == Found::Nothing) continue;
    adapter.weights = read_checkpoint(weights.string());
    return adapter;
  }
  throw InputError(folder, "has neither adapter_model.safetensors nor adapter_model.bin", kDamaged);
}

bool merge_lora(const LoraAdapter& adapter, const Naming& naming, const std::string& path,
                Tensors& tensors) {
  return Merger(adapter, naming, path, tensors).run();
}

}  // namespace vitro::converter
