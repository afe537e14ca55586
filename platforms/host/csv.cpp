// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/csv.h"

#include <algorithm>

#include "converter/base/error.h"
#include "converter/base/input_file.h"

namespace vitro::host {

namespace {

constexpr size_t kMaxTextBytes = size_t{64} << 20;
constexpr size_t kMaxLines = 2'000'000;
const char* const kQuotesRemedy = "quote whole fields, and double the quotes within";

}  // namespace

std::string at_line(size_t index) { return "line " + std::to_string(index + 1) + " "; }

void for_each_line(const std::string& path,
                   const std::function<void(size_t, const std::string&)>& each) {
  const std::string text = read_file(path, kMaxTextBytes, "give a text file, one entry a line");
  size_t index = 0, empty = 0;  // empty: lines that count only if others follow
  size_t at = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (index + empty == kMaxLines)
      throw InputError(path, "has more than " + std::to_string(kMaxLines) + " lines",
                       "give a shorter list");
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
