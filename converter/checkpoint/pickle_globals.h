// What a name in a pickle may stand for.
#pragma once

#include <string>

#include "converter/checkpoint/numbers.h"

namespace vitro {

enum class GlobalRole { Unknown, Dict, Size, Tensor, TensorOfDtype, Parameter, FromType, Storage, Dtype, Inert };

GlobalRole role_of(const std::string& global);

struct StorageType {
  Dtype dtype = Dtype::Foreign;
  size_t width = 0;  // bytes; 0 where it is Foreign
};

/// "torch.FloatStorage" or "torch.float32".
StorageType storage_type(const std::string& global);

/// Does loading such a pickle with Python run what its author likes?
bool is_dangerous(const std::string& global);

}  // namespace vitro
