// SPDX-License-Identifier: Apache-2.0
// Sorts the tensors of a checkpoint: trunk, head, known leftovers, other sets of weights, unknown.
#include "models/names/names.h"

#include <algorithm>
#include <map>
#include <set>

#include "converter/base/error.h"
#include "models/names/layout.h"
#include "models/names/spelling.h"
#include "models/names/weights.h"

namespace vitro::converter {
namespace {

constexpr size_t kListedNames = 5;
constexpr size_t kMaxBlocks = 9999;

class Sorter {
 public:
  Sorter(const Checkpoint& checkpoint, const Naming& naming)
      : checkpoint_(checkpoint),
        naming_(naming),
        weights_(choose_weights(checkpoint, naming)),
        outer_(prefixes_of(weights_.set.prefix)) {
    std::reverse(outer_.begin(), outer_.end());
    for (const WeightsSet& other : weights_.others) others_.push_back({&other, root_of(other)});
    report_.spelling = weights_.set.spelling->library;
    report_.prefix = weights_.set.prefix;
    report_.chosen = weights_.reason;
  }

  std::map<std::string, TensorView> sort(NamesReport* report) {
    find_projections();
    for (const auto& [name, tensor] : checkpoint_.tensors) {
      switch (kind_of(name)) {
        case Kind::Trunk:
          insert(look_up(*weights_.set.spelling, name.substr(weights_.set.prefix.size())), name,
                 tensor);
          break;
        case Kind::Head: heads_[name] = &tensor; break;
        case Kind::Ignored: report_.ignored.push_back(name); break;
        case Kind::Unknown: unknown_.push_back(name); break;
      }
    }
    insert_heads();
    if (!unknown_.empty()) refuse_unknown();
    for (const std::string& name : checkpoint_.not_float) {
      const Kind kind = kind_of(name);
      if (kind == Kind::Trunk || kind == Kind::Head) {
        refuse("tensor " + in_quotes(name) + " is of whole numbers",
               "give weights that were not quantised, as float32");
      }
      report_.ignored.push_back(name);
    }
    if (report) *report = report_;
    return std::move(views_);
  }

 private:
  enum class Kind { Trunk, Head, Ignored, Unknown };

  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const {
    throw InputError(checkpoint_.path, fault, remedy);
  }

  std::string remedy() const {
    std::string libraries;
    const std::vector<const Spelling*>& all = naming_.spellings;
    for (size_t i = 0; i < all.size(); ++i)
      libraries += (i == 0               ? ""
                    : i + 1 < all.size() ? ", "
                                         : " or ") +
                   std::string(all[i]->library);
    return std::string("give ") + naming_.plain + " with the tensor names of " + libraries;
  }

  Kind kind_of(const std::string& name) const {
    if (is_trunk(name)) return Kind::Trunk;
    for (const Other& other : others_) {
      if (is_of(other, name)) return Kind::Ignored;
    }
    for (const std::string& root : projections_) {
      if (starts_with(name, root)) return Kind::Ignored;
    }
    for (const std::string& outer : outer_) {
      if (!starts_with(name, outer)) continue;
      const std::string rest = name.substr(outer.size());
      if (!look_up_head(rest, naming_.heads).canonical.empty()) return Kind::Head;
      if (is_leftover(rest) || is_beside(rest)) return Kind::Ignored;
    }
    return Kind::Unknown;
  }

  bool is_beside(const std::string& name) const {
    return std::any_of(naming_.beside.begin(), naming_.beside.end(), [&](const std::string& known) {
      return known.back() == '.' || known.back() == '/' ? starts_with(name, known) : name == known;
    });
  }

  struct Other {
    const WeightsSet* set;
    std::string root;  // empty where the chosen set stands under the other's prefix
  };

  /// The other set's prefix up to the first word in which it differs.
  std::string root_of(const WeightsSet& other) const {
    for (const std::string& root : prefixes_of(other.prefix))
      if (!starts_with(weights_.set.prefix, root)) return root;
    return {};
  }

