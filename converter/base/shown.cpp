// SPDX-License-Identifier: Apache-2.0
#include "converter/base/shown.h"

#include <cstdint>
#include <cstdio>

namespace vitro {

namespace {

constexpr size_t kQuoted = 100;  // most characters of foreign text in a sentence

/// The length of the UTF-8 character at `at`, whose code is put into `point`; 0 if there is none.
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

struct Points {
  uint32_t first, last;
};

// Unicode's categories Cc, Zl and Zp, and those characters of Cf that reverse text, hide in it, or
// carry a second, invisible text (Unicode Technical Report 36). Joiners (U+200C, U+200D) are not
// here, because Indian scripts and emoji need them.
constexpr Points kUnseen[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x061c, 0x061c}, {0x180e, 0x180e},
    {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f}, {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe007f},
};

bool seen(uint32_t point) {
  for (const Points& points : kUnseen)
    if (point >= points.first && point <= points.last) return false;
  return true;
}

// With these characters a formula begins in spreadsheets; some accept their full-width forms too.
bool begins_a_formula(const std::string& field) {
  for (const char* sign :
       {"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"})
    if (field.compare(0, std::string(sign).size(), sign) == 0) return true;
  return false;
}

}  // namespace

std::string shown(const std::string& text, size_t most) {
  std::string out;
  size_t characters = 0;
  for (size_t at = 0; at < text.size(); ++characters) {
    if (characters == most) return out + "...";
    uint32_t point = 0;
    const size_t length = decode(text, at, point);
    if (length > 0 && seen(point))
      out.append(text, at, length);
    else
      out += '?';
    at += length > 0 ? length : 1;
  }
  return out;
}

std::string in_quotes(const std::string& text) { return "'" + shown(text, kQuoted) + "'"; }

std::string csv_field(const std::string& text) {
  std::string field = shown(text);
  if (begins_a_formula(field)) field.insert(0, 1, '\'');
  if (field.find_first_of(",;\"") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : shown(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string json_text(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    uint32_t point = 0;
    const size_t length = decode(json, at, point);
    if (length == 0 || point < 0x7f || seen(point)) {  // below 0x7f, JSON has escaped it already
      out.append(json, at, length > 0 ? length : 1);
    } else {
      char escape[16];
      if (point < 0x10000) {
        std::snprintf(escape, sizeof escape, "\\u%04x", point);
      } else {
        std::snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
                      0xdc00 + (point & 0x3ff));
      }
      out += escape;
    }
    at += length > 0 ? length : 1;
  }
  return out;
}

}  // namespace vitro
