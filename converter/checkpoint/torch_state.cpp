// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/torch_state.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "converter/base/error.h"
#include "converter/checkpoint/pickle_objects.h"

namespace vitro::converter {
namespace {

constexpr int kMaxDepth = 4;       // of dictionaries around the weights
constexpr size_t kMaxName = 1000;  // characters: far more than any tensor's
constexpr const char* kKeys[] = {
    "state_dict_ema", "model_ema",        "ema_state_dict", "ema_model", "ema",    "teacher",
    "state_dict",     "model_state_dict", "model_state",    "model",     "module", "net",
    "network",        "weights",          "params",         "encoder",   "student"};

struct NamedTensor {
  std::string name;
  const PickleTensor* tensor;
};

class StateReader {
 public:
  StateReader(const WeightsFile& file, const Pickle& pickle, const std::string& state)
      : file_(file), pickle_(pickle) {
    checkpoint_.path = file.path();
    checkpoint_.state = state;
  }

  Checkpoint read(const ReadStorage& read_storage) {
    const uint32_t weights = choose();
    collect(weights);
    if (tensors_.empty()) refuse("holds no tensors of floating-point numbers");
    materialise(read_storage);
    return std::move(checkpoint_);
  }

 private:
  [[noreturn]] void refuse(const std::string& fault) const { file_.refuse(fault, kRemedyWeights); }

  const PickleValue& at(uint32_t value) const { return pickle_.at(value); }

  /// The value of that key, or null.
  const uint32_t* find(const PickleValue& dict, const std::string& key) const {
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& name = at(dict.items[i]);
      if (name.kind == PickleKind::Text && name.text == key) return &dict.items[i + 1];
    }
    return nullptr;
  }

  // A dictionary that a pickle names a million times is looked through once.
  bool holds_tensors(uint32_t value) {
    const PickleValue& dict = at(value);
    if (dict.kind != PickleKind::Dict) return false;
    const auto [known, fresh] = holds_tensors_.emplace(value, false);
    for (size_t i = 1; fresh && i < dict.items.size(); i += 2)
      if (at(dict.items[i]).kind == PickleKind::Tensor) known->second = true;
    return known->second;
  }

  bool is_dict(uint32_t value) const {
    return at(value).kind == PickleKind::Dict && !at(value).items.empty();
  }

  uint32_t choose() {
    if (at(pickle_.root).kind == PickleKind::Tensor) refuse("holds one tensor alone");
    if (at(pickle_.root).kind != PickleKind::Dict) refuse("holds no dictionary of weights");
    uint32_t weights = pickle_.root;
    for (int depth = 0; depth < kMaxDepth; ++depth) {
      const PickleValue& dict = at(weights);
      if (const uint32_t* asked =
              checkpoint_.state.empty() ? nullptr : find(dict, checkpoint_.state)) {
        if (!is_dict(*asked))
          refuse(in_quotes(checkpoint_.state) + " is not a dictionary of weights");
        checkpoint_.chosen = in_quotes(checkpoint_.state) + ", as --state says";
        checkpoint_.state.clear();
        weights = *asked;
        continue;
      }
      const uint32_t* next = nullptr;
      std::string taken, others;
      for (const char* key : kKeys) {
        const uint32_t* held = find(dict, key);
        if (!held || !is_dict(*held)) continue;
        if (next) {
          others += (others.empty() ? "" : " or ") + in_quotes(key);
        } else {
          next = held, taken = in_quotes(key);
        }
      }
      if (!next) break;
      if (!others.empty())
        checkpoint_.chosen =
            taken + ", not " + others +
            ": EMA and teacher come first, student last (--state KEY takes another)";
      weights = *next;
    }
    return weights;
  }

  void collect(uint32_t weights) {
    if (holds_tensors(weights)) return collect_from(weights, "");
    const PickleValue& dict = at(weights);
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = at(dict.items[i]);
      const bool is_text = key.kind == PickleKind::Text;
      if (is_text && holds_tensors(dict.items[i + 1]) && key.text.compare(0, 5, "optim") != 0)
        collect_from(dict.items[i + 1], key.text.substr(0, kMaxName) + ".");
    }
  }

