// SPDX-License-Identifier: Apache-2.0
// vitro index: a gallery of known photos, for 'vitro run --gallery'.
#include <algorithm>
#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/commands/attempt.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/commands/feature_output.h"
#include "platforms/host/gallery/gallery.h"
#include "platforms/host/labels.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/progress.h"
#include "platforms/host/run_progress.h"

namespace vitro::host {

namespace {

struct KnownPhoto {
  std::string path, name, label;  // name: within the folder; label: may be empty
};

struct KnownPhotos {
  std::vector<KnownPhoto> photos;
  std::map<std::string, size_t> left_out;
};

// A CSV may name photos elsewhere: those keep their path.
std::string name_within(const std::string& path, const std::string& root) {
  return path.compare(0, root.size(), root) == 0 ? path.substr(root.size()) : path;
}

// A photo's class is the folder that it is in, right under the common one; or what a CSV says.
KnownPhotos known_photos(const IndexCommand& command) {
  KnownPhotos known;
  const std::string root = command.folder + (command.folder.back() == '/' ? "" : "/");
  if (!command.labels.empty()) {
    for_each_labelled_photo(command.labels, command.folder, [&](const LabelledPhoto& photo) {
      known.photos.push_back({photo.path, name_within(photo.path, root), photo.label});
    });
    return known;
  }
  const PictureList list = list_pictures(command.folder);
  known.left_out = list.left_out;
  known.photos.reserve(list.files.size());
  for (const std::string& path : list.files) {
    const std::string name = name_within(path, root);
    const size_t slash = name.find('/');
    known.photos.push_back({path, name, slash == std::string::npos ? "" : name.substr(0, slash)});
  }
  return known;
}

std::vector<std::string> classes_of(const std::vector<KnownPhoto>& photos) {
  std::vector<std::string> classes;
  for (const KnownPhoto& photo : photos)
    if (!photo.label.empty()) classes.push_back(photo.label);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

uint32_t label_of(const KnownPhoto& photo, const std::vector<std::string>& classes) {
  if (photo.label.empty()) return Gallery::kNoClass;
  const auto at = std::lower_bound(classes.begin(), classes.end(), photo.label);
  return static_cast<uint32_t>(at - classes.begin());
}

// What is said of it.
struct MadeGallery {
  const IndexCommand& command;
  const Gallery& gallery;
  const std::map<std::string, size_t>& left_out;
  size_t bytes;
  std::vector<std::pair<std::string, std::string>> failures;  // a photo and why
};

std::string in_json(const MadeGallery& m) {
  nlohmann::ordered_json errors = nlohmann::ordered_json::array();
  for (const auto& [image, message] : m.failures)
    errors.push_back({{"image", image}, {"error", message}});
  return json_of({{"gallery", m.command.output},
                  {"bytes", m.bytes},
                  {"photos", m.gallery.files.size()},
                  {"classes", m.gallery.classes},
                  {"output", m.gallery.output},
                  {"cols", m.gallery.cols},
                  {"errors", std::move(errors)},
                  {"left_out", m.left_out}},
                 2) +
         "\n";
}

std::string for_people(const MadeGallery& m) {
  return formatted("%s: %zu photos of %zu classes, '%s' of %zu columns, %zu bytes\n",
                   shown(m.command.output).c_str(), m.gallery.files.size(),
                   m.gallery.classes.size(), shown(m.gallery.output).c_str(), m.gallery.cols,
                   m.bytes);
}

}  // namespace

bool index_command(const IndexCommand& command) {
  const ProgramFile file(command.model);
  const size_t index = feature_output(file, command.name);
  const vitro_output_info output = file.program().output(index);
  if (output.rows != 1)
    throw InputError(file.path(),
                     "gives " + std::to_string(output.rows) + " rows as '" + output.name +
                         "' for a photo, and a gallery has one",
                     "name an output of one row (--name)");
  const KnownPhotos known = known_photos(command);
  std::vector<std::string> inputs = {command.model, command.labels};
  for (const KnownPhoto& photo : known.photos) inputs.push_back(photo.path);
  check_outputs({command.output}, inputs);
  report_left_out(known.left_out);

  Gallery gallery;
  gallery.program_sha256 = sha256_of(file);
  gallery.output = output.name;
  gallery.classes = classes_of(known.photos);
  RunProgress within(file.program(), "running", known.photos.size());
  Inference inference(file, command.options, within.trace(), within.context());
  ProgressLine line;  // where the runs themselves do not say how far they are
  MadeGallery made{command, gallery, known.left_out, 0, {}};
  size_t done = 0;
  for (const KnownPhoto& photo : known.photos) {
    const auto failed = [&](const std::string& message) {
      line.finish();
      std::fprintf(stderr, "vitro: %s\n", shown(message).c_str());
      made.failures.emplace_back(photo.path, message);
    };
    const std::optional<std::vector<int8_t>> row =
        attempt(photo.path, known.photos.size() == 1, failed, [&] {
          inference.run(prepare_picture(photo.path, file.preprocessing()));
          return gallery_row(inference.values(index), photo.path);
        });
    within.finish();
    if (row) add_row(gallery, *row, photo.name, label_of(photo, gallery.classes));
    if (!within.trace())
      line.show("indexing", static_cast<double>(++done) / static_cast<double>(known.photos.size()));
  }
  line.finish();
  if (gallery.files.empty())
    throw InputError(command.folder, "has no picture that can be read", "see the lines above");
  const std::string bytes = bytes_of(gallery);
  made.bytes = bytes.size();
  const std::string text = command.json ? in_json(made) : for_people(made);
  write_file(command.output, bytes.data(), bytes.size());
  print_text(text, command.json);
  return made.failures.empty();
}

}  // namespace vitro::host
