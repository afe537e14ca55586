// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/csv.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "converter/base/error.h"

namespace vitro::host {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxTextBytes = size_t{64} << 20;
const char* const kQuotesRemedy = "quote whole fields, and double the quotes within";

}  // namespace

std::string at_line(size_t index) { return "line " + std::to_string(index + 1) + " "; }

void for_each_line(const std::string& path,
                   const std::function<void(size_t, const std::string&)>& each) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw InputError(path, "is a folder, not a text file", "name the file in it");
  const auto bytes = fs::file_size(path, error);  // fails for devices, whose one line may never end
  std::ifstream file(path, std::ios::binary);
  if (error || !file)
    throw InputError(path, "cannot be opened as a file", "check the name and the permissions");
  if (bytes > kMaxTextBytes) throw InputError(path, "is larger than 64 MiB", "give a shorter list");
  size_t index = 0, empty = 0;  // empty: lines that count only if others follow
  for (std::string line; std::getline(file, line);) {
    if (index + empty == 0 && line.compare(0, 3, "\xEF\xBB\xBF") == 0) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find('\0') != std::string::npos)
      throw InputError(path, at_line(index + empty) + "is not text", "give a text file");
    if (line.empty()) {
      ++empty;
      continue;
    }
    for (; empty > 0; --empty) each(index++, "");
    each(index++, line);
  }
  if (file.bad()) throw InputError(path, "cannot be read to its end", "copy the file again");
  if (index == 0) throw InputError(path, "is empty", "give a list, one entry a line");
}

bool split_csv_line(const std::string& line, std::vector<std::string>& fields) {
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

void for_each_csv_row(const std::string& path, const std::vector<std::string>& columns,
                      const std::function<void(size_t, const std::vector<std::string>&)>& each) {
  std::vector<std::string> fields, chosen(columns.size());
  std::vector<size_t> places;
  size_t width = 0, last = 0;
  const auto header = [&] {
    width = fields.size();
    for (const std::string& name : columns) {
      const auto found = std::find(fields.begin(), fields.end(), name);
      if (found == fields.end())
        throw InputError(path, at_line(0) + "names no column '" + name + "'",
                         "begin the file with a header, e.g. file,label");
      if (std::find(found + 1, fields.end(), name) != fields.end())
        throw InputError(path, at_line(0) + "names the column '" + name + "' twice",
                         "rename one of them");
      places.push_back(static_cast<size_t>(found - fields.begin()));
    }
  };
  for_each_line(path, [&](size_t index, const std::string& line) {
    if (!split_csv_line(line, fields))
      throw InputError(path, at_line(index) + "has a quote out of place", kQuotesRemedy);
    last = index;
    if (index == 0) return header();
    if (fields.size() != width) {
      throw InputError(path,
                       at_line(index) + "has " + std::to_string(fields.size()) +
                           " fields, the header has " + std::to_string(width),
                       "give each line the header's columns");
    }
    for (size_t i = 0; i < places.size(); ++i) chosen[i] = fields[places[i]];
    each(index, chosen);
  });
  if (last == 0) throw InputError(path, "has a header but no lines", "list at least one picture");
}

}  // namespace vitro::host
