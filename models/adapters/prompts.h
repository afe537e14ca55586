// SPDX-License-Identifier: Apache-2.0
// Tokens of shallow Visual Prompt Tuning (arXiv 2203.12119).
#pragma once

#include <string>

#include "converter/base/matrix.h"

namespace vitro::converter {

/// [P, dim] from a .npy file, or from a file of weights with this one tensor, of shape [P, dim] or
/// [1, P, dim]. Throws InputError on anything else; prompts of every layer ([depth, P, dim]) are
/// refused by name.
Matrix read_prompts(const std::string& path);

}  // namespace vitro::converter
