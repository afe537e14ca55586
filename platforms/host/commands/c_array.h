// SPDX-License-Identifier: Apache-2.0
// A program as C source.
#pragma once

#include <string>

#include "platforms/host/program_file.h"

namespace vitro::host {

/// A C identifier by a file's name: letters, digits and underscores, in lower case; "model_" before
/// a digit or a word of C or C++.
std::string identifier_of(const std::string& file_name);

bool is_identifier(const std::string& name);

/// The C header that declares the program `name` and its sizes; `option` of vitro emit wrote it.
std::string program_header(const ProgramFile& file, const std::string& name,
                           const std::string& option);

struct CSource {
  std::string source, header;
};

/// `name` begins every name. The source includes the header as `header_file`.
CSource c_array_of(const ProgramFile& file, const std::string& name,
                   const std::string& header_file);

}  // namespace vitro::host
