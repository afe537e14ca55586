// SPDX-License-Identifier: Apache-2.0
// Which files a command has read, so that it does not write over them: by whatever name an output
// is given, and whatever led to the input (an index of shards, a folder of photos).
#pragma once

#include <sys/stat.h>

#include <string>

namespace vitro {

/// From now on the files that this process opens to read are remembered, by device and number: 16
/// bytes each. For programs that run one command and end; nothing is ever forgotten.
void remember_files_read();

/// Called by whoever opens a file to read. Several threads may. Throws std::bad_alloc.
void note_file_read(const struct stat& file);

/// Throws InputError where `path`, or what it links to, is a remembered file.
void refuse_file_read(const std::string& path);

}  // namespace vitro
