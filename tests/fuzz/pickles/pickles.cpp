// SPDX-License-Identifier: Apache-2.0
// PyTorch's pickles, without an archive around them: the result must not name anything that does
// not exist.
#include "converter/base/error.h"
#include "converter/checkpoint/pickle.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using namespace converter;

void check(const Pickle& pickle, size_t size) {
  require(pickle.bytes <= size, "a pickle longer than its file");
  require(pickle.root < pickle.values.size(), "a root that is not there");
  for (const PickleValue& value : pickle.values) {
    for (const uint32_t item : value.items)
      require(item < pickle.values.size(), "an item that is not there");
    const auto number = static_cast<uint64_t>(value.number);
    if (value.kind == PickleKind::Dict)
      require(value.items.size() % 2 == 0, "a key without a value");
    if (value.kind == PickleKind::Storage)
      require(number < pickle.storages.size(), "a storage that is not there");
    if (value.kind == PickleKind::Tensor)
      require(number < pickle.tensors.size(), "a tensor that is not there");
  }
  for (const PickleTensor& tensor : pickle.tensors) {
    require(tensor.storage < pickle.storages.size(), "a tensor without its storage");
    require(tensor.shape.size() == tensor.strides.size(), "a tensor with another rank of strides");
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  const auto refuse = [](const std::string& fault, const std::string& remedy) {
    require(!fault.empty() && !remedy.empty(), "a refusal without words");
    throw InputError("pickle", fault, remedy);
  };
  try {
    check(read_pickle(reinterpret_cast<const char*>(data), size, refuse), size);
  } catch (const InputError&) {
  }
  return 0;
}
