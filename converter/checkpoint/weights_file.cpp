// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/weights_file.h"

#include <algorithm>
#include <vector>

#include "converter/base/error.h"
#include "runtime/digest/sha256.h"

namespace vitro::converter {

WeightsFile::WeightsFile(const std::string& path)
    : file_(path, "give a file of weights (.safetensors, .pth, .npz, .index)") {
  if (size() == 0) refuse("is empty", kRemedyDamaged);
}

void WeightsFile::refuse(const std::string& fault, const std::string& remedy) const {
  throw InputError(path(), fault, remedy);
}

void WeightsFile::read(uint64_t offset, void* to, size_t size) const {
  if (offset > file_.size() || size > file_.size() - offset) refuse("is cut short", kRemedyDamaged);
  file_.read(offset, to, size);
}

std::string WeightsFile::read(uint64_t offset, size_t size) const {
  if (offset > file_.size() || size > file_.size() - offset) refuse("is cut short", kRemedyDamaged);
  std::string bytes(size, '\0');
  read(offset, bytes.data(), size);
  return bytes;
}

std::string WeightsFile::sha256() const {
  Sha256 hash;
  std::vector<char> piece(static_cast<size_t>(std::min<uint64_t>(size(), 1 << 20)));
  for (uint64_t at = 0; at < size();) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(piece.size(), size() - at));
    read(at, piece.data(), count);
    hash.update(piece.data(), count);
    at += count;
  }
  file_.check_unchanged();
  char text[65];
  hash.hex(text);
  return text;
}

}  // namespace vitro::converter
