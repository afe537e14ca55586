#include "converter/write_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "converter/error.h"

namespace vitro {

namespace fs = std::filesystem;

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // A rename would put a file where the device was.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError(path, fs::is_directory(status) ? "is a folder and cannot be replaced by a file" : "is not a regular file, and only such are written",
                     "give the name of a file");
  }
  if (fs::exists(status) && fs::is_symlink(fs::symlink_status(path, error))) {
    const fs::path resolved = fs::canonical(path, error);
    if (!error) target_ = resolved.string();
  }
  temporary_ = target_ + ".tmp" + std::to_string(getpid());
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) fail("cannot be written");
}

OutputFile::~OutputFile() { discard(); }

void OutputFile::discard() {
  if (file_) std::fclose(file_);
  file_ = nullptr;
  if (!temporary_.empty()) std::remove(temporary_.c_str());
  temporary_.clear();
}

void OutputFile::fail(const std::string& what) {
  const std::string why = std::strerror(errno);
  discard();
  throw InputError(path_, what + " (" + why + ")", "give a path in a folder that exists, may be written to and has room");
}

void OutputFile::write(const void* data, size_t size) {
  if (std::fwrite(data, 1, size, file_) != size) fail("could not be written whole");
}

void OutputFile::rewrite_start(const void* data, size_t size) {
  if (std::fseek(file_, 0, SEEK_SET) != 0) fail("could not be written whole");
  write(data, size);
  if (std::fseek(file_, 0, SEEK_END) != 0) fail("could not be written whole");
}

void OutputFile::commit() {
  std::FILE* file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0) fail("could not be written whole");
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced");
  temporary_.clear();
}

void write_file(const std::string& path, const void* data, size_t size) {
  OutputFile file(path);
  file.write(data, size);
  file.commit();
}

}  // namespace vitro
