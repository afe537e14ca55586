// SPDX-License-Identifier: Apache-2.0
// Checked access to a model's tensors.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/names/names.h"

namespace vitro::converter {

/// Sizes of the largest models: columns of the stream and inputs of a linear as the runtime's
/// verifier has them, rows of the stream.
constexpr size_t kLargestWidth = 4096, kLargestInput = 32768, kLargestTokens = 32768;

/// "[64, 3, 16, 16]".
std::string shape_text(const std::vector<size_t>& shape);

/// The tensors by canonical name. Keeps account of those that were taken: what nobody takes is not
/// part of the model.
class CheckedTensors {
 public:
  CheckedTensors(std::string path, const Naming& naming, std::map<std::string, TensorView> views);

  bool has(const std::string& name) const { return views_.count(name) != 0; }
  /// Of a part of a block or stage: whether any has it. What one has, every one must have.
  bool expects(const std::string& name) const;
  /// How many blocks there are. Throws InputError where there is none, or one is missing.
  size_t blocks() const;
  /// The shape, of `rank` dimensions, none of which is 0. Throws InputError if the tensor is
  /// missing or otherwise.
  const std::vector<size_t>& shape(const std::string& name, size_t rank) const;
  size_t rank(const std::string& name) const { return find(name).shape.size(); }
  /// The data. Throws InputError if the tensor is missing or its shape is another one.
  const float* take(const std::string& name, const std::vector<size_t>& shape);
  std::vector<float> vector(const std::string& name, size_t n);
  /// Throws InputError where a size is beyond the runtime's largest.
  void check_size(const char* what, size_t size, size_t largest) const;
  void refuse_untaken() const;
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const;
  /// With "give ..." as remedy: the checkpoint is of no model that the family computes.
  [[noreturn]] void refuse(const std::string& fault) const;

 private:
  const TensorView& find(const std::string& name) const;

  std::string path_, remedy_;
  std::map<std::string, TensorView> views_;
  std::set<std::string> taken_, of_any_block_;
};

}  // namespace vitro::converter
