// SPDX-License-Identifier: Apache-2.0
// Inputs that stand for files of weights, so that mutations change the content, not the lengths and
// checksums around it. The first byte says what follows:
//   's'  safetensors: the header, a line feed, the tensors' bytes
//   'z'  a stored zip archive, 'Z' a deflated one: entries, each with a name, a colon, its size in
//        decimal, a line feed, its bytes
//   else the file itself, after this byte.
#pragma once

#include <string>

#include "tests/support/archives.h"

namespace vitro::fuzz {

std::string file_of(const std::string& input);

/// The input for a file, to make seeds.
std::string input_of_safetensors(const std::string& file);
std::string input_of_zip(const Files& files, bool deflated);
inline std::string input_of_file(const std::string& file) { return "f" + file; }

}  // namespace vitro::fuzz
