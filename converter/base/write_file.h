// SPDX-License-Identifier: Apache-2.0
// Output files: whole or not at all, also where the power or the process ends in between.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "converter/base/unfinished_file.h"

namespace vitro {

/// A file that is written piece by piece out of sight and takes the place of what is at `path` with
/// commit(); without that, nothing is left of it. What it replaces hands on its permissions and,
/// where the system allows it, its owner, but neither access lists nor other names (hard links). A
/// symbolic link stays, and what it points to is replaced; one to nothing is refused. Everything
/// throws InputError.
class OutputFile {
 public:
  /// Refuses folders, devices, and what was read before (files_read.h). Removes what a killed
  /// process left in the folder.
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }
  void write(const void* data, size_t size);
  void write(const std::string& text) { write(text.data(), text.size()); }
  /// Overwrites the beginning of the file; later writes append to its end again.
  void rewrite_start(const void* data, size_t size);
  /// Writes all of it to the disk (fsync), so that only its name is missing. Nothing may be written
  /// afterwards.
  void finish();
  /// finish(), then gives it its name.
  void commit();

 private:
  friend void commit_all(const std::vector<OutputFile*>& files);

  [[noreturn]] void fail(const std::string& what);
  void flush();
  void put(const char* data, size_t size);
  void replace();

  std::string path_, target_, folder_;
  UnfinishedFile file_;
  std::string pending_;  // bytes that are still to be written
  bool finished_ = false;
};

/// All take their places, or none: where one cannot, the earlier ones are replaced by what was
/// there before. That needs hard links; where there are none, and where the process is killed in
/// between, the first may be new and the last old, but each is whole.
void commit_all(const std::vector<OutputFile*>& files);

/// Files that belong together, committed together.
class OutputFiles {
 public:
  OutputFile& add(const std::string& path) {
    files_.push_back(std::make_unique<OutputFile>(path));
    return *files_.back();
  }
  void commit() { commit_with({}); }
  /// Together with others, which the caller keeps.
  void commit_with(std::vector<OutputFile*> all) {
    for (const auto& file : files_) all.push_back(file.get());
    commit_all(all);
  }

 private:
  std::vector<std::unique_ptr<OutputFile>> files_;
};

/// All at once. Throws InputError.
void write_file(const std::string& path, const void* data, size_t size);

}  // namespace vitro
