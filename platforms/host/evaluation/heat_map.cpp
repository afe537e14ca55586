// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/heat_map.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "platforms/host/evaluation/text.h"

namespace vitro::host {

namespace {

constexpr size_t kNamed = 40;      // classes whose names fit beside the picture
constexpr size_t kNumbered = 20;   // classes whose cells have room for a number
constexpr size_t kTitled = 20000;  // cells that say their names when the mouse is over them
constexpr double kSide = 680;      // of the matrix, in SVG units
constexpr size_t kNameLength = 22;

struct Colour {
  double r, g, b;
};

std::string mixed(const Colour& from, const Colour& to, double share) {
  const auto channel = [&](double a, double b) {
    return std::to_string(static_cast<int>(std::lround(a + (b - a) * share)));
  };
  return "rgb(" + channel(from.r, to.r) + "," + channel(from.g, to.g) + "," +
         channel(from.b, to.b) + ")";
}

/// Even the rarest mistake can be seen.
std::string colour_of(double share, bool right) {
  const double visible = 0.15 + 0.85 * std::sqrt(share);
  return right ? mixed({239, 244, 250}, {20, 82, 140}, visible)
               : mixed({253, 240, 236}, {190, 40, 30}, visible);
}

std::string text_at(double x, double y, const std::string& attributes, const std::string& text) {
  return "<text x=\"" + fixed(x, 1) + "\" y=\"" + fixed(y, 1) + "\" " + attributes + ">" + text +
         "</text>\n";
}

/// Names of a few classes, or numbers of some of many, along both sides.
std::string axes(const std::vector<ClassScore>& scores, const ClassNames& classes, double cell,
                 double left, double top) {
  std::string out;
  const size_t step = scores.size() <= kNamed ? 1 : std::max<size_t>(1, (scores.size() + 19) / 20);
  for (size_t i = 0; i < scores.size(); i += step) {
    const std::string name = scores.size() <= kNamed
                                 ? html_text(shown(classes.shown(scores[i].index), kNameLength))
                                 : std::to_string(scores[i].index);
    const double middle = (static_cast<double>(i) + 0.5) * cell;
    out += text_at(left - 6, top + middle + 4, "text-anchor=\"end\"", name);
    const std::string x = fixed(left + middle + 4, 1), y = fixed(top - 6, 1);
    out += "<text x=\"" + x + "\" y=\"" + y + "\" transform=\"rotate(-60 " + x + " " + y + ")\">" +
           name + "</text>\n";
  }
  return out;
}

}  // namespace

std::string heat_map_svg(const Confusion& confusion, const ClassNames& classes) {
  const std::vector<ClassScore> scores = confusion.classes();
  if (scores.empty()) return "";
  std::map<size_t, size_t> place;
  for (size_t i = 0; i < scores.size(); ++i) place[scores[i].index] = i;
  const bool named = scores.size() <= kNamed;
  const double cell = std::min(56.0, kSide / static_cast<double>(scores.size())),
               side = cell * static_cast<double>(scores.size());
  size_t longest = 4;
  for (const ClassScore& score : scores)
    longest =
        named ? std::max(longest, shown(classes.shown(score.index), kNameLength).size()) : longest;
  const double names = 6.8 * static_cast<double>(longest), left = 34 + names,
               top = 34 + 0.87 * names, right = 20 + 0.5 * names, bottom = 16;
  const double width = left + side + right, height = top + side + bottom;
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + fixed(width, 0) + " " +
      fixed(height, 0) + "\" style=\"max-width:" + fixed(width, 0) +
      "px\" role=\"img\" font-size=\"12\" fill=\"#333\"><title>Confusion matrix</title>\n";
  out += "<rect x=\"" + fixed(left, 1) + "\" y=\"" + fixed(top, 1) + "\" width=\"" +
         fixed(side, 1) + "\" height=\"" + fixed(side, 1) +
         "\" fill=\"#fafafa\" stroke=\"#ccc\"/>\n";
  out += axes(scores, classes, cell, left, top);
  out += text_at(left, 14, "font-weight=\"600\"", "prediction &#8594;");
  out += "<text transform=\"translate(14 " + fixed(top, 1) +
         ") rotate(90)\" font-weight=\"600\">label &#8594;</text>\n";
  const std::vector<ConfusionCell> cells = confusion.cells();
  for (const ConfusionCell& c : cells) {
    const size_t row = place[c.label], column = place[c.predicted];
    const bool on_diagonal = row == column;
    const double share = static_cast<double>(c.count) / static_cast<double>(scores[row].labelled);
    // Of a thousand classes, cells would be finer than a pixel.
    const double size = std::max(cell - (cell > 8 ? 1 : 0), on_diagonal ? 1.5 : 3.5);
    const double x = left + (static_cast<double>(column) + 0.5) * cell,
                 y = top + (static_cast<double>(row) + 0.5) * cell;
    out += "<rect x=\"" + fixed(x - size / 2, 2) + "\" y=\"" + fixed(y - size / 2, 2) +
           "\" width=\"" + fixed(size, 2) + "\" height=\"" + fixed(size, 2) + "\" fill=\"" +
           colour_of(share, on_diagonal) + "\"";
    out += cells.size() > kTitled
               ? "/>\n"
               : "><title>" + html_text(classes.shown(c.label)) +
                     (on_diagonal ? "" : " taken for " + html_text(classes.shown(c.predicted))) +
                     ": " + std::to_string(c.count) + " of " +
                     std::to_string(scores[row].labelled) + "</title></rect>\n";
    if (scores.size() <= kNumbered)
      out += text_at(
          x, y + 4,
          std::string("text-anchor=\"middle\" pointer-events=\"none\" font-size=\"11\" fill=\"") +
              (share > 0.3 ? "#fff" : "#333") + "\"",
          std::to_string(c.count));
  }
  return out + "</svg>\n";
}

}  // namespace vitro::host
