// SPDX-License-Identifier: Apache-2.0
// The only way in which foreign text reaches a terminal or a page. File names, labels, names of
// tensors and ops, and provenance come from files and from the network, and may contain anything.
#pragma once

#include <string>

namespace vitro {

/// The text, with '?' for control characters (C0, DEL, C1), line and paragraph separators, bytes
/// that are not UTF-8, and marks that change the direction of writing or are invisible. So it stays
/// on its line and cannot control a terminal. After `most` characters it ends in "...".
std::string shown(const std::string& text, size_t most = std::string::npos);

/// The text, shown, shortened and in single quotes, for a sentence.
std::string in_quotes(const std::string& text);

/// The text, shown, as a field of a CSV, quoted where necessary. One that a spreadsheet would take
/// for a formula gets an apostrophe in front.
std::string csv_field(const std::string& text);

/// The text, shown, for text and quoted attributes in HTML.
std::string html_text(const std::string& text);

/// JSON of this program, with what shown() would not show escaped, so that a reader gets every byte
/// back.
std::string json_text(const std::string& json);

}  // namespace vitro
