// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/taxonomy.h"

#include <algorithm>
#include <map>

#include "converter/base/error.h"
#include "platforms/host/csv.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/synset.h"

namespace vitro::host {

namespace {

const char* const kRemedy = "give one line 'child,parent' for each node but the root";

}  // namespace

Taxonomy::Taxonomy(const std::string& path, const ClassNames& classes) {
  read(path);
  order(path);
  place_classes(path, classes);
}

void Taxonomy::read(const std::string& path) {
  std::map<std::string, size_t> index;
  const auto node = [&](const std::string& name) {
    const auto [found, added] = index.emplace(name, names_.size());
    if (added) {
      names_.push_back(name);
      parents_.push_back(kNone);
    }
    return found->second;
  };
  std::vector<std::string> fields;
  for_each_line(path, [&](size_t line, const std::string& text) {
    if (line == 0 && text == "child,parent") return;
    const bool two = split_csv_line(text, fields) && fields.size() == 2 && !fields[0].empty() &&
                     !fields[1].empty();
    if (!two)
      throw InputError(path, at_line(line) + "is not 'child,parent'",
                       "give two names a line, with names that hold commas in quotes");
    const size_t child = node(fields[0]), parent = node(fields[1]);
    if (parents_[child] != kNone)
      throw InputError(path,
                       at_line(line) + "gives " + in_quotes(fields[0]) +
                           " a parent again: it has " + in_quotes(names_[parents_[child]]),
                       "a tree's nodes have one parent each");
    parents_[child] = parent;
  });
  if (names_.empty()) throw InputError(path, "has no nodes", kRemedy);
}

void Taxonomy::order(const std::string& path) {
  // Downwards from the roots; what is not reached hangs on a cycle.
  std::vector<std::vector<size_t>> children(names_.size());
  std::vector<size_t> reached;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (parents_[i] == kNone)
      reached.push_back(i);
    else
      children[parents_[i]].push_back(i);
  }
  const std::string none =
      reached.size() > 1 ? in_quotes(names_[reached[0]]) + " and " + in_quotes(names_[reached[1]])
                         : "";
  if (!none.empty())
    throw InputError(path,
                     "has " + std::to_string(reached.size()) + " roots, " + none + " among them",
                     "put one node above them");
  depths_.assign(names_.size(), kNone);
  for (const size_t root : reached) depths_[root] = 0;
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const size_t child : children[reached[i]]) {
      depths_[child] = depths_[reached[i]] + 1;
      reached.push_back(child);
    }
  }
  if (reached.size() == names_.size()) return;
  size_t on_cycle =
      static_cast<size_t>(std::find(depths_.begin(), depths_.end(), kNone) - depths_.begin());
  for (size_t step = 0; step < names_.size(); ++step) on_cycle = parents_[on_cycle];
  throw InputError(path, "has a cycle: " + in_quotes(names_[on_cycle]) + " is its own ancestor",
                   "a tree has none");
}

void Taxonomy::place_classes(const std::string& path, const ClassNames& classes) {
  // The surest kind of name first: a class placed by it is not looked for by the next.
  node_of_class_.assign(classes.count(), kNone);
  std::vector<size_t> class_of_node(names_.size(), kNone);
  const auto place = [&](size_t c, size_t node) {
    if (node_of_class_[c] != kNone && node_of_class_[c] != node)
      throw InputError(
          path,
          "has two nodes for class " + std::to_string(c) + " (" + in_quotes(classes.shown(c)) +
              "): " + in_quotes(names_[node_of_class_[c]]) + " and " + in_quotes(names_[node]),
          "name one of them otherwise");
    if (class_of_node[node] != kNone && class_of_node[node] != c)
      throw InputError(path,
                       "has the node " + in_quotes(names_[node]) + ", which could be class " +
                           std::to_string(class_of_node[node]) + " or " + std::to_string(c),
                       "give the whole names");
    node_of_class_[c] = node;
    class_of_node[node] = c;
  };
  using Kind = std::string (*)(const std::string&);
  const auto place_by = [&](Kind of_node, const std::vector<std::string>& of_class) {
    std::multimap<std::string, size_t> nodes;
    for (size_t i = 0; i < names_.size(); ++i) {
      const std::string key = class_of_node[i] == kNone ? of_node(names_[i]) : "";
      if (!key.empty()) nodes.emplace(key, i);
    }
    const std::vector<size_t> before = node_of_class_;
    for (size_t c = 0; c < classes.count(); ++c) {
      if (before[c] != kNone || of_class[c].empty()) continue;
      const auto range = nodes.equal_range(of_class[c]);
      for (auto node = range.first; node != range.second; ++node) place(c, node->second);
    }
  };
  const auto names_by = [&](const auto& of) {
    std::vector<std::string> out;
    for (size_t c = 0; c < classes.count(); ++c) out.push_back(of(c));
    return out;
  };
  const Kind itself = [](const std::string& name) { return name; };
  place_by(itself, names_by([&](size_t c) { return classes.name(c); }));
  place_by(itself, names_by([&](size_t c) { return classes.shown(c); }));
  place_by(synset_id, names_by([&](size_t c) { return synset_id(classes.name(c)); }));
  place_by(first_synonym, names_by([&](size_t c) { return first_synonym(classes.name(c)); }));
  place_by(itself, names_by([&](size_t c) { return std::to_string(c); }));
  for (size_t c = 0; c < classes.count(); ++c) {
    if (node_of_class_[c] == kNone)
      throw InputError(
          path,
          "has no node for class " + std::to_string(c) + " (" + in_quotes(classes.shown(c)) + ")",
          "add it with its parent, by its label, its synset id or its number");
  }
}

Taxonomy::Distance Taxonomy::distance(size_t true_class, size_t predicted_class) const {
  const size_t first = node_of_class_[predicted_class], second = node_of_class_[true_class];
  size_t a = first, b = second;
  while (a != b) {
    if (depths_[a] >= depths_[b])
      a = parents_[a];
    else
      b = parents_[b];
  }
  const size_t common = depths_[a];
  // Without the root, a node has as many ancestors, itself among them, as its depth is.
  return {depths_[first], depths_[second], common, common,
          depths_[first] + depths_[second] - 2 * common};
}

void HierarchicalScore::add(const Taxonomy::Distance& distance, bool right) {
  ++photos_;
  common_ += distance.common_ancestors;
  predicted_ += distance.predicted_ancestors;
  true_ += distance.true_ancestors;
  depth_ += distance.lca_depth;
  path_ += distance.path;
  if (right) return;
  ++mistakes_;
  depth_of_mistakes_ += distance.lca_depth;
}

}  // namespace vitro::host
