// SPDX-License-Identifier: Apache-2.0
#include "converter/report/html.h"

#include <algorithm>
#include <cstdio>

#include "converter/base/shown.h"

namespace vitro::converter {

namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, pattern, args...);
  return buffer;
}

}  // namespace

std::string layers_html(const ReportFacts& facts) {
  std::string rows, settings;
  for (const Setting& setting : facts.settings)
    settings += "<tr><td>" + html_text(setting.name) + "</td><td>" + html_text(setting.value) +
                "</td><td>" + html_text(setting.source) + "</td></tr>\n";
  for (const LayerError& layer : facts.layers) {
    const double width = std::clamp(layer.sqnr_db / 60.0, 0.0, 1.0) * 100;
    rows +=
        "<tr><td>" + html_text(layer.name) +
        format("</td><td class=n>%.2f</td><td class=b><i style=\"width:%.1f%%\"></i></td></tr>\n",
               layer.sqnr_db, width);
  }
  return "<!doctype html><html lang=en><meta charset=utf-8><title>vitro conversion "
         "report</title><style>"
         "body{font:15px/1.4 sans-serif;max-width:52em;margin:2em auto;padding:0 "
         "1em;color:#222}table{border-collapse:collapse;width:100%}"
         "td,th{padding:2px 8px;text-align:left;border-bottom:1px solid "
         "#eee}.n{text-align:right}.b{width:50%}"
         "i{display:block;height:10px;background:#3a7}</style>"
         "<h1>" +
         html_text(facts.program) + "</h1><p>" +
         format(
             "Logits %.2f dB against float32 over the calibration pictures; file %zu bytes; arena "
             "%zu bytes for one thread.",
             facts.logit_sqnr_db, facts.file_bytes, facts.arena_bytes) +
         "</p><p>SQNR: 10 log10 of the energy of the float values over that of the difference; the "
         "bar ends at 60 dB.</p>"
         "<table><tr><th>layer</th><th class=n>SQNR dB</th><th></th></tr>\n" +
         rows +
         "</table>"
         "<h2>What decides the "
         "answer</h2><table><tr><th>setting</th><th>value</th><th>from</th></tr>\n" +
         settings + "</table></html>\n";
}

}  // namespace vitro::converter
