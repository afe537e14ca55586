// Reads the float32 matrices that numpy.save writes; for tests.
#pragma once

#include <string>

#include "converter/matrix.h"

namespace vitro {

/// Version 1 header, '<f4', C order, one or two dimensions. Throws std::runtime_error on anything else.
Matrix read_npy(const std::string& path);

}  // namespace vitro
