// SPDX-License-Identifier: Apache-2.0
// Which class is meant by a word: of a label, a folder, a node of a taxonomy.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vitro::host {

class ClassNames {
 public:
  /// One name for each class, or an empty one for a class without; names may begin with a synset id
  /// ("n01440764 tench, Tinca tinca").
  explicit ClassNames(const std::vector<std::string>& names);

  size_t count() const { return names_.size(); }
  /// Without its synset id; "class 7" if it has no name.
  const std::string& shown(size_t index) const { return shown_[index]; }
  /// As it was given.
  const std::string& name(size_t index) const { return names_[index]; }

  struct Match {
    std::optional<size_t> index;
    bool known = false;         // it means something, though not one class alone
    std::string fault, remedy;  // without an index, of explain(): why, and what to do
  };
  /// The class whose whole name is `text`, or whose number; else the one with its synset id; else
  /// the one whose first synonym (before a comma) is that of `text`, in any case of ASCII letters.
  /// More than one class, or a name that is another class's number, is ambiguous.
  Match find(const std::string& text) const { return find(text, false); }
  /// The same with words for what is wrong, which costs a comparison with every name.
  Match explain(const std::string& text) const { return find(text, true); }
  /// By the whole name alone.
  std::optional<size_t> find_whole(const std::string& text) const;

 private:
  using Index = std::map<std::string, std::vector<size_t>>;

  Match find(const std::string& text, bool explained) const;
  std::string nearest(const std::string& text) const;

  std::vector<std::string> names_, shown_;
  Index whole_, synsets_, synonyms_;
};

/// Digits alone, below 2^31.
std::optional<size_t> class_number(const std::string& text);

/// Least number of insertions, deletions and replacements of bytes that turn one into the other.
size_t edit_distance(const std::string& a, const std::string& b);

/// ASCII letters to lower case, spaces at both ends away.
std::string folded_case(const std::string& text);

/// What comes before the first comma, without a synset id, in folded case.
std::string first_synonym(const std::string& text);

}  // namespace vitro::host
