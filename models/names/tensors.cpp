// SPDX-License-Identifier: Apache-2.0
#include "models/names/tensors.h"

#include <algorithm>

#include "converter/base/error.h"

namespace vitro::converter {
namespace {

// "stages.0.blocks.3.norm1.bias" -> "stages.blocks.norm1.bias": the same of every block.
std::string of_any_block(const std::string& name) {
  std::string out, before;
  for (size_t at = 0; at < name.size();) {
    const size_t end = std::min(name.find('.', at), name.size() - 1) + 1;
    const std::string part = name.substr(at, end - at);
    if (before != "blocks." && before != "class_blocks." && before != "stages.") out += part;
    before = part;
    at = end;
  }
  return out;
}

}  // namespace

std::string shape_text(const std::vector<size_t>& shape) {
  std::string text = "[";
  for (const size_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

CheckedTensors::CheckedTensors(std::string path, const Naming& naming,
                               std::map<std::string, TensorView> views)
    : path_(std::move(path)),
      remedy_(std::string("give ") + naming.plain),
      views_(std::move(views)) {
  for (const auto& named : views_) of_any_block_.insert(of_any_block(named.first));
}

bool CheckedTensors::expects(const std::string& name) const {
  return of_any_block_.count(of_any_block(name)) != 0;
}

size_t CheckedTensors::blocks() const {
  std::set<int> numbers;
  for (const auto& named : views_) numbers.insert(block_number(named.first));
  numbers.erase(-1);
  if (numbers.empty()) refuse("has no transformer blocks");
  int expected = 0;
  for (const int number : numbers) {
    if (number != expected) {
      refuse("has block " + std::to_string(number) + " but no block " + std::to_string(expected),
             "the checkpoint is incomplete: save the whole model");
    }
    ++expected;
  }
  return numbers.size();
}

void CheckedTensors::refuse(const std::string& fault, const std::string& remedy) const {
  throw InputError(path_, fault, remedy);
}

void CheckedTensors::refuse(const std::string& fault) const { refuse(fault, remedy_); }

const TensorView& CheckedTensors::find(const std::string& name) const {
  const auto at = views_.find(name);
  if (at == views_.end()) refuse("tensor " + name + " is missing", "give a complete checkpoint");
  return at->second;
}

const std::vector<size_t>& CheckedTensors::shape(const std::string& name, size_t rank) const {
  const TensorView& view = find(name);
  bool good = view.shape.size() == rank;
  for (const size_t n : view.shape) good = good && n > 0;
  if (!good) {
    refuse("tensor " + view.source + " should have " + std::to_string(rank) +
           " dimensions of at least 1, found " + shape_text(view.shape));
  }
  return view.shape;
}

const float* CheckedTensors::take(const std::string& name, const std::vector<size_t>& shape) {
  const TensorView& view = find(name);
  if (view.shape != shape) {
    // Of a fused qkv the canonical name tells which third is meant, and why the shape is a third of
    // the file's.
    refuse("tensor " + view.source + (view.part ? " (its part " + name + ")" : "") +
           ": expected shape " + shape_text(shape) + ", found " + shape_text(view.shape));
  }
  taken_.insert(name);
  return view.data;
}

std::vector<float> CheckedTensors::vector(const std::string& name, size_t n) {
  const float* data = take(name, {n});
  return {data, data + n};
}

void CheckedTensors::check_size(const char* what, size_t size, size_t largest) const {
  if (size > largest)
    refuse(std::string(what) + " of " + std::to_string(size) + " is beyond the runtime's " +
               std::to_string(largest),
           "give a smaller model");
}

void CheckedTensors::refuse_untaken() const {
  std::string names;
  size_t count = 0;
  for (const auto& [name, view] : views_) {
    if (taken_.count(name) == 0 && count++ < 5) names += (names.empty() ? "" : ", ") + view.source;
  }
  if (count > 0) {
    refuse("has " + std::to_string(count) + " superfluous tensor" + (count == 1 ? "" : "s") + ": " +
           names + (count > 5 ? ", ..." : ""));
  }
}

}  // namespace vitro::converter
