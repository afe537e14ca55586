// SPDX-License-Identifier: Apache-2.0
// Files of weights are read: every tensor must have as many numbers as its shape says, all finite.
// container.h says how inputs stand for files.
#include <cmath>

#include "converter/base/error.h"
#include "converter/checkpoint/checkpoint.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/weights/container.h"

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  using namespace vitro;
  static const fuzz::Folder folder;
  const std::string path = fuzz::write_weights(folder, fuzz::text_of(data, size));
  try {
    for (const auto& [name, tensor] : converter::read_checkpoint(path).tensors) {
      size_t count = 1;
      for (const size_t n : tensor.shape) count *= n;
      require(count == tensor.data.size(), "a tensor of another size");
      for (const float value : tensor.data)
        require(std::isfinite(value), "a number that is none passes");
    }
  } catch (const InputError&) {
  }
  return 0;
}
