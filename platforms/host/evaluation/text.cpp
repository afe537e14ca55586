// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/text.h"

#include <cstdint>
#include <cstdio>

namespace vitro::host {

namespace {

constexpr size_t kShown = 60;  // characters of foreign text in a sentence

/// The length of the UTF-8 character at `at`, which is put into `point`; 0 if there is none.
size_t decode(const std::string& text, size_t at, uint32_t& point) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0u;
  };
  const uint32_t lead = byte(0);
  const size_t length = lead < 0x80       ? 1
                        : lead >> 5 == 6  ? 2
                        : lead >> 4 == 14 ? 3
                        : lead >> 3 == 30 ? 4
                                          : 0;
  if (length == 0) return 0;
  point = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  return point < kLeast[length] || point > 0x10ffff || surrogate ? 0 : length;
}

bool shows(uint32_t point) {
  const bool control =
      point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
  const bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
                     point == 0x200e || point == 0x200f;
  return !control && !turns;
}

}  // namespace

std::string printable(const std::string& text, size_t most) {
  std::string out;
  size_t characters = 0;
  for (size_t at = 0; at < text.size(); ++characters) {
    if (characters == most) return out + "...";
    uint32_t point = 0;
    const size_t length = decode(text, at, point);
    if (length > 0 && shows(point))
      out.append(text, at, length);
    else
      out += '?';
    at += length > 0 ? length : 1;
  }
  return out;
}

std::string in_quotes(const std::string& text) { return "'" + printable(text, kShown) + "'"; }

std::string csv_field(const std::string& text) {
  std::string field = printable(text);
  if (!field.empty() && std::string("=+-@").find(field[0]) != std::string::npos)
    field.insert(0, 1, '\'');
  if (field.find_first_of(",\"") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

}  // namespace vitro::host
