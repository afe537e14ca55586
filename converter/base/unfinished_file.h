// SPDX-License-Identifier: Apache-2.0
// A file that has no name yet, or one that nobody looks for, until it takes the place of another.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace vitro {

/// Its name, where it has one, is `.vitro-` and sixteen random digits and `.tmp`. While it is
/// written it is locked (flock), so that another process can tell what a killed one left behind.
/// Functions return false, with errno, where they fail.
class UnfinishedFile {
 public:
  UnfinishedFile() = default;
  ~UnfinishedFile() { discard(); }
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  /// A new file in `folder` that follows no link: without a name where the file system can do that
  /// (O_TMPFILE).
  bool open(const std::string& folder, mode_t mode);
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  /// Moves it to `target`, in the same folder, atomically.
  bool replace(const std::string& target);
  /// Gives it a name in the same folder that nothing has yet; else EEXIST.
  bool appear(const std::string& target);
  /// Removes it.
  void discard();

 private:
  bool open_named(mode_t mode);
  bool link_to(const std::string& name) const;
  bool give_name();
  void close();

  std::string folder_, name_;  // name_ is empty as long as it has none
  int descriptor_ = -1;
  size_t slot_ = 0;
};

/// The folder of a path: "." of a bare name.
std::string folder_of(const std::string& path);

/// Writes a folder's names to the disk: after a crash the system may otherwise show the old ones.
/// Where that fails, or the file system cannot do it, each file is whole under either name.
void sync_folder(const std::string& folder);

/// A second name (hard link) for the file `target` in its own folder, or "" where there can be
/// none. The caller renames or removes it.
std::string second_name(const std::string& target);

/// Removes from `folder` what processes that were killed left there.
void remove_left_over_files(const std::string& folder);

/// Removes this process's own. Safe to call in the handler of a signal that ends the process.
void remove_unfinished_files() noexcept;

}  // namespace vitro
