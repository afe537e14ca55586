// SPDX-License-Identifier: Apache-2.0
// Files as they are read: regular ones alone, into memory of one's own. And what is in a folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitro {

/// A regular file, open for reading. Nothing is mapped: what was read stays, whoever may write to
/// the file or cut it short meanwhile. Several threads may read at once.
class InputFile {
 public:
  /// Does not wait for pipes. Throws InputError, with `remedy`, where there is no such file, it
  /// cannot be opened, or it is a folder, a pipe or a device.
  InputFile(const std::string& path, const std::string& remedy);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  /// Bytes, when it was opened.
  uint64_t size() const { return size_; }
  /// Throws InputError where the file ends before, or the system cannot read it.
  void read(uint64_t offset, void* to, size_t size) const;
  /// Throws InputError if the file was written to since it was opened: what was read before and
  /// after need not belong together.
  void check_unchanged() const;

 private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  int64_t seconds_ = 0, nanoseconds_ = 0;  // of the last write
};

/// The first bytes of a file, `count` of them if there are so many; none of what cannot be read.
std::string first_bytes(const std::string& path, size_t count);

/// All of it. Throws InputError, also of a file larger than `most` bytes.
std::string read_file(const std::string& path, uint64_t most, const std::string& remedy);

/// Names of what is in a folder but "." and "..", in the order of their bytes. Throws InputError
/// where it cannot be listed to its end. (The iterators of std::filesystem end the process where
/// memory is short.)
std::vector<std::string> names_in(const std::string& folder);

}  // namespace vitro