  /// Whatever stands under that root; or, where there is none, the other set's trunk.
  bool is_of(const Other& other, std::string_view name) const {
    if (!other.root.empty()) return starts_with(name, other.root);
    const std::string& prefix = other.set->prefix;
    return starts_with(weights_.set.prefix, prefix) && starts_with(name, prefix) &&
           !look_up(*other.set->spelling, name.substr(prefix.size())).canonical.empty();
  }

  bool is_trunk(std::string_view name) const {
    const std::string& prefix = weights_.set.prefix;
    return starts_with(name, prefix) &&
           !look_up(*weights_.set.spelling, name.substr(prefix.size())).canonical.empty();
  }

  /// A head of several layers with batch normalisation between them projects for pretraining (MoCo
  /// v3). Nothing of the trunk stands under its name.
  void find_projections() {
    std::set<std::string> roots;
    for (const auto& named : checkpoint_.tensors) {
      if (!ends_with(named.first, ".running_mean")) continue;
      const size_t layer = named.first.rfind('.', named.first.size() - 14);
      if (layer != std::string::npos && layer > 0) roots.insert(named.first.substr(0, layer + 1));
    }
    for (const std::string& root : roots) {
      size_t linears = 0;
      bool trunk = false;
      for (auto at = checkpoint_.tensors.lower_bound(root);
           at != checkpoint_.tensors.end() && starts_with(at->first, root); ++at) {
        linears += at->second.shape.size() == 2;
        trunk = trunk || is_trunk(at->first);
      }
      if (linears > 1 && !trunk && projections_.size() < 16) projections_.push_back(root);
    }
  }

  void insert(const KnownName& known, const std::string& name, const CheckpointTensor& tensor) {
    TensorView view;
    view.source = name;
    view.shape = tensor.shape;
    view.data = tensor.data.data();
    if (!known.stacked) return insert_part(known.canonical, known.layout, view);
    if (view.shape.empty() || view.shape[0] == 0 || view.shape[0] > kMaxBlocks)
      refuse("tensor " + in_quotes(name) + " is not a stack of blocks", remedy());
    const size_t blocks = view.shape[0], size = tensor.data.size() / blocks;
    view.part = true;
    view.shape.erase(view.shape.begin());
    for (size_t b = 0; b < blocks; ++b, view.data += size)
      insert_part("blocks." + std::to_string(b) + "." + known.canonical, known.layout, view);
  }

  void insert_part(const std::string& canonical, Layout layout, const TensorView& view) {
    if (!has_rank(layout, view.shape))
      refuse("tensor " + in_quotes(view.source) + " has " + std::to_string(view.shape.size()) +
                 " dimensions",
             remedy());
    if (layout == Layout::HeadsIn) note_heads(view);
    const TensorView whole = canonical_layout(view, layout);
    const size_t fused = canonical.find(".attn.qkv.");
    if (fused == std::string::npos) return insert_view(canonical, whole);
    if (whole.shape.empty() || whole.shape[0] % 3 != 0) {
      refuse("tensor " + in_quotes(view.source) +
                 " does not consist of three equal parts for q, k and v",
             std::string("give a checkpoint of ") + naming_.plain);
    }
    size_t elements = whole.shape[0] / 3;
    for (size_t i = 1; i < whole.shape.size(); ++i) elements *= whole.shape[i];
    for (size_t part = 0; part < 3; ++part) {
      TensorView third = whole;
      third.part = true;
      third.shape[0] /= 3;
      third.data += part * elements;
      insert_view(canonical.substr(0, fused) + ".attn." + "qkv"[part] + canonical.substr(fused + 9),
                  third);
    }
  }

  void insert_view(const std::string& canonical, const TensorView& view) {
    // transformers saves no registers as a tensor without rows.
    const auto& shape = view.shape;
    if (canonical == "reg_token" && std::count(shape.begin(), shape.end(), 0u) > 0) return;
    const auto [at, fresh] = views_.emplace(canonical, view);
    if (!fresh)
      refuse("tensors " + in_quotes(at->second.source) + " and " + in_quotes(view.source) +
                 std::string(" are the same part of ") + naming_.model,
             "remove one of them");
  }

