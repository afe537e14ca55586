// SPDX-License-Identifier: Apache-2.0
#include "converter/base/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "converter/base/error.h"
#include "converter/base/files_read.h"

namespace vitro {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPendingBytes = size_t{1} << 16;
constexpr size_t kMostWrittenAtOnce = size_t{1} << 30;  // Linux writes no more than 2 GiB at once
constexpr mode_t kUsual = 0666, kPermissions = 0777;    // without set-user-id and its like
constexpr char kWhole[] = "could not be written whole";

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
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
  if (fs::is_symlink(fs::symlink_status(path, error))) {
    const fs::path resolved = fs::canonical(path, error);
    if (error)
      throw InputError(path, "is a link to nothing", "remove it, or give what it should point to");
    target_ = resolved.string();
  }
  refuse_file_read(target_);
  folder_ = folder_of(target_);
  remove_left_over_files(folder_);
  struct stat before {};
  const bool replaces = stat(target_.c_str(), &before) == 0;
  if (!file_.open(folder_, replaces ? before.st_mode & kPermissions : kUsual))
    fail("cannot be written");
  if (!replaces) return;
  struct stat now {};
  if (fstat(file_.descriptor(), &now) == 0 &&
      (now.st_uid != before.st_uid || now.st_gid != before.st_gid)) {
    const int given = fchown(file_.descriptor(), before.st_uid, before.st_gid);
    static_cast<void>(given);  // only the superuser may give files away
  }
  if (fchmod(file_.descriptor(), before.st_mode & kPermissions) != 0) fail("cannot be written");
}

void OutputFile::fail(const std::string& what) {
  const std::string why = std::strerror(errno);
  file_.discard();
  throw InputError(path_, what + " (" + why + ")",
                   "give a path in a folder that exists, may be written to and has room");
}

void OutputFile::put(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(file_.descriptor(), data, std::min(size, kMostWrittenAtOnce));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;
    if (count <= 0) fail(kWhole);
    data += count;
    size -= static_cast<size_t>(count);
  }
}

void OutputFile::flush() {
  put(pending_.data(), pending_.size());
  pending_.clear();
}

void OutputFile::write(const void* data, size_t size) {
  if (pending_.size() + size > kPendingBytes) flush();
  if (size > kPendingBytes)
    put(static_cast<const char*>(data), size);
  else
    pending_.append(static_cast<const char*>(data), size);
}

void OutputFile::rewrite_start(const void* data, size_t size) {
  flush();
  if (lseek(file_.descriptor(), 0, SEEK_SET) != 0) fail(kWhole);
  put(static_cast<const char*>(data), size);
  if (lseek(file_.descriptor(), 0, SEEK_END) < 0) fail(kWhole);
}

void OutputFile::finish() {
  if (finished_) return;
  refuse_file_read(target_);  // since it was begun, as from standard input
  flush();
  // EINVAL: a file system whose files are not on a disk.
  if (fsync(file_.descriptor()) != 0 && errno != EINVAL) fail(kWhole);
  finished_ = true;
}

void OutputFile::replace() {
  if (!file_.replace(target_)) fail("cannot be replaced");
}

void OutputFile::commit() {
  finish();
  replace();
  sync_folder(folder_);
}

void commit_all(const std::vector<OutputFile*>& files) {
  for (OutputFile* file : files) file->finish();
  // A second name of what each replaced; empty where there was nothing, or can be no second name.
  struct Replaced {
    const OutputFile* file;
    bool existed;
    std::string old;
  };
  std::vector<Replaced> replaced;
  replaced.reserve(files.size());
  try {
    for (OutputFile* file : files) {
      replaced.push_back({file, access(file->target_.c_str(), F_OK) == 0, ""});
      if (replaced.back().existed) replaced.back().old = second_name(file->target_);
      file->replace();
    }
  } catch (...) {
    if (!replaced.back().old.empty()) unlink(replaced.back().old.c_str());
    replaced.pop_back();
    for (const Replaced& r : replaced) {
      if (!r.old.empty())
        std::rename(r.old.c_str(), r.file->target_.c_str());
      else if (!r.existed)
        unlink(r.file->target_.c_str());
    }
    throw;
  }
  for (const Replaced& r : replaced) {
    if (!r.old.empty()) unlink(r.old.c_str());
    sync_folder(r.file->folder_);
  }
}

void write_file(const std::string& path, const void* data, size_t size) {
  OutputFile file(path);
  file.write(data, size);
  file.commit();
}

}  // namespace vitro
