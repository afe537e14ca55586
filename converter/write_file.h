// Output files: whole or not at all.
#pragma once

#include <cstddef>
#include <string>

namespace vitro {

/// Writes beside `path`, then renames, so that no half file is ever at `path`. Throws InputError.
void write_file(const std::string& path, const void* data, size_t size);

}  // namespace vitro