  void note_heads(const TensorView& view) {
    if (report_.heads != 0 && report_.heads != view.shape[1]) {
      refuse("tensor " + in_quotes(view.source) + " has " + std::to_string(view.shape[1]) +
                 " heads, others have " + std::to_string(report_.heads),
             remedy());
    }
    report_.heads = view.shape[1];
  }

  /// Of several sets of weights each may have its head: the innermost is the chosen set's.
  void insert_heads() {
    size_t innermost = 0;
    const auto depth_of = [&](const std::string& name) {
      size_t depth = outer_.size();
      for (const std::string& outer : outer_) {
        if (starts_with(name, outer) &&
            !look_up_head(name.substr(outer.size()), naming_.heads).canonical.empty())
          return depth;
        --depth;
      }
      return depth;
    };
    for (const auto& named : heads_) innermost = std::max(innermost, depth_of(named.first));
    for (const auto& [name, tensor] : heads_) {
      const size_t depth = depth_of(name);
      if (!weights_.others.empty() && depth < innermost) {
        report_.ignored.push_back(name);
      } else {
        insert(look_up_head(name.substr(outer_[outer_.size() - depth].size()), naming_.heads), name,
               *tensor);
      }
    }
    if (views_.count("head.weight") == 0) take_last_linear();
  }

  /// A head under any other name, if nothing but it is unknown.
  void take_last_linear() {
    if (unknown_.empty() || unknown_.size() > 2 || !ends_with(unknown_.back(), ".weight")) return;
    const std::string& name = unknown_.back();
    const std::string stem = name.substr(0, name.size() - 6);
    if (unknown_.size() == 2 && unknown_.front() != stem + "bias") return;
    const CheckpointTensor& weight = checkpoint_.tensors.at(name);
    if (weight.shape.size() != 2 || weight.shape[1] != last_width() || in_block(name)) return;
    for (const std::string& part : unknown_)
      insert({"head." + part.substr(stem.size())}, part, checkpoint_.tensors.at(part));
    report_.head = name;
    unknown_.clear();
  }

  /// That of the norm before the head; without one, of the patches. 0 where neither is there.
  size_t last_width() const {
    for (const char* last : {"norm.weight", "fc_norm.weight", "patch_embed.proj.weight"}) {
      const auto at = views_.find(last);
      if (at != views_.end() && !at->second.shape.empty()) return at->second.shape[0];
    }
    return 0;
  }

  bool in_block(const std::string& name) const {
    if (!starts_with(name, weights_.set.prefix)) return false;
    for (const char* folder : weights_.set.spelling->block_folders) {
      if (starts_with(name.substr(weights_.set.prefix.size()), folder)) return true;
    }
    return false;
  }

  [[noreturn]] void refuse_unknown() const {
    std::string list;
    for (size_t i = 0; i < std::min(kListedNames, unknown_.size()); ++i)
      list += (i ? ", " : "") + in_quotes(unknown_[i]);
    if (unknown_.size() > kListedNames) list += ", ...";
    std::vector<std::string> all;
    for (const auto& named : checkpoint_.tensors) all.push_back(named.first);
    const std::string foreign = foreign_family(all),
                      tensors = std::to_string(unknown_.size()) +
                                (unknown_.size() == 1 ? " tensor" : " tensors");
    const std::string what = std::string(" unknown in ") + naming_.plain +
                             (foreign.empty() ? "" : ", names of " + foreign) + ": " + list;
    if (!foreign.empty() && unknown_.size() > all.size() / 2)
      refuse("is not " + std::string(naming_.plain) + ": " + tensors + " of " +
                 std::to_string(all.size()) + " are" + what,
             remedy());
    const std::string fault = "looks like " + std::string(naming_.model) + " in " +
                              report_.spelling + "'s names (" +
                              std::to_string(all.size() - unknown_.size()) + " of " +
                              std::to_string(all.size()) + "), but has " + tensors + what;
    for (const std::string& name : foreign.empty() ? unknown_ : std::vector<std::string>()) {
      for (const std::string& prefix : prefixes_of(name)) {
        if (look_up(*weights_.set.spelling, name.substr(prefix.size())).canonical.empty()) continue;
        refuse(fault + "; " + in_quotes(name) + " stands under another prefix than " +
                   in_quotes(weights_.set.prefix + weights_.set.spelling->patches),
               "save the whole model under one prefix");
      }
    }
    refuse(fault, remedy());
  }

