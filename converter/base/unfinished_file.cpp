// SPDX-License-Identifier: Apache-2.0
#include "converter/base/unfinished_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

namespace vitro {

namespace {

constexpr char kBefore[] = ".vitro-", kAfter[] = ".tmp";
constexpr size_t kDigits = 16;
constexpr int kAttempts = 100;

// A signal handler may neither allocate nor lock, so the names are kept in fixed slots. A signal
// leaves behind the files that found no slot.
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

std::string random_name(const std::string& folder) {
  uint64_t number = 0;
  // Whoever guesses a name can only make this fail: no existing file is opened.
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof number))
    number = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) *
                 0x9E3779B97F4A7C15u +
             static_cast<uint64_t>(getpid());
  char digits[kDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return folder + "/" + kBefore + digits + kAfter;
}

bool is_unfinished_name(const char* name) {
  const size_t before = sizeof kBefore - 1, after = sizeof kAfter - 1;
  return std::strlen(name) == before + kDigits + after &&
         std::strncmp(name, kBefore, before) == 0 &&
         std::strspn(name + before, "0123456789abcdef") == kDigits &&
         std::strcmp(name + before + kDigits, kAfter) == 0;
}

bool holds(int descriptor, const std::string& name) {
  struct stat open {
  }, named{};
  return fstat(descriptor, &open) == 0 && lstat(name.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

void remove_if_left_over(const std::string& name) {
  const int descriptor =
      ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return;
  struct stat info {};
  const bool own =
      fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid();
  if (own && flock(descriptor, LOCK_EX | LOCK_NB) == 0 && holds(descriptor, name))
    unlink(name.c_str());
  ::close(descriptor);
}

}  // namespace

bool UnfinishedFile::open(const std::string& folder, mode_t mode) {
  folder_ = folder;
  slot_ = kSlots;
  descriptor_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (descriptor_ < 0) return open_named(mode);
  flock(descriptor_, LOCK_EX | LOCK_NB);
  // Without /proc it could never get a name.
  const std::string self = "/proc/self/fd/" + std::to_string(descriptor_);
  if (access(self.c_str(), F_OK) == 0) return true;
  close();
  return open_named(mode);
}

bool UnfinishedFile::open_named(mode_t mode) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    name_ = random_name(folder_);
    slot_ = remember(name_);
    descriptor_ = ::open(name_.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode);
    if (descriptor_ < 0) {
      forget(std::exchange(slot_, kSlots));
      name_.clear();
      if (errno == EEXIST) continue;
      return false;
    }
    // Before it was locked another process may have removed it as left behind.
    const bool locked = flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && holds(descriptor_, name_)) return true;
    discard();
  }
  errno = EEXIST;
  return false;
}

bool UnfinishedFile::link_to(const std::string& name) const {
  const std::string self = "/proc/self/fd/" + std::to_string(descriptor_);
  return linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

bool UnfinishedFile::give_name() {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    name_ = random_name(folder_);
    slot_ = remember(name_);
    if (link_to(name_)) return true;
    forget(std::exchange(slot_, kSlots));
    name_.clear();
    if (errno != EEXIST) return false;
  }
  return false;
}

bool UnfinishedFile::replace(const std::string& target) {
  if (name_.empty() && link_to(target)) {  // nothing was there
    close();
    return true;
  }
  if (name_.empty() && !give_name()) return false;
  if (std::rename(name_.c_str(), target.c_str()) != 0) return false;
  name_.clear();
  close();
  return true;
}

bool UnfinishedFile::appear(const std::string& target) {
  const bool there = name_.empty() ? link_to(target) : link(name_.c_str(), target.c_str()) == 0;
  if (there) discard();
  return there;
}

void UnfinishedFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  forget(std::exchange(slot_, kSlots));
}

void UnfinishedFile::discard() {
  const int why = errno;
  if (!name_.empty()) unlink(name_.c_str());
  name_.clear();
  if (descriptor_ >= 0) close();
  errno = why;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  ::close(descriptor);
}

std::string second_name(const std::string& target) {
  std::string name = random_name(folder_of(target));
  if (link(target.c_str(), name.c_str()) != 0) name.clear();
  return name;  // not a copy: memory may be refused
}

void remove_left_over_files(const std::string& folder) {
  DIR* const entries = opendir(folder.c_str());
  if (!entries) return;
  while (const dirent* entry = readdir(entries))
    if (is_unfinished_name(entry->d_name)) remove_if_left_over(folder + "/" + entry->d_name);
  closedir(entries);
}

void remove_unfinished_files() noexcept {
  for (const Slot& slot : slots)
    if (slot.named) unlink(slot.name);
}

}  // namespace vitro
