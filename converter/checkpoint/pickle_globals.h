// SPDX-License-Identifier: Apache-2.0
// What a name in a pickle may stand for, and the opcodes that stand for nothing here.
#pragma once

#include <cstdint>
#include <string>

#include "converter/checkpoint/numbers.h"

namespace vitro::converter {

enum class GlobalRole {
  Unknown,
  Dict,
  Size,
  Tensor,
  TensorOfDtype,
  Parameter,
  FromType,
  Storage,
  Dtype,
  Inert
};

GlobalRole role_of(const std::string& global);

struct StorageType {
  Dtype dtype = Dtype::Foreign;
  size_t width = 0;  // bytes; 0 where it is Foreign
};

/// "torch.FloatStorage" or "torch.float32".
StorageType storage_type(const std::string& global);

/// Whether loading a pickle with this global in Python could run arbitrary code.
bool is_dangerous(const std::string& global);

/// The name of an opcode that Python knows and that is refused; null for all others.
const char* foreign_opcode(uint8_t code);

}  // namespace vitro::converter
