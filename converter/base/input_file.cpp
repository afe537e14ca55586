// SPDX-License-Identifier: Apache-2.0
#include "converter/base/input_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "converter/base/error.h"
#include "converter/base/files_read.h"

namespace vitro {

namespace {

constexpr char kCopyAgain[] = "copy the file again";
constexpr size_t kMostAtOnce = size_t{1} << 30;  // Linux reads no more than 2 GiB at once

}  // namespace

InputFile::InputFile(const std::string& path, const std::string& remedy) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0)
    throw InputError(path, std::string("cannot be opened (") + std::strerror(errno) + ")", remedy);
  struct stat info {};
  const bool known = fstat(descriptor_, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    ::close(descriptor_);
    throw InputError(
        path, known && S_ISDIR(info.st_mode) ? "is a folder, not a file" : "is not a regular file",
        remedy);
  }
  try {
    note_file_read(info);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
  size_ = static_cast<uint64_t>(info.st_size);
  seconds_ = info.st_mtim.tv_sec;
  nanoseconds_ = info.st_mtim.tv_nsec;
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(uint64_t offset, void* to, size_t size) const {
  char* bytes = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t count =
        pread(descriptor_, bytes, std::min(size, kMostAtOnce), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw InputError(path_, std::string("cannot be read (") + std::strerror(errno) + ")",
                       kCopyAgain);
    if (count == 0) throw InputError(path_, "is cut short", kCopyAgain);
    bytes += count;
    size -= static_cast<size_t>(count);
    offset += static_cast<uint64_t>(count);
  }
}

void InputFile::check_unchanged() const {
  struct stat now {};
  if (fstat(descriptor_, &now) == 0 && static_cast<uint64_t>(now.st_size) == size_ &&
      now.st_mtim.tv_sec == seconds_ && now.st_mtim.tv_nsec == nanoseconds_)
    return;
  throw InputError(path_, "was changed while it was read",
                   "wait until it is written, then try again");
}

std::string first_bytes(const std::string& path, size_t count) {
  try {
    const InputFile file(path, "");
    std::string bytes(static_cast<size_t>(std::min<uint64_t>(count, file.size())), '\0');
    file.read(0, bytes.data(), bytes.size());
    return bytes;
  } catch (const InputError&) {
    return "";
  }
}

std::string read_file(const std::string& path, uint64_t most, const std::string& remedy) {
  const InputFile file(path, remedy);
  if (file.size() > most)
    throw InputError(path, "is larger than " + std::to_string(most >> 20) + " MiB", remedy);
  std::string bytes(static_cast<size_t>(file.size()), '\0');
  file.read(0, bytes.data(), bytes.size());
  return bytes;
}

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

Found what_is(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0)
    return S_ISREG(info.st_mode)   ? Found::File
           : S_ISDIR(info.st_mode) ? Found::Folder
                                   : Found::Other;
  const int fault = errno;
  if (lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode) &&
      (fault == ENOENT || fault == ENOTDIR || fault == ELOOP))
    return Found::LinkToNothing;
  if (fault == ENOENT || fault == ENOTDIR) return Found::Nothing;
  throw InputError(path, std::string("cannot be looked at (") + std::strerror(fault) + ")",
                   "check the permissions and the disk");
}

std::vector<std::string> names_in(const std::string& folder) {
  const auto refuse = [&folder] {
    throw InputError(folder, std::string("cannot be listed (") + std::strerror(errno) + ")",
                     "check the permissions");
  };
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (!entries) refuse();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* const entry = readdir(entries.get());
    if (!entry && errno != 0) refuse();
    if (!entry) break;
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vitro
