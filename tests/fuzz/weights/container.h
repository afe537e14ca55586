// SPDX-License-Identifier: Apache-2.0
// Inputs that stand for files of weights, so that what is mutated is not the lengths and checksums
// around it. The first byte says what the rest is:
//   's'  safetensors: the header, a line feed, the tensors' bytes
//   'z'  a zip archive, stored; 'Z' deflated: entries, each a name, a colon, its size in decimal, a
//        line feed, its bytes
//   else the file itself begins behind it.
#pragma once

#include <string>

#include "tests/support/archives.h"

namespace vitro::fuzz {

std::string file_of(const std::string& input);

/// The other way, for seeds.
std::string input_of_safetensors(const std::string& file);
std::string input_of_zip(const Files& files, bool deflated);
inline std::string input_of_file(const std::string& file) { return "f" + file; }

}  // namespace vitro::fuzz
