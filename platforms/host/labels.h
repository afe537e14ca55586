// SPDX-License-Identifier: Apache-2.0
// Lists of photos and of class names: labels.csv, synset_words.txt.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platforms/host/picture_list.h"

namespace vitro::host {

struct LabelledPhoto {
  std::string path, label;  // label: as it is written
  size_t line;              // index of the CSV's line
};

/// A CSV with a header line that names the columns `file` and `label`, in any order; others are
/// ignored. Each file is in image_dir. Fields may be quoted, lines may end in CR LF. Throws
/// InputError, naming the line, for a bad line or a file that is not there.
void for_each_labelled_photo(const std::string& csv_path, const std::string& image_dir,
                             const std::function<void(const LabelledPhoto&)>& each);

/// Of a folder: list_pictures. Of a CSV: its `file` column, each beside the CSV or in the folder
/// `images` beside it.
PictureList calibration_pictures(const std::string& path);

/// One class per line, in class order, as it is written. Throws InputError for an empty file, or an
/// empty line that is not at the end.
std::vector<std::string> read_name_lines(const std::string& path);

/// The same, without the synset ids ("n01440764 ") that begin lines of synset_words.txt.
std::vector<std::string> read_label_names(const std::string& path);

}  // namespace vitro::host
