// SPDX-License-Identifier: Apache-2.0
#include "converter/base/files_read.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "converter/base/error.h"

namespace vitro {

namespace {

struct FilesRead {
  std::atomic<bool> wanted{false};
  std::mutex mutex;
  std::vector<std::pair<dev_t, ino_t>> files;
};

FilesRead& files_read() {
  static FilesRead instance;
  return instance;
}

}  // namespace

void remember_files_read() { files_read().wanted = true; }

void note_file_read(const struct stat& file) {
  FilesRead& read = files_read();
  if (!read.wanted) return;
  const std::lock_guard<std::mutex> lock(read.mutex);
  read.files.emplace_back(file.st_dev, file.st_ino);
}

void refuse_file_read(const std::string& path) {
  FilesRead& read = files_read();
  struct stat there {};
  if (!read.wanted || stat(path.c_str(), &there) != 0) return;
  const std::lock_guard<std::mutex> lock(read.mutex);
  const std::pair<dev_t, ino_t> file{there.st_dev, there.st_ino};
  if (std::find(read.files.begin(), read.files.end(), file) != read.files.end())
    throw InputError(path, "was read for this, and would be overwritten",
                     "give another name to write to");
}

}  // namespace vitro
