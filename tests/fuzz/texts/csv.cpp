// SPDX-License-Identifier: Apache-2.0
// Lines of CSVs and names of classes, without a file around them. The first byte says which: 'f'
// fields, separated by zero bytes, which are written and read back; 'n' names of classes, one a
// line; else a line of a CSV.
#include <algorithm>

#include "platforms/host/csv.h"
#include "platforms/host/evaluation/class_names.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using namespace host;
using Texts = std::vector<std::string>;

constexpr size_t kMostNames = 4, kLongestName = 16;  // a distance takes the product of two lengths

Texts split(const std::string& text, char by) {
  Texts parts(1);
  for (const char c : text) {
    if (c == by)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string written(const Texts& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != fields.data()) line += ',';
    line += '"';
    for (const char c : field) line += c == '"' ? "\"\"" : std::string(1, c);
    line += '"';
  }
  return line;
}

void come_back(const Texts& fields) {
  Texts again;
  require(split_csv_line(written(fields), again), "quoted fields are refused");
  require(again == fields, "quoted fields are read as others");
}

void check_line(const std::string& line) {
  Texts fields;
  if (split_csv_line(line, fields)) come_back(fields);
}

void check_distance(const std::string& a, const std::string& b) {
  const size_t distance = edit_distance(a, b);
  require(distance == edit_distance(b, a), "a distance of two directions");
  require((distance == 0) == (a == b), "two texts at no distance");
  require(distance <= std::max(a.size(), b.size()), "a distance longer than both texts");
}

void check_names(const std::string& text) {
  Texts names = split(text, '\n');
  if (names.size() > kMostNames) names.resize(kMostNames);
  for (std::string& name : names)
    if (name.size() > kLongestName) name.resize(kLongestName);
  const ClassNames classes(names);
  require(classes.count() == names.size(), "classes of another number");
  for (const std::string& name : names) {
    check_distance(name, names[0]);
    const auto whole = classes.find_whole(name);
    require(!whole || classes.name(*whole) == name || classes.shown(*whole) == name,
            "a whole name found under another");
    const ClassNames::Match match = classes.find(name), explained = classes.explain(name);
    require(match.index == explained.index, "a name is found only where it is not explained");
    require(!match.index || *match.index < names.size(), "a class past the last");
    require(match.index || !explained.fault.empty(), "a name is refused without a fault");
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string rest = text_of(data + 1, size - 1);
  if (data[0] == 'f')
    come_back(split(rest, '\0'));
  else if (data[0] == 'n')
    check_names(rest);
  else
    check_line(rest);
  return 0;
}
