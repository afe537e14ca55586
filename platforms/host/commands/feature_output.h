// SPDX-License-Identifier: Apache-2.0
// Which output of a program its features are.
#pragma once

#include <string>
#include <vector>

#include "platforms/host/program_file.h"

namespace vitro::host {

/// The output called `name`; where that is empty, "features", "class", the first of the kind
/// features with one row, or the first of the kind, whichever there is. Throws InputError.
size_t feature_output(const ProgramFile& file, const std::string& name);

/// Each row of `cols` values divided by its length; rows of zeros stay.
std::vector<float> unit_length(std::vector<float> values, size_t cols);

}  // namespace vitro::host
