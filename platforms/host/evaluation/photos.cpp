// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/photos.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "platforms/host/csv.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/labels.h"

namespace vitro::host {

namespace fs = std::filesystem;

namespace {

std::string with_slash(const std::string& folder) { return (fs::path(folder) / "").string(); }

// A photo that is listed twice counts twice; with two labels no network would be right.
void refuse_two_labels(const std::string& csv, const std::vector<EvalPhoto>& photos) {
  std::vector<const EvalPhoto*> sorted;
  sorted.reserve(photos.size());
  for (const EvalPhoto& photo : photos) sorted.push_back(&photo);
  std::sort(sorted.begin(), sorted.end(),
            [](const EvalPhoto* a, const EvalPhoto* b) { return a->path < b->path; });
  for (size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i]->path == sorted[i - 1]->path && sorted[i]->label != sorted[i - 1]->label)
      throw InputError(csv,
                       "gives " + in_quotes(sorted[i]->path) + " two labels, classes " +
                           std::to_string(std::min(sorted[i]->label, sorted[i - 1]->label)) +
                           " and " +
                           std::to_string(std::max(sorted[i]->label, sorted[i - 1]->label)),
                       "keep the right line");
}

PhotoSet from_csv(const std::string& csv, const std::string& images, const ClassNames& classes) {
  PhotoSet set;
  set.labelled = true;
  for_each_labelled_photo(csv, images, [&](const LabelledPhoto& photo) {
    ClassNames::Match match = classes.find(photo.label);
    if (!match.index) match = classes.explain(photo.label);
    if (!match.index)
      throw InputError(csv,
                       at_line(photo.line) + "gives " + in_quotes(photo.path) + " " + match.fault,
                       match.remedy);
    set.photos.push_back({photo.path, static_cast<int>(*match.index)});
  });
  refuse_two_labels(csv, set.photos);
  const std::string root = with_slash(images);
  const bool inside = std::all_of(
      set.photos.begin(), set.photos.end(),
      [&](const EvalPhoto& photo) { return photo.path.compare(0, root.size(), root) == 0; });
  set.root_size = inside ? root.size() : 0;
  return set;
}

/// Names of the folders in a folder, in the order of their bytes; those that begin with a dot are
/// left out.
std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> names = names_in(folder);
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) {
                               return name[0] == '.' ||
                                      what_is((fs::path(folder) / name).string()) != Found::Folder;
                             }),
              names.end());
  return names;
}

struct FolderClass {
  std::string name;
  bool used = false;  // has photos
  int label = -1;
};

/// Gives each folder its class. Returns how, for people.
std::string label_folders(const std::string& root, const ClassNames& classes,
                          std::vector<FolderClass>& folders) {
  std::vector<ClassNames::Match> matches;
  bool whole = true, any_known = false;
  for (const FolderClass& folder : folders) {
    whole = whole && classes.find_whole(folder.name).has_value();
    matches.push_back(classes.find(folder.name));
    any_known = any_known || matches.back().index || matches.back().known;
  }
  if (whole) {  // names that are numbers, too
    for (FolderClass& folder : folders)
      folder.label = static_cast<int>(*classes.find_whole(folder.name));
    return "labels are the class folders' names";
  }
  if (!any_known && folders.size() == classes.count()) {
    for (size_t i = 0; i < folders.size(); ++i) folders[i].label = static_cast<int>(i);
    return "labels are the " + std::to_string(folders.size()) +
           " class folders in the order of their names, as none of them is a class of the "
           "program: " +
           in_quotes(folders[0].name) + " is " + in_quotes(classes.shown(0));
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    if (!folders[i].used) continue;
    if (!matches[i].index) {
      const std::string count = any_known
                                    ? ""
                                    : "; there are " + std::to_string(folders.size()) +
                                          " class folders for " + std::to_string(classes.count()) +
                                          " classes, so their order does not say it either";
      const ClassNames::Match match = classes.explain(folders[i].name);
      throw InputError(root, "has a class folder with " + match.fault + count,
                       match.remedy + (any_known ? "" : ", or one folder for each class"));
    }
    folders[i].label = static_cast<int>(*matches[i].index);
  }
  return "labels are the class folders' names or numbers";
}

PhotoSet from_class_folders(const std::string& folder, PictureList list,
                            const ClassNames& classes) {
  const std::string root = with_slash(folder);
  std::vector<FolderClass> folders;
  for (const std::string& name : folders_in(folder)) folders.push_back({name});
  size_t loose = 0;
  PhotoSet set;
  for (std::string& path : list.files) {
    const size_t slash = path.find('/', root.size());
    const std::string parent =
        slash == std::string::npos ? "" : path.substr(root.size(), slash - root.size());
    const auto current = std::lower_bound(
        folders.begin(), folders.end(), parent,
        [](const FolderClass& f, const std::string& name) { return f.name < name; });
    if (current == folders.end() || current->name != parent) {
      ++loose;
      continue;
    }
    current->used = true;
    set.photos.push_back({std::move(path), static_cast<int>(current - folders.begin())});
  }
  if (loose > 0) list.left_out["pictures beside the class folders"] += loose;
  report_left_out(list.left_out);
  set.labelled = true;
  set.how = label_folders(folder, classes, folders);
  // torchvision: by class folder, then sorted(os.walk()): folder by folder.
  const auto order = [&](const EvalPhoto& a, const EvalPhoto& b) {
    const size_t slash_a = a.path.rfind('/'), slash_b = b.path.rfind('/');
    const int parents =
        a.label != b.label ? a.label - b.label : a.path.compare(0, slash_a, b.path, 0, slash_b);
    return parents != 0
               ? parents < 0
               : a.path.compare(slash_a, std::string::npos, b.path, slash_b, std::string::npos) < 0;
  };
  std::sort(set.photos.begin(), set.photos.end(), order);
  for (EvalPhoto& photo : set.photos) photo.label = folders[static_cast<size_t>(photo.label)].label;
  set.root_size = root.size();
  return set;
}

}  // namespace

PhotoSet find_photos(const std::string& images, const std::string& labels,
                     const ClassNames& classes) {
  std::error_code error;
  if (!labels.empty() && !fs::is_directory(labels, error)) return from_csv(labels, images, classes);
  const std::string& folder = labels.empty() ? images : labels;
  PictureList list = list_pictures(folder);
  const std::string root = with_slash(folder);
  const bool in_folders = std::any_of(
      list.files.begin(), list.files.end(),
      [&](const std::string& path) { return path.find('/', root.size()) != std::string::npos; });
  if (in_folders) return from_class_folders(folder, std::move(list), classes);
  if (!labels.empty())
    throw InputError(
        labels, "is a folder without class folders",
        "put the photos of each class into a folder with its name, or give a CSV and --images");
  report_left_out(list.left_out);
  PhotoSet set;
  for (std::string& path : list.files) set.photos.push_back({std::move(path), -1});
  set.root_size = root.size();
  return set;
}

}  // namespace vitro::host
