// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/class_names.h"

#include <algorithm>
#include <limits>

#include "platforms/host/evaluation/text.h"
#include "platforms/host/synset.h"

namespace vitro::host {

namespace {

constexpr size_t kCompared = 64;  // bytes of a name that are compared to find the nearest one

}  // namespace

std::optional<size_t> class_number(const std::string& text) {
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
    if (value > static_cast<uint64_t>(std::numeric_limits<int>::max())) return std::nullopt;
  }
  return text.empty() ? std::nullopt : std::optional<size_t>(value);
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string folded_case(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  if (first == std::string::npos) return "";
  std::string out = text.substr(first, last - first + 1);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string first_synonym(const std::string& text) {
  return folded_case(without_synset(text.substr(0, text.find(','))));
}

ClassNames::ClassNames(const std::vector<std::string>& names) : names_(names) {
  for (size_t i = 0; i < names_.size(); ++i) {
    shown_.push_back(names_[i].empty() ? "class " + std::to_string(i) : without_synset(names_[i]));
    if (names_[i].empty()) continue;
    whole_[names_[i]].push_back(i);
    if (shown_[i] != names_[i]) whole_[shown_[i]].push_back(i);
    synonyms_[first_synonym(names_[i])].push_back(i);
    if (const std::string id = synset_id(names_[i]); !id.empty()) synsets_[id].push_back(i);
  }
}

std::optional<size_t> ClassNames::find_whole(const std::string& text) const {
  const auto found = whole_.find(text);
  return found != whole_.end() && found->second.size() == 1
             ? std::optional<size_t>(found->second[0])
             : std::nullopt;
}

ClassNames::Match ClassNames::find(const std::string& text, bool explained) const {
  Match match;
  const std::string remedy = "give the class's number";
  const auto ambiguous = [&](const std::vector<size_t>& classes) {
    match.known = true;
    match.fault = "the label " + in_quotes(text) + ", which is the name of " +
                  std::to_string(classes.size()) + " classes, " + std::to_string(classes[0]) +
                  " (" + in_quotes(shown_[classes[0]]) + ") and " + std::to_string(classes[1]) +
                  " (" + in_quotes(shown_[classes[1]]) + ") among them";
    match.remedy = "give the whole name, or " + remedy;
    return match;
  };
  const auto unique = [&](const Index& index, const std::string& key) {
    const auto found = index.find(key);
    if (key.empty() || found == index.end()) return false;
    if (found->second.size() > 1)
      ambiguous(found->second);
    else
      match.index = found->second[0];
    return true;
  };
  const std::optional<size_t> number = class_number(text);
  const bool whole = unique(whole_, text);
  if (number) {
    match.known = whole || *number < count();
    if (match.index && *match.index != *number) {
      match.fault = "the label " + in_quotes(text) + ", which is the name of class " +
                    std::to_string(*match.index) + " and the number of another";
      match.remedy = "give names that are not numbers";
      match.index.reset();
    } else if (!whole && *number >= count()) {
      match.fault = "the label " + std::to_string(*number) + ", but the program has " +
                    std::to_string(count()) + " classes";
      match.remedy = "give the labels that belong to this program";
    } else if (!whole) {
      match.index = number;
    }
    return match;
  }
  if (whole || unique(synsets_, synset_id(text)) || unique(synonyms_, first_synonym(text)))
    return match;
  if (!explained) return match;
  const std::string close = nearest(text);
  match.fault = "the label " + in_quotes(text) +
                (close.empty() ? ", and the program has no class names"
                               : ", which is not a class of the program (the nearest is " +
                                     in_quotes(close) + ")");
  match.remedy = close.empty() ? "give the class's number from 0 on, or names by --class-names"
                               : "give one of the program's labels, the class's number from 0 on, "
                                 "or other names by --class-names";
  return match;
}

std::string ClassNames::nearest(const std::string& text) const {
  const std::string wanted = folded_case(text).substr(0, kCompared);
  size_t best = std::numeric_limits<size_t>::max();
  std::string name;
  for (size_t i = 0; i < count(); ++i) {
    if (names_[i].empty()) continue;
    for (const std::string& candidate : {folded_case(shown_[i]), first_synonym(names_[i])}) {
      const size_t distance = edit_distance(wanted, candidate.substr(0, kCompared));
      if (distance < best) {
        best = distance;
        name = shown_[i];
      }
    }
  }
  return name;
}

}  // namespace vitro::host
