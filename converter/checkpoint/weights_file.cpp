// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/weights_file.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "converter/base/error.h"
#include "runtime/digest/sha256.h"

namespace vitro::converter {

WeightsFile::WeightsFile(const std::string& path) : path_(path) {
  const char* remedy = "give a file of weights (.safetensors, .pth, .npz)";
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (!std::filesystem::exists(status)) refuse("no such file", "check the path");
  if (std::filesystem::is_directory(status)) refuse("is a folder, not a file", remedy);
  if (!std::filesystem::is_regular_file(status)) refuse("is not a regular file", remedy);
  size_ = std::filesystem::file_size(path_, error);
  file_.open(path_, std::ios::binary);
  if (error || !file_) refuse("cannot be opened", "check its permissions");
  if (size_ == 0) refuse("is empty", kRemedyDamaged);
}

void WeightsFile::refuse(const std::string& fault, const std::string& remedy) const {
  throw InputError(path_, fault, remedy);
}

void WeightsFile::read(uint64_t offset, void* to, size_t size) {
  if (offset > size_ || size > size_ - offset) refuse("is cut short", kRemedyDamaged);
  if (size == 0) return;
  file_.seekg(static_cast<std::streamoff>(offset));
  file_.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
  if (!file_ || static_cast<size_t>(file_.gcount()) != size)
    refuse("reading it failed", kRemedyDamaged);
}

std::string WeightsFile::read(uint64_t offset, size_t size) {
  if (offset > size_ || size > size_ - offset) refuse("is cut short", kRemedyDamaged);
  std::string bytes(size, '\0');
  read(offset, bytes.data(), size);
  return bytes;
}

std::string WeightsFile::sha256() {
  Sha256 hash;
  std::vector<char> piece(static_cast<size_t>(std::min<uint64_t>(size_, 1 << 20)));
  for (uint64_t at = 0; at < size_;) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(piece.size(), size_ - at));
    read(at, piece.data(), size);
    hash.update(piece.data(), size);
    at += size;
  }
  char text[65];
  hash.hex(text);
  return text;
}

}  // namespace vitro::converter
