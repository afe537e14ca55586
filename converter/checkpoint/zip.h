// SPDX-License-Identifier: Apache-2.0
// Zip archives as torch.save and numpy.savez write them: stored or deflated entries, zip64, no
// encryption, no parts.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "converter/checkpoint/weights_file.h"

namespace vitro::converter {

struct ZipEntry {
  uint64_t offset = 0;       // of its data in the file
  uint64_t stored_size = 0;  // bytes in the file
  uint64_t size = 0;         // bytes when unpacked
  uint32_t crc = 0;
  bool deflated = false;
};

using ZipArchive = std::map<std::string, ZipEntry>;

/// Of the whole directory: entries lie in the file, do not overlap, are named once, and do not
/// unpack to more than 64 times the file. Throws InputError.
ZipArchive read_zip_directory(WeightsFile& file);

/// The first `size` bytes of the entry, unpacked, and if that is all of it, checked against its
/// CRC. `size` is no more than the entry's. Throws InputError.
std::string read_zip_entry(WeightsFile& file, const std::string& name, const ZipEntry& entry,
                           size_t size);
std::string read_zip_entry(WeightsFile& file, const std::string& name, const ZipEntry& entry);

}  // namespace vitro::converter
