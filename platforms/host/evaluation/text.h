// SPDX-License-Identifier: Apache-2.0
// Foreign text, made safe for where it is shown: file names and labels may hold anything.
#pragma once

#include <string>
#include <vector>

namespace vitro::host {

/// UTF-8 as it is, but '?' for control characters, bytes that are no UTF-8, and marks that turn the
/// direction of writing; longer text ends in "...".
std::string printable(const std::string& text, size_t most = std::string::npos);

/// Within single quotes, printable and short, for a sentence; names may be in any language.
std::string in_quotes(const std::string& text);

/// A field of a CSV, printable, quoted where it must be. One that a spreadsheet would take for a
/// formula gets an apostrophe in front.
std::string csv_field(const std::string& text);

/// Printable, for HTML's text and double-quoted attributes.
std::string html_text(const std::string& text);

/// 12.345 as "12.35": fixed point, for people.
std::string fixed(double value, int digits);

}  // namespace vitro::host
