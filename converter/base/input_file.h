// SPDX-License-Identifier: Apache-2.0
// Reading of files: only regular ones, and into the reader's own memory. And listing of folders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitro {

/// A regular file, open for reading. It is not mapped: what was read does not change, even if the
/// file is written to or cut short meanwhile. Several threads may read at once.
class InputFile {
 public:
  /// Does not wait for pipes. Throws InputError, with `remedy`, if there is no such file, if it
  /// cannot be opened, or if it is a folder, a pipe or a device.
  InputFile(const std::string& path, const std::string& remedy);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  /// The size in bytes when it was opened.
  uint64_t size() const { return size_; }
  /// Throws InputError if the file ends earlier, or if the system cannot read it.
  void read(uint64_t offset, void* to, size_t size) const;
  /// Throws InputError if the file was written to since it was opened, because what was read before
  /// and after may not belong together.
  void check_unchanged() const;

 private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  int64_t seconds_ = 0, nanoseconds_ = 0;  // time of the last write
};

/// The first `count` bytes of a file, fewer if it is shorter; none if it cannot be read.
std::string first_bytes(const std::string& path, size_t count);

/// The whole file. Throws InputError, also if it is larger than `most` bytes.
std::string read_file(const std::string& path, uint64_t most, const std::string& remedy);

/// A path's last part: the file's name without its folders.
std::string file_name(const std::string& path);

/// What a path leads to, following links.
enum class Found { Nothing, LinkToNothing, File, Folder, Other };

/// Nothing only where the system says that there is nothing of this name: what cannot be looked at
/// (no permission, a disk that fails) must not count as absent, or something else would be taken in
/// its place. Throws InputError then.
Found what_is(const std::string& path);

/// The names in a folder, except "." and "..", in the order of their bytes. Throws InputError if
/// the listing fails before its end. (The iterators of std::filesystem end the process when memory
/// is short.)
std::vector<std::string> names_in(const std::string& folder);

}  // namespace vitro
