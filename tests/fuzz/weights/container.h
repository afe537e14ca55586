// SPDX-License-Identifier: Apache-2.0
// Inputs that stand for files of weights, so that mutations change the content, not the lengths and
// checksums around it. The first byte says what follows:
//   's'  safetensors: the header, a line feed, the tensors' bytes
//   'z'  a stored zip archive, 'Z' a deflated one: entries, each with a name, a colon, its size in
//        decimal, a line feed, its bytes
//   't'  a TensorFlow checkpoint: entries as of 'z', the numbers' and then those of the index
//   else the file itself, after this byte.
#pragma once

#include <string>

#include "tests/fuzz/support/target.h"
#include "tests/support/archives.h"
#include "tests/support/tensor_bundle.h"

namespace vitro::fuzz {

std::string file_of(const std::string& input);

/// Writes the file, or a TensorFlow checkpoint's two. Returns the path of that which is to be read.
std::string write_weights(const Folder& folder, const std::string& input);

/// The input for a file, to make seeds.
std::string input_of_safetensors(const std::string& file);
std::string input_of_zip(const Files& files, bool deflated);
std::string input_of_bundle(const Checkpoint& checkpoint);
inline std::string input_of_file(const std::string& file) { return "f" + file; }

}  // namespace vitro::fuzz
