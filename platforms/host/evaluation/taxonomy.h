// SPDX-License-Identifier: Apache-2.0
// A tree over the classes, and how far wrong answers are in it. Definitions, conventions and a
// worked example: README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "platforms/host/evaluation/class_names.h"

namespace vitro::host {

class Taxonomy {
 public:
  /// A CSV without a header (or with "child,parent"): one line for each node but the root,
  /// `child,parent`. Every class must be a node, by its whole name, its synset id, its first
  /// synonym or its number. Throws InputError: more than one root, a cycle, a second parent, a
  /// class that is no node, a node that could be several classes.
  Taxonomy(const std::string& path, const ClassNames& classes);

  struct Distance {
    size_t predicted_ancestors, true_ancestors,
        common_ancestors;  // nodes with themselves, without the root
    size_t lca_depth;      // of the least common ancestor; the root's is 0
    size_t path;           // edges between them
  };
  Distance distance(size_t true_class, size_t predicted_class) const;
  size_t nodes() const { return names_.size(); }

 private:
  void read(const std::string& path);
  void order(const std::string& path);
  void place_classes(const std::string& path, const ClassNames& classes);

  static constexpr size_t kNone = ~size_t{0};
  std::vector<std::string> names_;
  std::vector<size_t> parents_, depths_;  // of nodes; the root's parent is kNone
  std::vector<size_t> node_of_class_;
};

/// Sums over photos; the measures are those of README.md.
class HierarchicalScore {
 public:
  void add(const Taxonomy::Distance& distance, bool right);
  double precision() const { return share(common_, predicted_); }
  double recall() const { return share(common_, true_); }
  double f1() const { return share(2 * common_, predicted_ + true_); }
  double lca_depth() const { return share(depth_, photos_); }
  double lca_depth_of_mistakes() const { return share(depth_of_mistakes_, mistakes_); }
  double tree_error() const { return share(path_, photos_); }
  size_t mistakes() const { return static_cast<size_t>(mistakes_); }

 private:
  static double share(uint64_t part, uint64_t whole) {
    return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
  }

  uint64_t photos_ = 0, mistakes_ = 0, common_ = 0, predicted_ = 0, true_ = 0, depth_ = 0,
           depth_of_mistakes_ = 0, path_ = 0;
};

}  // namespace vitro::host