  void collect_from(uint32_t weights, const std::string& prefix) {
    const PickleValue& dict = at(weights);
    entries_ += dict.items.size() / 2;  // of all dictionaries: one may have several names
    if (entries_ > kMaxTensors) refuse("has more than " + std::to_string(kMaxTensors) + " tensors");
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue &key = at(dict.items[i]), &value = at(dict.items[i + 1]);
      if (key.kind != PickleKind::Text) continue;
      if (prefix.size() + key.text.size() > kMaxName)
        refuse("has a tensor whose name is longer than " + std::to_string(kMaxName) +
               " characters");
      const std::string name = prefix + key.text;
      const PickleTensor* tensor = value.kind == PickleKind::Tensor
                                       ? &pickle_.tensors[static_cast<size_t>(value.number)]
                                       : nullptr;
      if (tensor && tensor->dtype == Dtype::Foreign) {
        file_.refuse("tensor " + in_quotes(name) + " is of " + in_quotes(tensor->type) +
                         ", only float64, float32, float16 and bfloat16 are read",
                     "remove it if the model does not need it, else save it as float32");
      }
      if (!tensor || tensor->dtype == Dtype::Whole) {
        checkpoint_.not_float.push_back(name);
      } else {
        tensors_.push_back({name, tensor});
      }
    }
  }

  // --- numbers ---

  void materialise(const ReadStorage& read_storage) {
    std::stable_sort(tensors_.begin(), tensors_.end(),
                     [&](const NamedTensor& a, const NamedTensor& b) {
                       const int order = storage(a).key.compare(storage(b).key);
                       return order != 0 ? order < 0 : a.tensor->dtype < b.tensor->dtype;
                     });
    uint64_t elements = 0;
    for (const NamedTensor& named : tensors_) {
      elements += check(named);
      // Tensors may share a storage, but not so that little becomes much.
      if (elements > 2 * file_.size())
        refuse("has tensors that are more than twice as large as the file");
    }
    for (size_t i = 0; i < tensors_.size();) {
      const PickleStorage& shared = storage(tensors_[i]);
      const std::string bytes = read_storage(shared.key, shared.elements * shared.width);
      std::vector<float> numbers;
      for (Dtype dtype = Dtype::Foreign;
           i < tensors_.size() && storage(tensors_[i]).key == shared.key; ++i) {
        const PickleTensor& tensor = *tensors_[i].tensor;
        const PickleStorage& own = storage(tensors_[i]);
        if (own.elements != shared.elements || own.width != shared.width)
          refuse("has storage " + in_quotes(shared.key) + " in two sizes");
        if (tensor.dtype != dtype) {
          dtype = tensor.dtype;
          numbers.resize(bytes.size() / width_of(dtype));
          to_floats(bytes.data(), numbers.size(), dtype, numbers.data());
        }
        add(tensors_[i].name, tensor, own, numbers);
      }
    }
  }

  const PickleStorage& storage(const NamedTensor& named) const {
    return pickle_.storages[named.tensor->storage];
  }

  void add(const std::string& name, const PickleTensor& tensor, const PickleStorage& own,
           const std::vector<float>& numbers) {
    CheckpointTensor result;
    result.shape = tensor.shape;
    size_t count = 0;
    element_count(tensor.shape, numbers.size(), &count);
    result.data.resize(count);
    if (count > 0)
      gather(numbers.data(), static_cast<size_t>(own.offset + tensor.offset), tensor.shape,
             tensor.strides, result.data.data());
    check_finite(file_.path(), name, result);
    const auto [place, fresh] = checkpoint_.tensors.emplace(name, std::move(result));
    if (!fresh) refuse("has tensor " + in_quotes(place->first) + " twice");
  }

  /// That all its numbers lie in its storage, each but once. Gives their number.
  uint64_t check(const NamedTensor& named) const {
    const PickleTensor& tensor = *named.tensor;
    const PickleStorage& own = storage(named);
    const auto outside = [&] {
      file_.refuse("tensor " + in_quotes(named.name) + " reaches beyond its storage",
                   kRemedyDamaged);
    };
    if (own.width == 0 || own.elements > file_.size() / own.width) outside();
    const uint64_t available = own.elements * own.width / width_of(tensor.dtype);
    if (std::count(tensor.shape.begin(), tensor.shape.end(), size_t{0}) > 0) return 0;
    std::vector<size_t> order(tensor.shape.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return tensor.strides[a] < tensor.strides[b]; });
    uint64_t reach = 0;  // the furthest number of the dimensions so far, from the first
    for (const size_t d : order) {
      if (tensor.shape[d] == 1) continue;
      if (tensor.strides[d] <= reach) {
        file_.refuse(
            "tensor " + in_quotes(named.name) + " has overlapping elements (an expanded tensor)",
            "save a contiguous copy of it: tensor.clone()");
      }
      if (tensor.strides[d] > available / (tensor.shape[d] - 1)) outside();
      reach += tensor.strides[d] * (tensor.shape[d] - 1);
    }
    if (own.offset > available || tensor.offset > available ||
        own.offset + tensor.offset + reach >= available)
      outside();
    size_t count = 0;
    element_count(tensor.shape, static_cast<size_t>(available),
                  &count);  // no two numbers share a place, so that these are no more than those
    return count;
  }

  const WeightsFile& file_;
  const Pickle& pickle_;
  Checkpoint checkpoint_;
  std::vector<NamedTensor> tensors_;
  std::map<uint32_t, bool> holds_tensors_;  // of the dictionaries that were looked through
  size_t entries_ = 0;
};

}  // namespace

Checkpoint torch_checkpoint(const WeightsFile& file, const Pickle& pickle, const std::string& state,
                            const ReadStorage& read_storage) {
  return StateReader(file, pickle, state).read(read_storage);
}

}  // namespace vitro::converter
