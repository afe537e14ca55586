// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platforms/host/evaluation/reports.h"
#include "platforms/host/evaluation/text.h"

namespace vitro::host {

namespace {

constexpr size_t kConfusionsInText = 5, kDisagreements = 10;
constexpr size_t kNameWidth = 32;  // characters of a class name in a table

std::string padded(const std::string& text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}
std::string aligned_percent(double share) { return padded(fixed(100 * share, 2), 6) + " %"; }
std::string shares(const Score& score) {
  return "top-1 " + aligned_percent(score.share1()) + "  top-5 " + aligned_percent(score.share5());
}
std::string measures(const Measures& m) {
  return "precision " + aligned_percent(m.precision) + "  recall " + aligned_percent(m.recall) +
         "  F1 " + aligned_percent(m.f1);
}

std::string comparison(const EvalResult& result, size_t i) {
  const OutsideLogits& source = *result.outside[i];
  const Comparison& comparison = result.comparisons[i];
  std::string out;
  if (result.photos.labelled)
    out += (source.name() == "reference" ? "  float32  " : "  expected ") +
           shares(comparison.score) + "\n";
  out += "  top-1 agreement " + fixed(100 * comparison.agreement(), 2) + " %, logit SQNR " +
         fixed(sqnr_db(comparison.signal, comparison.noise), 2) + " dB with " +
         shown(source.file()) + "\n";
  const size_t all = comparison.photos - comparison.agreed;
  for (size_t k = 0; k < std::min(kDisagreements, result.disagreements[i].size()); ++k) {
    const Disagreement& d = result.disagreements[i][k];
    out += "    " + shown(result.photos.name(d.photo)) + ": " +
           shown(result.classes.shown(d.program)) + ", " + source.name() + " " +
           shown(result.classes.shown(d.outside)) + "\n";
  }
  if (all > kDisagreements)
    out += "    and " + std::to_string(all - kDisagreements) + " more (--csv lists all)\n";
  return out;
}

}  // namespace

std::string eval_text(const EvalResult& result, bool per_class) {
  const bool labelled = result.photos.labelled;
  std::string out =
      std::to_string(result.answered) + " photos (" + result.isa + ")" +
      (result.failed ? ", " + std::to_string(result.failed) + " more could not be read" : "") +
      "\n";
  if (labelled) out += "  int8     " + shares(result.score) + "\n";
  for (size_t i = 0; i < result.outside.size(); ++i) out += comparison(result, i);
  if (!labelled) return out;

  out += "  macro    " + measures(result.confusion.macro()) + "\n  micro    " +
         measures(result.confusion.micro()) + "\n";
  if (result.taxonomy) {
    const HierarchicalScore& h = result.hierarchical;
    out += "  in the taxonomy of " + std::to_string(result.taxonomy->nodes()) +
           " nodes: precision " + aligned_percent(h.precision()) + "  recall " +
           aligned_percent(h.recall()) + "  F1 " + aligned_percent(h.f1()) +
           "\n    least common ancestor at depth " + fixed(h.lca_depth(), 3) +
           (h.mistakes() ? ", of mistakes " + fixed(h.lca_depth_of_mistakes(), 3) : "") +
           "; tree-induced error " + fixed(h.tree_error(), 3) + " edges\n";
  }
  const std::vector<ConfusionCell> worst = result.confusion.worst(kConfusionsInText);
  if (!worst.empty()) out += "  most frequent confusions\n";
  for (const ConfusionCell& cell : worst)
    out += "    " + padded(std::to_string(cell.count), 5) + "  " +
           shown(result.classes.shown(cell.label), kNameWidth) + ", taken for " +
           shown(result.classes.shown(cell.predicted), kNameWidth) + "\n";
  if (!per_class) return out;
  out += "  class  precision     recall         F1  photos  name\n";
  for (const ClassScore& score : result.confusion.classes())
    out += padded(std::to_string(score.index), 7) + "   " +
           aligned_percent(score.measures.precision) + "   " +
           aligned_percent(score.measures.recall) + "   " + aligned_percent(score.measures.f1) +
           padded(std::to_string(score.labelled), 8) + "  " +
           shown(result.classes.shown(score.index), kNameWidth) + "\n";
  return out;
}

}  // namespace vitro::host
