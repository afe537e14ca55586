// Reads label lists strictly: a line misread in silence would be an accuracy misreported.
#include "platforms/host/labels.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>

#include "converter/error.h"

namespace vitro {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTextBytes = size_t{64} << 20;

std::string at_line(size_t index) { return "line " + std::to_string(index + 1) + " "; }

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// Without line ends, byte order mark and empty lines at the end.
std::vector<std::string> read_lines(const std::string& path) {
  if (is_folder(path)) throw InputError(path, "is a folder, not a text file", "name the file in it");
  std::error_code error;
  const auto bytes = fs::file_size(path, error);  // fails for devices, whose one line may never end
  std::ifstream file(path, std::ios::binary);
  if (error || !file) throw InputError(path, "cannot be opened as a file", "check the name and the permissions");
  if (bytes > kMaxTextBytes) throw InputError(path, "is larger than 64 MiB", "give a list of labels");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (lines.empty() && line.compare(0, 3, "\xEF\xBB\xBF") == 0) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find('\0') != std::string::npos) throw InputError(path, at_line(lines.size()) + "is not text", "give a text file");
    lines.push_back(line);
  }
  if (file.bad()) throw InputError(path, "cannot be read to its end", "copy the file again");
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty()) throw InputError(path, "is empty", "give a list of labels");
  return lines;
}

/// The fields of one CSV line; a quoted one may hold commas and, doubled, quotes. False if a quote is out of place.
bool split(const std::string& line, std::vector<std::string>& fields) {
  fields.assign(1, "");
  bool quoted = false, closed = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[++i];
      } else {
        quoted = false;
        closed = true;
      }
    } else if (c == ',') {
      fields.emplace_back();
      closed = false;
    } else if (closed || (c == '"' && !fields.back().empty())) {
      return false;
    } else if (c == '"') {
      quoted = true;
    } else {
      fields.back() += c;
    }
  }
  return !quoted;
}

/// A CSV's lines, reduced to the named columns, and the index of the line that each came from.
struct Rows {
  std::vector<std::vector<std::string>> cells;
  std::vector<size_t> lines;
};

Rows read_csv(const std::string& path, const std::vector<std::string>& names) {
  const std::vector<std::string> lines = read_lines(path);
  const std::string remedy = "quote whole fields, and double the quotes within";
  std::vector<std::string> fields;
  if (!split(lines[0], fields)) throw InputError(path, at_line(0) + "has a quote out of place", remedy);
  const size_t width = fields.size();
  std::vector<size_t> columns;
  for (const std::string& name : names) {
    const auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end()) {
      throw InputError(path, at_line(0) + "names no column '" + name + "'", "begin the file with a header, e.g. file,label");
    }
    if (std::find(found + 1, fields.end(), name) != fields.end()) {
      throw InputError(path, at_line(0) + "names the column '" + name + "' twice", "rename one of them");
    }
    columns.push_back(static_cast<size_t>(found - fields.begin()));
  }
  Rows rows;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (!split(lines[i], fields)) throw InputError(path, at_line(i) + "has a quote out of place", remedy);
    if (fields.size() != width) {
      throw InputError(path, at_line(i) + "has " + std::to_string(fields.size()) + " fields, the header has " + std::to_string(width),
                       "give each line the header's columns");
    }
    rows.cells.emplace_back();
    for (size_t column : columns) rows.cells.back().push_back(fields[column]);
    rows.lines.push_back(i);
  }
  if (rows.cells.empty()) throw InputError(path, "has a header but no lines", "list at least one picture");
  return rows;
}

/// The first of `folders` that has the file.
std::string find_picture(const std::string& csv, size_t line, const std::string& name, const std::vector<fs::path>& folders) {
  if (name.empty()) throw InputError(csv, at_line(line) + "names no file", "fill in the column 'file'");
  for (const fs::path& folder : folders) {
    if (is_file(folder / name)) return (folder / name).string();
  }
  throw InputError(csv, at_line(line) + "names '" + name + "', which is no file in '" + folders.back().string() + "'",
                   "put the picture there, or correct the line");
}

/// Digits alone, up to INT_MAX; else -1.
int parse_label(const std::string& text) {
  int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<int>::max()) return -1;
  }
  return text.empty() ? -1 : static_cast<int>(value);
}

bool is_synset(const std::string& line) {
  return line.size() > 10 && line[0] == 'n' && line[9] == ' ' &&
         std::all_of(line.begin() + 1, line.begin() + 9, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<LabelledPhoto> read_labels_csv(const std::string& csv_path, const std::string& image_dir) {
  const Rows rows = read_csv(csv_path, {"file", "label"});
  std::vector<LabelledPhoto> photos;
  for (size_t i = 0; i < rows.cells.size(); ++i) {
    const int label = parse_label(rows.cells[i][1]);
    if (label < 0) {
      throw InputError(csv_path, at_line(rows.lines[i]) + "has the label '" + rows.cells[i][1] + "'", "labels are numbers from 0 on");
    }
    photos.push_back({find_picture(csv_path, rows.lines[i], rows.cells[i][0], {image_dir}), label});
  }
  return photos;
}

PictureList calibration_pictures(const std::string& path) {
  if (is_folder(path)) return list_pictures(path);
  const Rows rows = read_csv(path, {"file"});
  const fs::path folder = fs::path(path).parent_path();
  PictureList pictures;
  for (size_t i = 0; i < rows.cells.size(); ++i) {
    pictures.files.push_back(find_picture(path, rows.lines[i], rows.cells[i][0], {folder, folder / "images"}));
  }
  return pictures;
}

std::vector<std::string> read_label_names(const std::string& path) {
  std::vector<std::string> names = read_lines(path);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) throw InputError(path, at_line(i) + "is empty", "give one class per line");
    if (is_synset(names[i])) names[i].erase(0, 10);
  }
  return names;
}

}  // namespace vitro
