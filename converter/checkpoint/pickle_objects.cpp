// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/pickle_objects.h"

#include <stdexcept>
#include <utility>

#include "converter/base/error.h"
#include "converter/checkpoint/pickle_globals.h"

namespace vitro::converter {
namespace {

constexpr size_t kMaxTensorsOfPickle = 100'000, kMaxStorages = 100'000;
constexpr size_t kMaxRank = 8, kMaxArguments = 16, kMaxKey = 100;

}  // namespace

void PickleObjects::refuse(const std::string& fault, const std::string& remedy) const {
  refuse_(fault, remedy);
  throw std::logic_error("a refusal that throws nothing");
}

void PickleObjects::refuse(const std::string& fault) const {
  refuse(fault, "the file is damaged or incomplete: copy or download it again");
}

Pickle PickleObjects::take(uint32_t root) {
  pickle_.root = root;
  return std::move(pickle_);
}

uint32_t PickleObjects::add(PickleKind kind) {
  if (pickle_.values.size() >= kMaxPickleValues)
    refuse("its pickle has more than " + std::to_string(kMaxPickleValues) + " values",
           kRemedyWeights);
  pickle_.values.emplace_back();
  pickle_.values.back().kind = kind;
  return static_cast<uint32_t>(pickle_.values.size() - 1);
}

uint32_t PickleObjects::add_number(PickleKind kind, int64_t number) {
  const uint32_t index = add(kind);
  value(index).number = number;
  return index;
}

uint32_t PickleObjects::add_global(const std::string& global) {
  if (role_of(global) == GlobalRole::Unknown) {
    refuse("its pickle asks for " + in_quotes(global) + ", which is not part of a tensor" +
               (is_dangerous(global) ? ": loading it with Python could run anything" : ""),
           is_dangerous(global) ? "do not load it with Python; get the weights from somebody "
                                  "whom you trust, as .safetensors"
                                : kRemedyWeights);
  }
  const uint32_t index = add(PickleKind::Global);
  value(index).text = global;
  return index;
}

uint32_t PickleObjects::call(uint32_t callee, uint32_t arguments) {
  if (value(arguments).kind != PickleKind::Tuple)
    refuse("its pickle calls something without a tuple of arguments");
  if (value(callee).kind != PickleKind::Global)
    refuse("its pickle calls something that is not a global");
  // Copies: values move when one is added.
  return result_of(std::string(value(callee).text), std::vector<uint32_t>(value(arguments).items));
}

uint32_t PickleObjects::result_of(const std::string& global,
                                  const std::vector<uint32_t>& arguments) {
  if (arguments.size() > kMaxArguments)
    refuse("its pickle calls something with " + std::to_string(arguments.size()) + " arguments",
           kRemedyWeights);
  switch (role_of(global)) {
    case GlobalRole::Dict: return make_dict(arguments);
    case GlobalRole::Size:
      if (arguments.size() != 1 || value(arguments[0]).kind != PickleKind::Tuple)
        refuse("its pickle has a torch.Size of no tuple");
      return arguments[0];
    case GlobalRole::Tensor: return make_tensor(arguments, nullptr);
    case GlobalRole::TensorOfDtype:
      if (arguments.size() < 7 || value(arguments[6]).kind != PickleKind::Global)
        refuse("its pickle has a tensor without a dtype");
      return make_tensor(arguments, &value(arguments[6]).text);
    case GlobalRole::Parameter:
      if (arguments.empty() || value(arguments[0]).kind != PickleKind::Tensor)
        refuse("its pickle has a parameter that is not a tensor");
      return arguments[0];
    case GlobalRole::FromType: return make_from_type(arguments);
    case GlobalRole::Inert: {
      const uint32_t opaque = add(PickleKind::Opaque);
      value(opaque).text = global;
      return opaque;
    }
    case GlobalRole::Storage:
    case GlobalRole::Dtype:
    case GlobalRole::Unknown: break;
  }
  refuse("its pickle calls " + in_quotes(global) + ", which is not a function", kRemedyWeights);
}

/// OrderedDict() or, by Python 2, OrderedDict([[key, value], ...]); defaultdict(factory).
uint32_t PickleObjects::make_dict(const std::vector<uint32_t>& arguments) {
  const uint32_t dict = add(PickleKind::Dict);
  if (arguments.size() != 1 || value(arguments[0]).kind != PickleKind::List) return dict;
  const std::vector<uint32_t> pairs = value(arguments[0]).items;
  copied_ += pairs.size();
  if (copied_ > kMaxPickleValues)
    refuse("its pickle has more than " + std::to_string(kMaxPickleValues) + " values",
           kRemedyWeights);
  for (const uint32_t pair : pairs) {
    const PickleValue& both = value(pair);
    if ((both.kind != PickleKind::List && both.kind != PickleKind::Tuple) || both.items.size() != 2)
      refuse("its pickle has a dictionary of no pairs");
    value(dict).items.insert(value(dict).items.end(), both.items.begin(), both.items.end());
  }
  return dict;
}

/// (storage, offset, shape, strides, ...)
uint32_t PickleObjects::make_tensor(const std::vector<uint32_t>& arguments,
                                    const std::string* dtype) {
  if (arguments.size() < 4 || value(arguments[0]).kind != PickleKind::Storage)
    refuse("its pickle has a tensor without a storage");
  PickleTensor tensor;
  tensor.storage = static_cast<uint32_t>(value(arguments[0]).number);
  const PickleStorage& storage = pickle_.storages[tensor.storage];
  tensor.dtype = dtype ? storage_type(*dtype).dtype : storage.dtype;
  tensor.type = dtype ? *dtype : storage.type;
  tensor.offset = size_of(arguments[1]);
  tensor.shape = sizes_of(arguments[2]);
  tensor.strides = sizes_of(arguments[3]);
  // What torch keeps beside the numbers: signs that are to be turned (neg, conj).
  const size_t metadata = dtype ? 7 : 6;
  if (arguments.size() > metadata && value(arguments[metadata]).kind == PickleKind::Dict &&
      !value(arguments[metadata]).items.empty())
    refuse("its pickle has a tensor whose numbers are to be negated or conjugated",
           "save a plain copy of each tensor: {k: v.resolve_neg().resolve_conj().clone() ...}");
  if (tensor.shape.size() != tensor.strides.size())
    refuse("its pickle has a tensor with another number of strides than of dimensions");
  pickle_.tensors.push_back(std::move(tensor));
  if (pickle_.tensors.size() > kMaxTensorsOfPickle)
    refuse("its pickle has more than " + std::to_string(kMaxTensorsOfPickle) + " tensors",
           kRemedyWeights);
  return add_number(PickleKind::Tensor, static_cast<int64_t>(pickle_.tensors.size() - 1));
}

uint64_t PickleObjects::size_of(uint32_t index) {
  const PickleValue& number = value(index);
  if (number.kind != PickleKind::Int || number.number < 0)
    refuse("its pickle has a tensor whose sizes are not non-negative integers");
  return static_cast<uint64_t>(number.number);
}

std::vector<size_t> PickleObjects::sizes_of(uint32_t index) {
  const PickleValue& tuple = value(index);
  if (tuple.kind != PickleKind::Tuple) refuse("its pickle has a tensor without a shape");
  if (tuple.items.size() > kMaxRank)
    refuse("its pickle has a tensor of " + std::to_string(tuple.items.size()) + " dimensions",
           kRemedyWeights);
  std::vector<size_t> sizes;
  for (const uint32_t item : tuple.items) sizes.push_back(static_cast<size_t>(size_of(item)));
  return sizes;
}

/// (function, type, its arguments, state): a tensor with attributes.
uint32_t PickleObjects::make_from_type(const std::vector<uint32_t>& arguments) {
  if (arguments.size() < 3 || value(arguments[0]).kind != PickleKind::Global ||
      value(arguments[2]).kind != PickleKind::Tuple) {
    refuse("its pickle has a tensor of no type");
  }
  const std::string global(value(arguments[0]).text);  // values move when one is added
  const GlobalRole role = role_of(global);
  if (role != GlobalRole::Tensor && role != GlobalRole::TensorOfDtype &&
      role != GlobalRole::Parameter)
    refuse("its pickle has a tensor of no type");
  return result_of(global, std::vector<uint32_t>(value(arguments[2]).items));
}

uint32_t PickleObjects::make_storage(uint32_t index) {
  const PickleValue& tuple = value(index);
  const auto item = [&](size_t i) -> const PickleValue& { return value(tuple.items[i]); };
  const bool good = tuple.kind == PickleKind::Tuple && tuple.items.size() >= 5 &&
                    item(0).kind == PickleKind::Text && item(0).text == "storage" &&
                    item(1).kind == PickleKind::Global &&
                    role_of(item(1).text) == GlobalRole::Storage &&
                    item(2).kind == PickleKind::Text && item(2).text.size() <= kMaxKey &&
                    item(4).kind == PickleKind::Int && item(4).number >= 0;
  if (!good) refuse("its pickle refers to something that is not a storage", kRemedyWeights);
  PickleStorage storage;
  storage.key = item(2).text;
  storage.type = item(1).text;
  const StorageType type = storage_type(item(1).text);
  storage.dtype = type.dtype, storage.width = type.width;
  storage.elements = static_cast<uint64_t>(item(4).number);
  if (tuple.items.size() > 5 && item(5).kind == PickleKind::Tuple) {
    const std::vector<uint32_t>& view = item(5).items;
    if (view.size() != 3) refuse("its pickle has a view of something that is not a storage");
    storage.offset = size_of(view[1]);
  }
  if (pickle_.storages.size() >= kMaxStorages)
    refuse("its pickle has more than " + std::to_string(kMaxStorages) + " storages",
           kRemedyWeights);
  pickle_.storages.push_back(std::move(storage));
  return add_number(PickleKind::Storage, static_cast<int64_t>(pickle_.storages.size() - 1));
}

}  // namespace vitro::converter
