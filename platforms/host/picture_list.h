// SPDX-License-Identifier: Apache-2.0
// The pictures that a command line names: files, folders with their sub-folders, standard input.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace vitro::host {

struct PictureList {
  std::vector<std::string> files;  // paths; "-" is standard input
  /// What folders hold and `files` does not: counts by kind, ".webp", "without extension", "hidden"
  /// ...; the keys are printable.
  std::map<std::string, size_t> left_out;
};

/// The jpg, jpeg, jfif, jpe, png, bmp and dib files in a folder and in its sub-folders (in any
/// case), ordered by the bytes of their paths, whatever the order of the file system. Names that
/// begin with a dot are left out, as macOS puts a ._x.jpg beside each x.jpg. Links are followed, a
/// folder is gone into once, and 32 levels deep. Throws InputError if there is no such folder, it
/// cannot be read, or there is no picture in it.
PictureList list_pictures(const std::string& dir);

/// Of each input in turn: a folder's pictures as list_pictures has them; any other name, and "-",
/// as it is. A folder without pictures is left out, and counted, where another input has some.
/// Throws InputError for no picture at all, and for "-" given twice.
PictureList gather_pictures(const std::vector<std::string>& inputs);

/// "3 .webp, 2 without extension, 5 hidden"; empty if nothing was left out.
std::string left_out_text(const std::map<std::string, size_t>& left_out);

/// One line on stderr, if anything was left out.
void report_left_out(const std::map<std::string, size_t>& left_out);

}  // namespace vitro::host
