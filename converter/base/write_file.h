// SPDX-License-Identifier: Apache-2.0
// Output files: whole or not at all.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace vitro {

/// A file that is written piece by piece beside `path` and takes its place with commit(); without
/// that, nothing is left of it. A symbolic link stays, and what it points to is replaced.
/// Everything throws InputError.
class OutputFile {
 public:
  /// Refuses folders and devices.
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }
  void write(const void* data, size_t size);
  void write(const std::string& text) { write(text.data(), text.size()); }
  /// Overwrites the beginning of the file; later writes append again.
  void rewrite_start(const void* data, size_t size);
  void commit();

 private:
  [[noreturn]] void fail(const std::string& what);
  void discard();

  std::string path_, target_, temporary_;
  size_t slot_;  // where remove_unfinished_files() finds temporary_
  std::FILE* file_ = nullptr;
};

/// Removes unfinished files. Safe to call in the handler of a signal that ends the process.
void remove_unfinished_files() noexcept;

/// All at once. Throws InputError.
void write_file(const std::string& path, const void* data, size_t size);

}  // namespace vitro
