// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platforms/host/evaluation/reports.h"
#include "platforms/host/evaluation/text.h"

namespace vitro::host {

PhotosCsv::PhotosCsv(const std::string& path, const PhotoSet& photos, const ClassNames& classes,
                     const std::vector<std::unique_ptr<OutsideLogits>>& outside)
    : file_(path), photos_(photos), classes_(classes) {
  std::string header = "file,label,label_name,predicted,predicted_name,probability,top5";
  for (const auto& source : outside)
    header += "," + source->name() + "," + source->name() + "_name," + source->name() + "_sqnr_db";
  file_.write(header + ",fault\n");
  fields_ = static_cast<size_t>(std::count(header.begin(), header.end(), ',')) + 1;
}

void PhotosCsv::add(const PhotoAnswer& answer) {
  const int label = photos_.photos[answer.index].label;
  const auto class_fields = [&](size_t c) {
    return "," + std::to_string(c) + "," + csv_field(classes_.shown(c));
  };
  std::string line = csv_field(photos_.name(answer.index)) +
                     (label < 0 ? ",," : class_fields(static_cast<size_t>(label)));
  if (!answer.fault.empty()) {
    line += std::string(fields_ - 3, ',');
    file_.write(line + "," + csv_field(answer.fault) + "\n");
    return;
  }
  line += class_fields(answer.top[0]) + "," +
          fixed(static_cast<double>(answer.probabilities[0]), 6) + ",";
  for (size_t i = 0; i < answer.top.size(); ++i)
    line += (i ? " " : "") + std::to_string(answer.top[i]);
  for (const OutsideAnswer& outside : answer.outside)
    line += class_fields(outside.top[0]) + "," + fixed(sqnr_db(outside.signal, outside.noise), 2);
  file_.write(line + ",\n");
}

std::string confusion_csv(const EvalResult& result) {
  const std::vector<ClassScore> classes = result.confusion.classes();
  std::string out = "label,label_name";
  for (const ClassScore& score : classes) out += "," + std::to_string(score.index);
  out += "\n";
  const std::vector<ConfusionCell> cells = result.confusion.cells();
  auto cell = cells.begin();
  for (const ClassScore& row : classes) {
    out += std::to_string(row.index) + "," + csv_field(result.classes.shown(row.index));
    for (const ClassScore& column : classes) {
      const bool here =
          cell != cells.end() && cell->label == row.index && cell->predicted == column.index;
      out += "," + std::to_string(here ? cell->count : 0);
      if (here) ++cell;
    }
    out += "\n";
  }
  return out;
}

}  // namespace vitro::host
