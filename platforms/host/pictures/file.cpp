// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "converter/base/error.h"
#include "converter/base/files_read.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kMaxFileBytes = size_t{256} << 20;

bool is_standard_input(const struct stat& file) {
  struct stat input;
  return fstat(STDIN_FILENO, &input) == 0 && S_ISFIFO(input.st_mode) &&
         input.st_dev == file.st_dev && input.st_ino == file.st_ino;
}

class File {
 public:
  // A pipe is refused below, not waited for.
  explicit File(const std::string& path)
      : input_(path == "-"),
        path_(path),
        fd_(input_ ? ::dup(STDIN_FILENO)
                   : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (fd_ < 0)
      throw InputError(path, std::string("cannot be opened (") + std::strerror(errno) + ")",
                       "check the name and the permissions");
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  size_t check() const {
    struct stat info;
    if (input_ && isatty(fd_))
      throw InputError(path_, "is a terminal, not a picture",
                       "send one to standard input: 'cat photo.jpg | vitro run -i - ...'");
    if (fstat(fd_, &info) != 0)
      throw InputError(path_, std::string("cannot be read (") + std::strerror(errno) + ")",
                       "copy the file again");
    if (S_ISREG(info.st_mode)) note_file_read(info);
    if (S_ISDIR(info.st_mode))
      throw InputError(path_, "is a folder, not a picture", "name one JPEG, PNG or BMP file");
    if (input_ && !S_ISREG(info.st_mode)) return 0;
    if (is_standard_input(info)) {
      fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
      return 0;
    }
    if (!S_ISREG(info.st_mode))
      throw InputError(path_, "is a pipe or a device, not a file",
                       "save the picture to a file first");
    return info.st_size > 0 ? static_cast<size_t>(std::min<uint64_t>(
                                  static_cast<uint64_t>(info.st_size), kMaxFileBytes + 1))
                            : 0;
  }

  size_t read(uint8_t* to, size_t size) const {
    ssize_t count;
    do count = ::read(fd_, to, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
      throw InputError(path_,
                       std::string("cannot be read to its end (") + std::strerror(errno) + ")",
                       "copy the file again");
    return static_cast<size_t>(count);
  }

 private:
  const bool input_;
  const std::string path_;
  const int fd_;
};

}  // namespace

std::vector<uint8_t> read_picture_file(const std::string& path) {
  const File file(path);
  constexpr size_t kChunk = size_t{1} << 16;
  const size_t expected = file.check();
  if (expected > kMaxFileBytes)
    throw InputError(path, "is larger than 256 MiB", "give a smaller picture");
  std::vector<uint8_t> bytes(expected + 1);  // one more, so that the end is seen without growing
  size_t used = 0;
  while (const size_t count = file.read(bytes.data() + used, bytes.size() - used)) {
    used += count;
    if (used > kMaxFileBytes)
      throw InputError(path, "is larger than 256 MiB", "give a smaller picture");
    if (used == bytes.size()) bytes.resize(used + std::max(kChunk, used / 2));
  }
  bytes.resize(used);
  if (bytes.empty()) throw InputError(path, "is empty", "copy the file again");
  return bytes;
}

}  // namespace vitro::host::pictures
