// SPDX-License-Identifier: Apache-2.0
// Reads label lists strictly: a line misread in silence would be an accuracy misreported.
#include "platforms/host/labels.h"

#include <filesystem>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "platforms/host/csv.h"
#include "platforms/host/synset.h"

namespace vitro::host {
namespace {

namespace fs = std::filesystem;

/// The first of `folders` that has the file.
std::string find_picture(const std::string& csv, size_t line, const std::string& name,
                         const std::vector<fs::path>& folders) {
  if (name.empty())
    throw InputError(csv, at_line(line) + "names no file", "fill in the column 'file'");
  for (const fs::path& folder : folders) {
    std::string path = (folder / name).string();
    if (what_is(path) == Found::File) return path;
  }
  throw InputError(csv,
                   at_line(line) + "names " + in_quotes(name) + ", which is not a file in '" +
                       folders.back().string() + "'",
                   "put the picture there, or correct the line");
}

}  // namespace

void for_each_labelled_photo(const std::string& csv_path, const std::string& image_dir,
                             const std::function<void(const LabelledPhoto&)>& each) {
  for_each_csv_row(csv_path, {"file", "label"},
                   [&](size_t line, const std::vector<std::string>& fields) {
                     each({find_picture(csv_path, line, fields[0], {image_dir}), fields[1], line});
                   });
}

PictureList calibration_pictures(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return list_pictures(path);
  const fs::path folder = fs::path(path).parent_path();
  PictureList pictures;
  for_each_csv_row(path, {"file"}, [&](size_t line, const std::vector<std::string>& fields) {
    pictures.files.push_back(find_picture(path, line, fields[0], {folder, folder / "images"}));
  });
  return pictures;
}

std::vector<std::string> read_name_lines(const std::string& path) {
  std::vector<std::string> names;
  for_each_line(path, [&](size_t index, const std::string& line) {
    if (line.empty())
      throw InputError(path, at_line(index) + "is empty", "give one class per line");
    names.push_back(line);
  });
  return names;
}

std::vector<std::string> read_label_names(const std::string& path) {
  std::vector<std::string> names = read_name_lines(path);
  for (std::string& name : names) name = without_synset(name);
  return names;
}

}  // namespace vitro::host
