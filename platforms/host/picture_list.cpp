// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/picture_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

#include "converter/base/error.h"
#include "converter/base/input_file.h"

namespace vitro::host {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxDepth = 32;     // folders within folders
constexpr size_t kMaxKinds = 16;     // extensions that are counted apart
constexpr size_t kMaxExtension = 8;  // characters of one that is shown

constexpr char kNoPictures[] = "folders without pictures";

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_picture_extension(const std::string& extension) {
  static constexpr const char* kExtensions[] = {".jpg", ".jpeg", ".jfif", ".jpe",
                                                ".png", ".bmp",  ".dib"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), lower_case(extension)) !=
         std::end(kExtensions);
}

class Listing {
 public:
  PictureList take() && {
    std::sort(list_.files.begin(), list_.files.end());
    return std::move(list_);
  }

  void add(const fs::path& folder, size_t depth) {
    struct stat info;
    if (stat(folder.c_str(), &info) == 0 && !entered_.emplace(info.st_dev, info.st_ino).second)
      return leave_out("folders met before");
    if (depth > kMaxDepth)
      return leave_out("folders deeper than " + std::to_string(kMaxDepth) + " levels");
    std::vector<std::string> names;
    try {
      names = names_in(folder.string());
    } catch (const InputError&) {
      // Without permission it is left out, and said so; what fails otherwise may go well next time.
      if (depth == 0 || faccessat(AT_FDCWD, folder.c_str(), R_OK | X_OK, AT_EACCESS) == 0) throw;
      leave_out("folders that cannot be read");
    }
    // In their order, so that which of two ways to a folder is gone does not depend on the file
    // system.
    for (const std::string& name : names) add_entry(folder / name, depth);
  }

 private:
  void add_entry(const fs::path& path, size_t depth) {
    const std::string name = path.filename().string(), extension = path.extension().string();
    if (name[0] == '.') return leave_out("hidden");
    const bool picture = is_picture_extension(extension);
    Found found = Found::File;
    try {
      found = what_is(path.string());
    } catch (const InputError&) {
      if (!picture) throw;  // a photo is listed: whoever reads it says what is wrong with it
    }
    if (found == Found::Folder) return add(path, depth + 1);
    if (found != Found::File) return leave_out("not regular files");
    if (picture) {
      list_.files.push_back(path.string());
    } else {
      leave_out_kind(extension);
    }
  }

  void leave_out(const std::string& kind) { ++list_.left_out[kind]; }

  // Extensions are foreign text: short and printable, and not too many of them.
  void leave_out_kind(const std::string& extension) {
    if (extension.size() <= 1) return leave_out("without extension");
    const bool plain = extension.size() <= 1 + kMaxExtension &&
                       std::all_of(extension.begin() + 1, extension.end(), is_letter_or_digit);
    if (!plain || (kinds_.size() == kMaxKinds && !kinds_.count(extension)))
      return leave_out("of other kinds");
    kinds_.insert(extension);
    leave_out(extension);
  }

  PictureList list_;
  std::set<std::string> kinds_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

PictureList list_folder(const std::string& dir) {
  std::error_code error;
  if (!fs::is_directory(dir, error))
    throw InputError(dir, "is not a folder", "name a folder of JPEG, PNG or BMP files");
  Listing listing;
  listing.add(dir, 0);
  return std::move(listing).take();
}

[[noreturn]] void refuse_empty(const std::string& dir,
                               const std::map<std::string, size_t>& left_out) {
  const std::string text = left_out_text(left_out);
  throw InputError(dir, "has no pictures" + (text.empty() ? "" : " (left out: " + text + ")"),
                   "put JPEG, PNG or BMP files in it");
}

}  // namespace

PictureList list_pictures(const std::string& dir) {
  PictureList list = list_folder(dir);
  if (list.files.empty()) refuse_empty(dir, list.left_out);
  return list;
}

PictureList gather_pictures(const std::vector<std::string>& inputs) {
  PictureList all;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (!fs::is_directory(input, error)) {
      if (input == "-" && std::count(inputs.begin(), inputs.end(), input) > 1)
        throw InputError("-", "standard input is named twice",
                         "name it once: it holds one picture");
      all.files.push_back(input);
      continue;
    }
    PictureList list = list_folder(input);
    for (const auto& [kind, count] : list.left_out) all.left_out[kind] += count;
    if (list.files.empty()) ++all.left_out[kNoPictures];
    all.files.insert(all.files.end(), std::make_move_iterator(list.files.begin()),
                     std::make_move_iterator(list.files.end()));
  }
  if (!all.files.empty()) return all;
  if (inputs.size() == 1) all.left_out.erase(kNoPictures);
  refuse_empty(inputs.at(0), all.left_out);
}

std::string left_out_text(const std::map<std::string, size_t>& left_out) {
  std::string text;
  for (const auto& [kind, count] : left_out)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  return text;
}

void report_left_out(const std::map<std::string, size_t>& left_out) {
  if (!left_out.empty())
    std::fprintf(stderr, "vitro: left out: %s\n", shown(left_out_text(left_out)).c_str());
}

}  // namespace vitro::host
