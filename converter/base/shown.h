// SPDX-License-Identifier: Apache-2.0
// The one way in which foreign text reaches a terminal or a page. File names, labels, names of
// tensors and ops, provenance: files and the network fill them, and they may hold anything.
#pragma once

#include <string>

namespace vitro {

/// UTF-8 as it is, but '?' for control characters (C0, DEL, C1), line and paragraph separators,
/// bytes that are no UTF-8, and marks that turn the direction of writing or that nobody sees: so it
/// stays on its line and steers no terminal. More than `most` characters end in "...".
std::string shown(const std::string& text, size_t most = std::string::npos);

/// Within single quotes and short, for a sentence.
std::string in_quotes(const std::string& text);

/// A field of a CSV, shown, quoted where it must be. One that a spreadsheet would take for a
/// formula gets an apostrophe in front.
std::string csv_field(const std::string& text);

/// Shown, for HTML's text and quoted attributes.
std::string html_text(const std::string& text);

/// JSON of this program, of which a reader gets every byte back: what shown() would not show is
/// escaped.
std::string json_text(const std::string& json);

}  // namespace vitro
