// SPDX-License-Identifier: Apache-2.0
// Foreign text on terminals, in CSV, HTML and JSON.
#include "converter/base/shown.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/base/error.h"

namespace vitro {
namespace {

TEST(Shown, ReadableTextStaysAsItIs) {
  for (const char* text :
       {"", "bird", "ein Vögelchen", "鳥", "پرنده", "🐦", "क्‍ष", "a\u200cb", " ~!'\"<>&"})
    EXPECT_EQ(shown(text), text);
}

TEST(Shown, NothingSteersATerminal) {
  EXPECT_EQ(shown("\x1b[31mred\x1b]0;title\x07\x9b"
                  "2J"),
            "?[31mred?]0;title??2J");
  EXPECT_EQ(shown("two\nlines\r\tand\x7f\b"), "two?lines??and??");
  EXPECT_EQ(shown(std::string("zero\0byte", 9)), "zero?byte");
  EXPECT_EQ(shown("\xc2\x9b"
                  "31m"),
            "?31m");  // CSI in eight bits, as UTF-8
  EXPECT_EQ(shown("a\xe2\x80\xa8"
                  "b\xe2\x80\xa9"),
            "a?b?");  // separators of lines, of paragraphs
}

TEST(Shown, NothingTurnsRoundOrHides) {
  for (const char* mark : {"\u061c", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060",
                           "\u2066", "\u2069", "\u00ad", "\ufeff", "\U000e0041", "\ufff9"})
    EXPECT_EQ(shown(std::string("gpj.") + mark + "exe"), "gpj.?exe") << mark;
  EXPECT_EQ(shown("\u2029\u202f"), "?\u202f");
}

TEST(Shown, BytesThatAreNoUtf8) {
  EXPECT_EQ(shown("\xff\xfe"), "??");
  EXPECT_EQ(shown("\xc0\xaf"), "??");            // an overlong slash
  EXPECT_EQ(shown("\xed\xa0\x80"), "???");       // a surrogate
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "????");  // beyond Unicode
  EXPECT_EQ(shown("\xe9\xb3"), "??");            // cut short
  EXPECT_EQ(shown("\xe9\xb3"
                  "a"),
            "??a");
}

TEST(Shown, CountsCharactersAndNotBytes) {
  EXPECT_EQ(shown("äöü", 3), "äöü");
  EXPECT_EQ(shown("äöü!", 3), "äöü...");
  EXPECT_EQ(in_quotes(std::string(101, 'x')), "'" + std::string(100, 'x') + "...'");
}

TEST(Shown, CsvFieldsAreNoFormulas) {
  for (const char* start : {"=", "+", "-", "@", "＝", "＋", "－", "＠"})
    EXPECT_EQ(csv_field(std::string(start) + "1"), std::string("'") + start + "1");
  EXPECT_EQ(csv_field("a;b"), "\"a;b\"");
  EXPECT_EQ(csv_field("=a,\"b\"\n"), "\"'=a,\"\"b\"\"?\"");
  EXPECT_EQ(csv_field("1=1"), "1=1");
}

TEST(Shown, HtmlIsTextAndAttributes) {
  EXPECT_EQ(html_text("<b a=\"x\" b='y'>&\x1b"), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;?");
}

TEST(Shown, MessagesEnd) {
  EXPECT_EQ(std::string(InputError("f", std::string(9'994, 'a'), "r").what()).size(), 10'000u);
  const std::string longer = InputError("f", std::string(1'000'000, 'a'), "r").what();
  EXPECT_EQ(longer, "f: " + std::string(9'997, 'a') + "...");
}

TEST(Shown, JsonGivesEverythingBack) {
  const std::string hostile = "a\x1b\x7f\u009b31m\u202e\U000e0041é鳥🐦\u2028\"\\";
  const nlohmann::json object = {{"a", hostile}};
  const std::string text = json_text(object.dump());
  EXPECT_EQ(nlohmann::json::parse(text), object);
  EXPECT_EQ(text, "{\"a\":\"a\\u001b\\u007f\\u009b31m\\u202e\\udb40\\udc41é鳥🐦\\u2028\\\"\\\\\"}");
}

TEST(Shown, MessagesAreOneLine) {
  EXPECT_STREQ(InputError("a\nb\x1b[2J", "has \u202e", "do\x07").what(), "a?b?[2J: has ?; do?");
}

}  // namespace
}  // namespace vitro
