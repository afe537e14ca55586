// SPDX-License-Identifier: Apache-2.0
// What PyTorch's functions make of their arguments: the values of a pickle, its tensors and
// storages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/checkpoint/pickle.h"

namespace vitro::converter {

constexpr size_t kMaxPickleValues = 4'000'000;
constexpr char kRemedyWeights[] = "save the weights alone: torch.save(model.state_dict(), PATH)";

class PickleObjects {
 public:
  explicit PickleObjects(const PickleRefusal& refuse) : refuse_(refuse) {}

  /// Values are known by their index; references to them last until the next is added.
  uint32_t add(PickleKind kind);
  uint32_t add_number(PickleKind kind, int64_t number);
  PickleValue& value(uint32_t index) { return pickle_.values[index]; }

  /// The name of a class or function, "module.name".
  uint32_t add_global(const std::string& global);
  /// What a global makes of a tuple.
  uint32_t call(uint32_t callee, uint32_t arguments);
  /// Of the tuple ("storage", type, key, location, elements), in old files also None or (key of the
  /// view, offset, elements).
  uint32_t make_storage(uint32_t tuple);

  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const;
  /// Of damaged files.
  [[noreturn]] void refuse(const std::string& fault) const;

  /// All of it; the object is empty then.
  Pickle take(uint32_t root);

 private:
  uint32_t result_of(const std::string& global, const std::vector<uint32_t>& arguments);
  uint32_t make_dict(const std::vector<uint32_t>& arguments);
  uint32_t make_tensor(const std::vector<uint32_t>& arguments, const std::string* dtype);
  uint32_t make_from_type(const std::vector<uint32_t>& arguments);
  uint64_t size_of(uint32_t index);
  std::vector<size_t> sizes_of(uint32_t index);

  const PickleRefusal& refuse_;
  Pickle pickle_;
  size_t copied_ = 0;  // pairs, from lists into dictionaries
};

}  // namespace vitro::converter
