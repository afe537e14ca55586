// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platforms/host/evaluation/heat_map.h"
#include "platforms/host/evaluation/reports.h"
#include "platforms/host/evaluation/text.h"

namespace vitro::host {

namespace {

constexpr size_t kConfusionsInPage = 25, kClasses = 100;

const char* const kStyle =
    "body{font:15px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu "
    "Sans',sans-serif;max-width:60em;margin:2em auto;padding:0 1.2em;color:#222;background:#fff}"
    "h1{font-size:1.5em;margin:0}h2{font-size:1.15em;margin:2em 0 .6em;border-bottom:1px solid "
    "#e3e3e3;padding-bottom:.25em}p{margin:.4em 0}.q{color:#666}"
    ".cards{display:flex;flex-wrap:wrap;margin:1.2em 0}.cards div{margin:0 10px 10px 0;border:1px "
    "solid #e0e4ea;border-radius:8px;padding:.5em "
    "1em;background:#f7f9fc}"
    ".cards b{display:block;font-size:1.35em;font-weight:600;color:#14528c}.cards "
    "span{font-size:.85em;color:#555}"
    "table{border-collapse:collapse;width:100%}td,th{padding:3px 10px 3px "
    "0;text-align:left;border-bottom:1px solid #eee;vertical-align:middle}"
    "th{font-size:.85em;color:#555;font-weight:600}.n{text-align:right;font-variant-numeric:"
    "tabular-nums;white-space:nowrap}.b{width:26%}"
    ".b i{display:block;height:11px;background:#14528c;border-radius:2px;min-width:1px}.b "
    "i.r{background:#be281e}svg{width:100%;height:auto;display:block}";

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string card(const std::string& value, const std::string& what) {
  return "<div><b>" + value + "</b><span>" + what + "</span></div>\n";
}

std::string bar(double share, bool red = false) {
  return "<td class=b><i" + std::string(red ? " class=r" : "") +
         " style=\"width:" + fixed(100 * std::clamp(share, 0.0, 1.0), 1) + "%\"></i></td>";
}

std::string number(const std::string& text) { return "<td class=n>" + text + "</td>"; }

std::string cards(const EvalResult& result) {
  std::string out =
      "<div class=cards>\n" +
      card(std::to_string(result.answered),
           result.failed ? "photos; " + std::to_string(result.failed) + " more could not be read"
                         : "photos");
  if (result.photos.labelled) {
    const Measures macro = result.confusion.macro();
    out += card(percent(result.score.share1()), "top-1") +
           card(percent(result.score.share5()), "top-5") +
           card(percent(macro.precision), "macro precision") +
           card(percent(macro.recall), "macro recall") + card(percent(macro.f1), "macro F1");
  }
  for (size_t i = 0; i < result.outside.size(); ++i) {
    const std::string& name = result.outside[i]->name();
    const Comparison& comparison = result.comparisons[i];
    out +=
        card(percent(comparison.agreement()), "name the same as the " + name) +
        card(fixed(sqnr_db(comparison.signal, comparison.noise), 2) + " dB", "logit SQNR, " + name);
    if (result.photos.labelled)
      out += card(percent(comparison.score.share1()), "top-1 of the " + name);
  }
  if (result.taxonomy) {
    const HierarchicalScore& h = result.hierarchical;
    out += card(percent(h.precision()), "hierarchical precision") +
           card(percent(h.recall()), "hierarchical recall") +
           card(h.mistakes() ? fixed(h.lca_depth_of_mistakes(), 2) : "-",
                "depth of common ancestor, mistakes") +
           card(fixed(h.tree_error(), 2), "tree-induced error, edges");
  }
  return out + "</div>\n";
}

std::string confusions(const EvalResult& result) {
  const std::vector<ConfusionCell> worst = result.confusion.worst(kConfusionsInPage);
  if (worst.empty()) return "<p>There is no mistake.</p>\n";
  std::vector<size_t> labelled(result.classes.count());
  for (const ClassScore& score : result.confusion.classes()) labelled[score.index] = score.labelled;
  std::string out =
      "<table><tr><th>label<th>taken for<th class=n>photos<th class=n>of the label's<th></tr>\n";
  for (const ConfusionCell& cell : worst) {
    const double share =
        static_cast<double>(cell.count) / static_cast<double>(labelled[cell.label]);
    out += "<tr><td>" + html_text(result.classes.shown(cell.label)) + "</td><td>" +
           html_text(result.classes.shown(cell.predicted)) + "</td>" +
           number(std::to_string(cell.count)) + number(percent(share)) + bar(share, true) +
           "</tr>\n";
  }
  return out + "</table>\n";
}

std::string per_class(const EvalResult& result) {
  std::vector<ClassScore> scores = result.confusion.classes();
  const size_t all = scores.size();
  std::stable_sort(scores.begin(), scores.end(), [](const ClassScore& a, const ClassScore& b) {
    return a.measures.f1 < b.measures.f1;
  });
  if (scores.size() > kClasses) scores.resize(kClasses);
  std::string out =
      "<p class=q>" +
      std::string(all > kClasses ? "The " + std::to_string(kClasses) + " of " +
                                       std::to_string(all) + " classes with the lowest F1"
                                 : "Lowest F1 first") +
      "; a class without photos has recall 0, one that is never predicted has precision "
      "0.</p>\n"
      "<table><tr><th>class<th class=n>photos<th class=n>precision<th class=n>recall<th "
      "class=n>F1<th></tr>\n";
  for (const ClassScore& score : scores) {
    out += "<tr><td>" + html_text(result.classes.shown(score.index)) + "</td>" +
           number(std::to_string(score.labelled)) + number(percent(score.measures.precision)) +
           number(percent(score.measures.recall)) + number(percent(score.measures.f1)) +
           bar(score.measures.f1) + "</tr>\n";
  }
  return out + "</table>\n";
}

std::string disagreements(const EvalResult& result, size_t i) {
  const std::string& name = result.outside[i]->name();
  const size_t all = result.comparisons[i].photos - result.comparisons[i].agreed,
               shown = result.disagreements[i].size();
  std::string out = "<h2>Photos whose top-1 differs from that of the " + name + " (" +
                    std::to_string(all) + ")</h2>\n<p class=q>" +
                    html_text(result.outside[i]->file()) +
                    (shown < all ? "; the first " + std::to_string(shown) : "") + "</p>\n";
  for (const Difference& d : result.outside[i]->differences())
    out += "<p>Preprocessing differs: " + d.name + " is " + html_text(d.program) +
           " in the program and " + html_text(d.reference) + " in the reference.</p>\n";
  if (shown == 0) return out;
  out += "<table><tr><th>photo<th>program<th>" + name + "</tr>\n";
  for (const Disagreement& d : result.disagreements[i])
    out += "<tr><td>" + html_text(result.photos.name(d.photo)) + "</td><td>" +
           html_text(result.classes.shown(d.program)) + "</td><td>" +
           html_text(result.classes.shown(d.outside)) + "</td></tr>\n";
  return out + "</table>\n";
}

}  // namespace

std::string eval_html(const EvalResult& result) {
  std::string out =
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width\"><title>vitro evaluation</title><style>";
  out += kStyle + std::string("</style></head><body>\n<h1>") + html_text(result.program) +
         "</h1>\n<p class=q>vitro eval, int8 by " + result.isa + "</p>\n" + cards(result);
  if (result.photos.labelled) {
    out +=
        "<h2>Confusion matrix</h2>\n<p class=q>Each row is a label, each column a prediction; "
        "colours are shares of the row: blue is right, red is "
        "wrong.</p>\n";
    out += heat_map_svg(result.confusion, result.classes) + "<h2>Most frequent confusions</h2>\n" +
           confusions(result) + "<h2>Classes</h2>\n" + per_class(result);
  }
  for (size_t i = 0; i < result.outside.size(); ++i) out += disagreements(result, i);
  return out + "</body></html>\n";
}

}  // namespace vitro::host
