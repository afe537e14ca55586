// SPDX-License-Identifier: Apache-2.0
// Text files of lines and of comma-separated fields, read strictly and line by line.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace vitro::host {

/// "line 3 ", for the third of a file's lines, whose index is 2.
std::string at_line(size_t index);

/// Calls `each` with every line and its index, without line ends, byte order mark and empty lines
/// at the end. Throws InputError, also for an empty file, one larger than 64 MiB, and what is not
/// text.
void for_each_line(const std::string& path,
                   const std::function<void(size_t index, const std::string& line)>& each);

/// The fields of one CSV line; a quoted one may hold commas and, doubled, quotes. False if a quote
/// is out of place.
bool split_csv_line(const std::string& line, std::vector<std::string>& fields);

/// Calls `each` for every line after the header with the fields of the named columns, which the
/// header has in any order. Throws InputError, also when there is no such line.
void for_each_csv_row(
    const std::string& path, const std::vector<std::string>& columns,
    const std::function<void(size_t index, const std::vector<std::string>& fields)>& each);

}  // namespace vitro::host