  const Checkpoint& checkpoint_;
  const Naming& naming_;
  const ChosenWeights weights_;
  std::vector<std::string>
      outer_;  // the trunk's prefix and what a head may have of it, the longest first
  std::vector<Other> others_;
  std::vector<std::string> projections_;
  std::map<std::string, TensorView> views_;
  std::map<std::string, const CheckpointTensor*> heads_;
  std::vector<std::string> unknown_;
  NamesReport report_;
};

}  // namespace

int block_number(const std::string& canonical) {
  return starts_with(canonical, "blocks.") ? std::stoi(canonical.substr(7)) : -1;
}

std::map<std::string, TensorView> canonical_tensors(const Checkpoint& checkpoint,
                                                    const Naming& naming, NamesReport* report) {
  return Sorter(checkpoint, naming).sort(report);
}

std::string canonical_name(const Naming& naming, const std::string& name) {
  for (const Spelling* spelling : naming.spellings) {
    const KnownName known = look_up(*spelling, name);
    if (!known.canonical.empty()) return known.stacked ? "" : known.canonical;
  }
  return look_up_head(name, naming.heads).canonical;
}

Recognition recognise_names(const Checkpoint& checkpoint, const Naming& naming) {
  Recognition out;
  const bool has_patches = !find_weights(checkpoint, naming).empty();
  bool has_mark = !naming.mark;
  const std::vector<const Spelling*>& spellings = naming.spellings;
  std::vector<size_t> known(spellings.size());  // names of each
  for (const auto& named : checkpoint.tensors) {
    std::vector<bool> found(spellings.size());
    for_each_rest(named.first, [&](std::string_view rest) {
      const bool is_head = !look_up_head(rest, naming.heads).canonical.empty();
      for (size_t i = 0; i < spellings.size(); ++i) {
        if (found[i]) continue;
        const std::string canonical = look_up(*spellings[i], rest).canonical;
        if (canonical.empty() && !is_head) continue;
        has_mark = has_mark || canonical == naming.mark;
        ++known[i];
        found[i] = true;
      }
    });
  }
  for (size_t i = 0; i < spellings.size(); ++i) {
    if (known[i] <= out.known) continue;
    out.known = known[i], out.spelling = spellings[i]->library;
    out.lacks = has_patches ? std::string("its tensor ") + (naming.mark ? naming.mark : "")
                            : std::string("its patch embedding ") + spellings[i]->patches;
  }
  out.fits = has_patches && has_mark;
  return out;
}

std::string describe_ignored(const std::vector<std::string>& names) {
  constexpr size_t kSingly = 4, kGroups = 8;
  std::string common = names.size() > kSingly ? prefixes_of(names[0]).back() : "";
  for (const std::string& name : names) {
    while (!starts_with(name, common)) {
      const std::vector<std::string> shorter = prefixes_of(common.substr(0, common.size() - 1));
      common = shorter.back();
    }
  }
  std::vector<std::pair<std::string, size_t>> groups;  // in the order of the names
  std::map<std::string, size_t> places;                // of the groups
  for (const std::string& name : names) {
    const std::string rest = name.substr(common.size());
    const size_t folders = prefixes_of(rest).size() - 1;
    const std::string group = names.size() > kSingly && folders > 0
                                  ? common + prefixes_of(rest)[std::min<size_t>(2, folders)] + "*"
                                  : name;
    const auto [at, fresh] = places.emplace(group, groups.size());
    if (fresh) groups.emplace_back(group, 0);
    ++groups[at->second].second;
  }
  std::string text;
  for (size_t i = 0; i < std::min(kGroups, groups.size()); ++i) {
    text += (i ? ", " : "") + in_quotes(groups[i].first) +
            (groups[i].second > 1 ? " (" + std::to_string(groups[i].second) + ")" : "");
  }
  return text + (groups.size() > kGroups ? ", ..." : "");
}

}  // namespace vitro::converter
