// SPDX-License-Identifier: Apache-2.0
// Foreign text on its way to a terminal, a CSV, a page or JSON: nothing in it may control them, and
// a reader must get back what was shown.
#include <nlohmann/json.hpp>

#include "converter/base/shown.h"
#include "platforms/host/csv.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using nlohmann::json;

bool steers(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

bool is_utf8(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text)
    if (c != '"' && c != '\\') quoted += c;
  return json::accept(quoted + '"');
}

void check_csv(const std::string& text, const std::string& plain) {
  std::vector<std::string> fields;
  require(host::split_csv_line("a," + csv_field(text) + ",b", fields) && fields.size() == 3,
          "a field of a CSV becomes several");
  require(fields[1] == plain || fields[1] == "'" + plain, "a field of a CSV is read as another");
  require(fields[1].find_first_of("=+-@") != 0, "a field of a CSV begins a formula");
}

void check_html(const std::string& text) {
  const std::string html = html_text(text);
  require(html.find_first_of("<>\"'") == std::string::npos, "foreign text opens a tag");
  for (size_t at = 0; (at = html.find('&', at)) != std::string::npos; ++at)
    require(html.find(';', at) - at <= 5, "foreign text opens an entity");
}

void check_json(const std::string& text) {
  const std::string made = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  const std::string out = json_text(made);
  require(json::parse(out) == json::parse(made), "JSON is read as another");
  require(shown(out) == out, "JSON holds what may not be shown");
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text = text_of(data + 1, size - 1), plain = shown(text);
  require(!steers(plain) && is_utf8(plain), "shown text steers a terminal");
  require(shown(plain) == plain, "shown text, shown again, is another");
  const std::string cut = shown(text, data[0]);
  require(cut.size() <= size_t{4} * data[0] + 3, "shown text is longer than it may be");
  check_csv(text, plain);
  check_html(text);
  check_json(text);
  return 0;
}
