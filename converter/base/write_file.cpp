// SPDX-License-Identifier: Apache-2.0
#include "converter/base/write_file.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "converter/base/error.h"

namespace vitro {

namespace fs = std::filesystem;

namespace {

// Handlers of signals may neither allocate nor lock, so that names lie in fixed places. More files
// at once than there are places are left over by a signal.
constexpr size_t kSlots = 16;
struct Slot {
  std::atomic<bool> taken{false}, named{false};
  char name[4096];
};
Slot slots[kSlots];

size_t remember(const std::string& name) {
  for (size_t i = 0; i < kSlots && name.size() < sizeof slots[i].name; ++i) {
    if (slots[i].taken.exchange(true)) continue;
    std::memcpy(slots[i].name, name.c_str(), name.size() + 1);
    slots[i].named = true;
    return i;
  }
  return kSlots;
}

void forget(size_t slot) {
  if (slot == kSlots) return;
  slots[slot].named = false;
  slots[slot].taken = false;
}

}  // namespace

void remove_unfinished_files() noexcept {
  for (const Slot& slot : slots)
    if (slot.named) unlink(slot.name);
}

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path), slot_(kSlots) {
  std::error_code error;
  if (path == "-")
    throw InputError(path, "is not a file name", "write ./- for a file of this name");
  const fs::file_status status = fs::status(path, error);
  // A rename would put a file where the device was.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError(path,
                     fs::is_directory(status) ? "is a folder and cannot be replaced by a file"
                                              : "is not a regular file, and only such are written",
                     "give the name of a file");
  }
  if (fs::exists(status) && fs::is_symlink(fs::symlink_status(path, error))) {
    const fs::path resolved = fs::canonical(path, error);
    if (!error) target_ = resolved.string();
  }
  temporary_ = target_ + ".tmp" + std::to_string(getpid());
  slot_ = remember(temporary_);
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) fail("cannot be written");
}

OutputFile::~OutputFile() { discard(); }

void OutputFile::discard() {
  if (file_) std::fclose(file_);
  file_ = nullptr;
  if (!temporary_.empty()) std::remove(temporary_.c_str());
  temporary_.clear();
  forget(std::exchange(slot_, kSlots));
}

void OutputFile::fail(const std::string& what) {
  const std::string why = std::strerror(errno);
  discard();
  throw InputError(path_, what + " (" + why + ")",
                   "give a path in a folder that exists, may be written to and has room");
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
  forget(std::exchange(slot_, kSlots));
}

void write_file(const std::string& path, const void* data, size_t size) {
  OutputFile file(path);
  file.write(data, size);
  file.commit();
}

}  // namespace vitro
