// SPDX-License-Identifier: Apache-2.0
// Lists and tables that the tool reads. The first byte says which: 'p' labelled photos, 'c'
// pictures for calibration, 'n' names, 'l' labels, 't' a taxonomy of ten classes, else a .npy.
#include "converter/base/error.h"
#include "converter/base/npy.h"
#include "platforms/host/evaluation/taxonomy.h"
#include "platforms/host/labels.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using namespace host;

void read_taxonomy(const std::string& path) {
  static const ClassNames classes(
      {"n00000001 cat, tom", "n00000002 dog", "c", "d", "e", "f", "g", "h", "i", "j"});
  const Taxonomy taxonomy(path, classes);
  for (size_t a = 0; a < classes.count(); ++a)
    for (size_t b = 0; b < classes.count(); ++b) {
      const Taxonomy::Distance distance = taxonomy.distance(a, b);
      require((distance.path == 0) == (a == b), "two classes at one place of a taxonomy");
      require(distance.path == taxonomy.distance(b, a).path, "a way back of another length");
    }
}

void read(const std::string& input) {
  static const Folder folder;
  if (input.empty()) return;
  const std::string path = folder.write("list.csv", input.substr(1));
  switch (input[0]) {
    case 'p':
      return for_each_labelled_photo(path, folder.path(""), [](const LabelledPhoto& photo) {
        require(!photo.path.empty(), "a photo without a path");
      });
    case 'c': calibration_pictures(path); return;
    case 'n': read_name_lines(path); return;
    case 'l': read_label_names(path); return;
    case 't': return read_taxonomy(path);
    default: {
      const Matrix matrix = read_npy(path);
      require(matrix.data.size() == matrix.rows * matrix.cols, "a matrix of another size");
    }
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  try {
    vitro::fuzz::read(vitro::fuzz::text_of(data, size));
  } catch (const vitro::InputError&) {
  }
  return 0;
}
